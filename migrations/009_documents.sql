-- migrate:up

-- tail_bytes is what board_updates holds of the board; the number of updates is seq - snapshot_seq.
ALTER TABLE board_documents
  ADD COLUMN tail_bytes bigint NOT NULL DEFAULT 0,
  -- Of all that was ever inserted, the part that is deleted: 0 to 1, as of the snapshot.
  ADD COLUMN tombstone_share real,
  ADD COLUMN compacted_at timestamptz,
  -- The snapshot cannot be read: the board does not load until a version takes its place.
  ADD COLUMN damaged_at timestamptz;
UPDATE board_documents d SET tail_bytes = coalesce(
  (SELECT sum(octet_length(update)) FROM board_updates u WHERE u.board_id = d.board_id), 0);

-- Boards whose tail wants merging, written in the transaction that made it so. due_at is the lease
-- while somebody is at it, and the delay of the next attempt after one that failed.
CREATE TABLE compaction_queue (
  board_id uuid PRIMARY KEY REFERENCES board_documents(board_id) ON DELETE CASCADE,
  due_at   timestamptz NOT NULL DEFAULT now(),
  attempts int NOT NULL DEFAULT 0
);
CREATE INDEX compaction_queue_due_at_idx ON compaction_queue (due_at);
INSERT INTO compaction_queue (board_id)
  SELECT board_id FROM board_documents WHERE seq - snapshot_seq >= 500 OR tail_bytes >= 1048576;

-- What was stored and cannot be applied, out of the way and kept.
CREATE TABLE quarantined_updates (
  board_id       uuid NOT NULL REFERENCES boards(id) ON DELETE CASCADE,
  -- Of an update its own number, of a snapshot that of the last update it held.
  seq            bigint NOT NULL,
  kind           varchar(16) NOT NULL CHECK (kind IN ('update', 'snapshot')),
  -- Who made the edit; null for a snapshot.
  user_id        uuid,
  update         bytea NOT NULL,
  reason         text NOT NULL,
  created_at     timestamptz NOT NULL,
  quarantined_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (board_id, seq, kind)
);
ALTER TABLE quarantined_updates ALTER COLUMN update SET STORAGE EXTERNAL;

-- Who changed a board when, in steps of five minutes: written when a compaction drops the updates
-- themselves. No foreign key to users: the record outlives the account.
CREATE TABLE board_activity (
  board_id   uuid NOT NULL REFERENCES boards(id) ON DELETE CASCADE,
  started_at timestamptz NOT NULL,
  user_id    uuid NOT NULL,
  updates    int NOT NULL,
  bytes      bigint NOT NULL,
  first_seq  bigint NOT NULL,
  last_seq   bigint NOT NULL,
  PRIMARY KEY (board_id, started_at, user_id)
);

-- The whole of a board at a moment. Automatic ones have no name.
CREATE TABLE board_versions (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  board_id   uuid NOT NULL REFERENCES boards(id) ON DELETE CASCADE,
  name       varchar(255),
  kind       varchar(16) NOT NULL CHECK (kind IN ('named', 'automatic')),
  seq        bigint NOT NULL,
  state      bytea NOT NULL,
  created_by uuid NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
ALTER TABLE board_versions ALTER COLUMN state SET STORAGE EXTERNAL;
CREATE INDEX board_versions_board_idx ON board_versions (board_id, created_at DESC, id DESC);

-- What is looked for when old rows are removed.
CREATE INDEX boards_deleted_at_idx ON boards (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);
CREATE INDEX session_retired_tokens_retired_at_idx ON session_retired_tokens (retired_at);

-- migrate:down
DROP INDEX session_retired_tokens_retired_at_idx;
DROP INDEX sessions_expires_at_idx;
DROP INDEX boards_deleted_at_idx;
DROP TABLE board_versions;
DROP TABLE board_activity;
DROP TABLE quarantined_updates;
DROP TABLE compaction_queue;
ALTER TABLE board_documents
  DROP COLUMN damaged_at,
  DROP COLUMN compacted_at,
  DROP COLUMN tombstone_share,
  DROP COLUMN tail_bytes;
