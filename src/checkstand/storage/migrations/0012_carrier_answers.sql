-- What carriers answered, until it expires: for all processes, and beyond their end. A memory and nothing else.
CREATE TABLE carrier_answers (
    store_hash TEXT NOT NULL,
    checkout_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, checkout_id, fingerprint)
);
CREATE INDEX carrier_answers_by_expiry ON carrier_answers (store_hash, expires_at);

-- What a reader was last shown of a checkout, where that was more than it was written with.
CREATE TABLE shown_checkouts (
    store_hash TEXT NOT NULL,
    checkout_id TEXT NOT NULL,
    audience TEXT NOT NULL,
    shown_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, checkout_id, audience)
);
CREATE INDEX shown_checkouts_by_age ON shown_checkouts (store_hash, shown_at);
