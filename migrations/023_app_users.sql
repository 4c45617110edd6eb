-- migrate:up

-- What a product that embeds boards calls a board of its workspace.
ALTER TABLE boards ADD COLUMN external_key varchar(255);
CREATE UNIQUE INDEX boards_external_key_idx ON boards (workspace_id, external_key)
  WHERE external_key IS NOT NULL;

-- An app user has one session with each key that mints tokens for them.
DROP INDEX sessions_parent_id_idx;
CREATE UNIQUE INDEX sessions_minted_idx ON sessions (parent_id, user_id) WHERE parent_id IS NOT NULL;

-- migrate:down
DROP INDEX sessions_minted_idx;
CREATE INDEX sessions_parent_id_idx ON sessions (parent_id) WHERE parent_id IS NOT NULL;
DROP INDEX boards_external_key_idx;
ALTER TABLE boards DROP COLUMN external_key;
