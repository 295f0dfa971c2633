-- Which mails somebody agreed to be sent, by address without case.
CREATE TABLE subscriptions (
    store_hash TEXT NOT NULL,
    email_key TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, email_key)
);
