-- migrate:up

-- A board's document: everything up to snapshot_seq in one merged update, the rest in
-- board_updates. The row is the lock under which a board's sequence numbers are given out.
CREATE TABLE board_documents (
  board_id     uuid PRIMARY KEY REFERENCES boards(id) ON DELETE CASCADE,
  seq          bigint NOT NULL DEFAULT 0,
  snapshot     bytea,
  snapshot_seq bigint NOT NULL DEFAULT 0
);

CREATE TABLE board_updates (
  board_id   uuid NOT NULL REFERENCES board_documents(board_id) ON DELETE CASCADE,
  seq        bigint NOT NULL,
  -- Who made the edit. No foreign key: the edit outlives the account.
  user_id    uuid NOT NULL,
  update     bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (board_id, seq)
);
-- Yjs updates are dense already; compressing them costs CPU and saves next to nothing.
ALTER TABLE board_documents ALTER COLUMN snapshot SET STORAGE EXTERNAL;
ALTER TABLE board_updates ALTER COLUMN update SET STORAGE EXTERNAL;

INSERT INTO board_documents (board_id) SELECT id FROM boards;

-- migrate:down
DROP TABLE board_updates;
DROP TABLE board_documents;
