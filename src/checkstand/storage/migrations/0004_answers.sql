-- Answers to requests with an Idempotency-Key, kept for a day. Status 0: the request is still being answered.

CREATE TABLE answers (
    store_hash TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    claimed_at BIGINT NOT NULL,
    status BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, key_hash)
);
CREATE INDEX answers_by_age ON answers (store_hash, claimed_at);
