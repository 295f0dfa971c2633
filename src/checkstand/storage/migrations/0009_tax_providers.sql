-- What a store calls its tax providers with. Apart from the store's settings, since it holds secrets that no dump shows.
CREATE TABLE tax_connections (
    store_hash TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, provider_id)
);

-- What tax providers are to be told of orders, once each: a commit, and a void. What is done stays, with the provider's own
-- name for it, and is due never again.
CREATE TABLE tax_submissions (
    store_hash TEXT NOT NULL,
    order_id BIGINT NOT NULL,
    action TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    state TEXT NOT NULL,
    quote_id TEXT NOT NULL,
    error TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    lease TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, order_id, action)
);
-- Work is looked for in all stores at once.
CREATE INDEX tax_submissions_by_due ON tax_submissions (due_at);
