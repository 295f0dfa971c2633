-- What orders are looked for by, beside their number. Orders that were there before are not found by an e-mail.
ALTER TABLE orders ADD COLUMN modified_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN email TEXT NOT NULL DEFAULT '';
UPDATE orders SET modified_at = created_at;

-- Goods of orders that lie ready at a location, or were collected there.
CREATE TABLE order_pickups (
    store_hash TEXT NOT NULL,
    pickup_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, pickup_id)
);
CREATE INDEX order_pickups_by_order ON order_pickups (store_hash, order_id);
