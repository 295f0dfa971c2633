-- Codes of coupon promotions: a promotion may have very many, so they do not stand with the store's settings. A code is found
-- without case, and a store has it once; its id is none of the store's coupons'. A promotion counts its uses where coupons do, under
-- its id below 0.

CREATE TABLE promotion_codes (
    store_hash TEXT NOT NULL,
    code_id BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    code_key TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, code_id)
);
CREATE UNIQUE INDEX promotion_codes_by_key ON promotion_codes (store_hash, code_key);
CREATE INDEX promotion_codes_by_promotion ON promotion_codes (store_hash, promotion_id, code_id);

-- How often a customer has ordered.
ALTER TABLE orders ADD COLUMN customer_id BIGINT NOT NULL DEFAULT 0;
UPDATE orders SET customer_id = COALESCE((
    SELECT checkouts.customer_id FROM checkouts
    WHERE checkouts.store_hash = orders.store_hash AND checkouts.checkout_id = orders.checkout_id
), 0);
CREATE INDEX orders_by_customer ON orders (store_hash, customer_id);
