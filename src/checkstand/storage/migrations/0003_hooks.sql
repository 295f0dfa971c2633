-- Webhooks. Events wait in the outbox until they are fanned out: copied into the queue of each hook that listens, then deleted.

-- The order of what happened to one subject, whatever the clocks of the machines say.
ALTER TABLE events ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
CREATE INDEX events_by_position ON events (store_hash, position, event_id);

CREATE TABLE hooks (
    store_hash TEXT NOT NULL,
    hook_id BIGINT NOT NULL,
    client TEXT NOT NULL,
    scope TEXT NOT NULL,
    destination TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    idle_since BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, hook_id)
);

-- What waits for one hook about one subject is sent in order, by whoever holds the lease.
CREATE TABLE hook_queues (
    store_hash TEXT NOT NULL,
    hook_id BIGINT NOT NULL,
    subject TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    lease TEXT NOT NULL,
    PRIMARY KEY (store_hash, hook_id, subject)
);
-- Work is looked for in all stores at once.
CREATE INDEX hook_queues_by_due ON hook_queues (due_at);

CREATE TABLE hook_deliveries (
    store_hash TEXT NOT NULL,
    hook_id BIGINT NOT NULL,
    subject TEXT NOT NULL,
    position BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (store_hash, hook_id, subject, position)
);

-- The delivery log: one row for each call of a receiver.
CREATE TABLE hook_calls (
    store_hash TEXT NOT NULL,
    call_id TEXT NOT NULL,
    hook_id BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    scope TEXT NOT NULL,
    host TEXT NOT NULL,
    called_at BIGINT NOT NULL,
    milliseconds BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    status BIGINT NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (store_hash, call_id)
);
CREATE INDEX hook_calls_by_host ON hook_calls (store_hash, host, called_at);

CREATE TABLE hook_pauses (
    store_hash TEXT NOT NULL,
    host TEXT NOT NULL,
    paused_until BIGINT NOT NULL,
    PRIMARY KEY (store_hash, host)
);
