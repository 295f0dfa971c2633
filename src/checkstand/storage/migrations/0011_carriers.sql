-- What a store calls its carriers with. Apart from the store's settings, since it may hold secrets that no dump shows.
CREATE TABLE carrier_connections (
    store_hash TEXT NOT NULL,
    carrier_id TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, carrier_id)
);
