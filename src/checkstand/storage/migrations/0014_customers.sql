-- Customers sign in, and are looked for. Those that were there before are found by their id and e-mail alone until they are written again.

-- An e-mail is one whatever its case; where several customers have the same one but for case they keep theirs.
UPDATE customers SET email = LOWER(email) WHERE NOT EXISTS (
    SELECT 1 FROM customers AS other WHERE other.store_hash = customers.store_hash AND other.customer_id <> customers.customer_id
    AND LOWER(other.email) = LOWER(customers.email)
);
-- The cart that all sessions of the customer see.
ALTER TABLE customers ADD COLUMN cart_id TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN group_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN full_name TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN last_name TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN company TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN registration_ip_address TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN modified_at BIGINT NOT NULL DEFAULT 0;

-- Whose an address is, and what addresses are looked for by; the address itself stands in its customer's body.
CREATE TABLE customer_addresses (
    store_hash TEXT NOT NULL,
    address_id BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    full_name TEXT NOT NULL,
    company TEXT NOT NULL,
    PRIMARY KEY (store_hash, address_id)
);
CREATE INDEX customer_addresses_by_customer ON customer_addresses (store_hash, customer_id);

CREATE INDEX sessions_by_customer ON sessions (store_hash, customer_id);
CREATE INDEX sessions_by_age ON sessions (store_hash, expires_at);

-- Who may sign customers in by a token, or ask who is signed in, with the secret both sides sign with.
CREATE TABLE apps (
    store_hash TEXT NOT NULL,
    client_id TEXT NOT NULL,
    secret TEXT NOT NULL,
    PRIMARY KEY (store_hash, client_id)
);
