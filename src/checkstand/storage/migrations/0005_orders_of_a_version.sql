-- Making an order of a checkout leaves its version alone, so the order is part of what a change compares.
ALTER TABLE checkouts ADD COLUMN order_id BIGINT NOT NULL DEFAULT 0;
UPDATE checkouts SET order_id = COALESCE((
    SELECT MAX(orders.order_id) FROM orders
    WHERE orders.store_hash = checkouts.store_hash AND orders.checkout_id = checkouts.checkout_id
), 0);

-- Which of the orders of one version it is: 1, and on in stores that make a new one each time they are asked.
ALTER TABLE orders ADD COLUMN repetition BIGINT NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX orders_by_version ON orders (store_hash, checkout_id, checkout_version, repetition);
DROP INDEX orders_by_checkout;
