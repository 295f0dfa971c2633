-- Which products customs are told something of, so that a list of them need not read all products.
ALTER TABLE products ADD COLUMN has_customs BIGINT NOT NULL DEFAULT 0;
