-- Every key starts with store_hash and a transaction touches one store, so that the data can be spread by store.
-- The types are those SQLite and PostgreSQL share (SQLite keeps a BYTEA as the blob it is given). Times are whole
-- microseconds since 1970 in UTC. A body is the JSON of a domain Struct.

CREATE TABLE stores (
    store_hash TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    secret TEXT NOT NULL,
    body BYTEA NOT NULL
);

CREATE TABLE hosts (
    store_hash TEXT NOT NULL,
    host TEXT NOT NULL,
    PRIMARY KEY (store_hash, host)
);
CREATE INDEX hosts_by_host ON hosts (host);

CREATE TABLE tokens (
    store_hash TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (store_hash, token_hash)
);

CREATE TABLE sequences (
    store_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (store_hash, name)
);

CREATE TABLE products (
    store_hash TEXT NOT NULL,
    product_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    sku TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, product_id)
);
CREATE INDEX products_by_sku ON products (store_hash, sku);
CREATE UNIQUE INDEX products_by_name ON products (store_hash, name);

CREATE TABLE variants (
    store_hash TEXT NOT NULL,
    variant_id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    sku TEXT NOT NULL,
    PRIMARY KEY (store_hash, variant_id)
);
CREATE INDEX variants_by_product ON variants (store_hash, product_id);
CREATE INDEX variants_by_sku ON variants (store_hash, sku);

CREATE TABLE stock (
    store_hash TEXT NOT NULL,
    variant_id BIGINT NOT NULL,
    location_id BIGINT NOT NULL,
    units BIGINT NOT NULL CHECK (units >= 0),
    PRIMARY KEY (store_hash, variant_id, location_id)
);

CREATE TABLE customers (
    store_hash TEXT NOT NULL,
    customer_id BIGINT NOT NULL,
    email TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, customer_id)
);
CREATE UNIQUE INDEX customers_by_email ON customers (store_hash, email);

CREATE TABLE checkouts (
    store_hash TEXT NOT NULL,
    checkout_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, checkout_id)
);

CREATE TABLE orders (
    store_hash TEXT NOT NULL,
    order_id BIGINT NOT NULL,
    checkout_id TEXT NOT NULL,
    checkout_version BIGINT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, order_id)
);
CREATE UNIQUE INDEX orders_by_checkout ON orders (store_hash, checkout_id, checkout_version);

-- The outbox: what happened, written in the transaction in which it happened.
CREATE TABLE events (
    store_hash TEXT NOT NULL,
    event_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, event_id)
);

CREATE TABLE metafields (
    store_hash TEXT NOT NULL,
    metafield_id BIGINT NOT NULL,
    checkout_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    namespace TEXT NOT NULL,
    field_key TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, metafield_id)
);
CREATE UNIQUE INDEX metafields_by_key ON metafields (store_hash, checkout_id, owner, namespace, field_key);

CREATE TABLE sessions (
    store_hash TEXT NOT NULL,
    session_hash TEXT NOT NULL,
    checkout_id TEXT NOT NULL,
    customer_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (store_hash, session_hash)
);

-- Tokens that open one checkout: redirect URLs (used once) and checkout tokens (used a number of times).
CREATE TABLE passes (
    store_hash TEXT NOT NULL,
    pass_hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    checkout_id TEXT NOT NULL,
    uses_left BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (store_hash, pass_hash)
);

-- Storefront API tokens: signed, so kept only where one was revoked before it ran out.
CREATE TABLE revoked_tokens (
    store_hash TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (store_hash, token_hash)
);
