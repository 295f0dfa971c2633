-- How often coupons were used: in all (customer '') and by each customer. A checkout uses a coupon once, however many orders
-- are made of it: coupon_uses holds the checkouts that were counted.

CREATE TABLE coupon_counters (
    store_hash TEXT NOT NULL,
    coupon_id BIGINT NOT NULL,
    customer TEXT NOT NULL,
    uses BIGINT NOT NULL,
    PRIMARY KEY (store_hash, coupon_id, customer)
);

CREATE TABLE coupon_uses (
    store_hash TEXT NOT NULL,
    coupon_id BIGINT NOT NULL,
    checkout_id TEXT NOT NULL,
    PRIMARY KEY (store_hash, coupon_id, checkout_id)
);
