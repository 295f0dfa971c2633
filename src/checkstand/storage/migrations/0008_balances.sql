-- Gift certificates. What is left of one is a counter that orders take from; the body says the rest of it. code_key is the code
-- without case.

CREATE TABLE gift_certificates (
    store_hash TEXT NOT NULL,
    certificate_id BIGINT NOT NULL,
    code_key TEXT NOT NULL,
    balance BIGINT NOT NULL CHECK (balance >= 0),
    status TEXT NOT NULL,
    order_id BIGINT NOT NULL,
    to_name TEXT NOT NULL,
    to_email TEXT NOT NULL,
    from_name TEXT NOT NULL,
    from_email TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, certificate_id)
);
CREATE UNIQUE INDEX gift_certificates_by_code ON gift_certificates (store_hash, code_key);

-- The credit a customer has left. NULL: the customer was stored before there was a counter, and the body says it.
ALTER TABLE customers ADD COLUMN store_credit BIGINT;

-- What somebody tried lately, each thing once, so that nobody guesses for long. The row with an empty what_hash is held while the
-- others are counted.
CREATE TABLE attempts (
    store_hash TEXT NOT NULL,
    who_hash TEXT NOT NULL,
    what_hash TEXT NOT NULL,
    tried_at BIGINT NOT NULL,
    PRIMARY KEY (store_hash, who_hash, what_hash)
);
CREATE INDEX attempts_by_age ON attempts (store_hash, tried_at);
