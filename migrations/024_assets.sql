-- migrate:up

-- Files beside documents: a row for bytes that the asset store has under `digest` and `id`. The bytes are
-- written before the row, and removed after it.
CREATE TABLE assets (
  id           uuid PRIMARY KEY,
  -- Whose quota it counts for. No foreign key: the bytes outlive a workspace until they are removed.
  workspace_id uuid NOT NULL,
  -- SHA-256.
  digest       bytea NOT NULL CHECK (octet_length(digest) = 32),
  bytes        bigint NOT NULL,
  content_type varchar(127) NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (workspace_id, digest) INCLUDE (bytes)
);

-- On which boards an asset is. Whoever may read the board may read it there, and nobody else.
CREATE TABLE board_assets (
  board_id      uuid NOT NULL REFERENCES boards(id) ON DELETE CASCADE,
  digest        bytea NOT NULL,
  -- Another id where the store lost the bytes and they were uploaded again.
  asset_id      uuid NOT NULL REFERENCES assets(id) ON UPDATE CASCADE,
  -- No foreign key: the file outlives the account.
  added_by      uuid NOT NULL,
  added_at      timestamptz NOT NULL DEFAULT now(),
  -- Since when neither the document nor a version was seen to name it; null while one does.
  unnamed_since timestamptz DEFAULT now(),
  PRIMARY KEY (board_id, digest)
);
CREATE INDEX board_assets_asset_idx ON board_assets (asset_id);
CREATE INDEX board_assets_added_by_idx ON board_assets (added_by);

-- When the document and the versions of a board with assets were last to be looked through for digests, and
-- how far the document had come when that was done last; -1 where a version has gone since.
CREATE TABLE asset_scans (
  board_id   uuid PRIMARY KEY REFERENCES boards(id) ON DELETE CASCADE,
  scanned_at timestamptz NOT NULL DEFAULT now(),
  seq        bigint NOT NULL DEFAULT -1
);
CREATE INDEX asset_scans_scanned_at_idx ON asset_scans (scanned_at);

-- Assets that left a board: each is removed unless it is on another, by whose workspace it is counted then.
-- One may be noted several times: who notes it waits for nobody who reads the same.
CREATE TABLE asset_reviews (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  asset_id uuid NOT NULL
);

CREATE FUNCTION note_asset_reviews() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO asset_reviews (asset_id) SELECT DISTINCT asset_id FROM gone;
  RETURN NULL;
END $$;
CREATE TRIGGER board_assets_gone AFTER DELETE ON board_assets
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION note_asset_reviews();

-- The quota that a workspace has in place of the one that all have, 0 for no limit.
ALTER TABLE workspaces ADD COLUMN max_asset_bytes bigint CHECK (max_asset_bytes >= 0);

-- When the store may next be looked through for bytes without a row, and for which incarnation of the
-- database: see `claimSweep`.
CREATE TABLE asset_sweeps (
  incarnation text PRIMARY KEY,
  due_at      timestamptz NOT NULL
);

-- The digests that a version names; null where it may name any.
ALTER TABLE board_versions ADD COLUMN asset_digests bytea[];

-- migrate:down
ALTER TABLE workspaces DROP COLUMN max_asset_bytes;
ALTER TABLE board_versions DROP COLUMN asset_digests;
DROP TABLE asset_sweeps;
DROP TABLE asset_reviews;
DROP TABLE asset_scans;
DROP TABLE board_assets;
DROP FUNCTION note_asset_reviews;
DROP TABLE assets;
