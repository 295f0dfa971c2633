-- What a store calls its tax providers with. Apart from the store's settings, since it holds secrets that no dump shows.
CREATE TABLE tax_connections (
    store_hash TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, provider_id)
);
