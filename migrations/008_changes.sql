-- migrate:up

-- The outbox: what changed, written in the transaction of the change. Readers go by seq, which is
-- given out after commit by one publisher at a time: a row that committed late gets a late number,
-- so a reader that goes by "greater than the last seen" misses none.
CREATE TABLE events (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  seq          bigint UNIQUE,
  type         varchar(64) NOT NULL,
  workspace_id uuid,
  board_id     uuid,
  user_id      uuid,
  data         jsonb NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  published_at timestamptz
);
CREATE SEQUENCE events_seq OWNED BY events.seq;
CREATE INDEX events_unpublished_idx ON events (created_at) WHERE published_at IS NULL;

-- Who did what, when and from where. No foreign keys: a record outlives what it tells of.
CREATE TABLE audit_entries (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  workspace_id uuid,
  action       varchar(64) NOT NULL,
  actor_id     uuid NOT NULL,
  target_type  varchar(32) NOT NULL,
  target_id    uuid NOT NULL,
  changes      jsonb NOT NULL,
  ip           inet,
  user_agent   text,
  request_id   varchar(64),
  created_at   timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX audit_entries_workspace_idx ON audit_entries (workspace_id, created_at DESC, id DESC);

-- The answer to a request that may be sent again, written with what the request did.
CREATE TABLE idempotency_keys (
  user_id      uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  key          varchar(255) NOT NULL,
  -- SHA-256 (hex) of method, path and body: the same key for another request is an error.
  fingerprint  varchar(64) NOT NULL,
  body         jsonb NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

-- A key is published before it signs, and verifies for as long as tokens it signed may live.
ALTER TABLE signing_keys
  ADD COLUMN activates_at timestamptz NOT NULL DEFAULT now();

-- migrate:down
ALTER TABLE signing_keys DROP COLUMN activates_at;
DROP TABLE idempotency_keys;
DROP TABLE audit_entries;
DROP TABLE events;
