-- migrate:up

-- Milliseconds are what the API shows, so a list that resumes after a shown time skips nothing.
ALTER TABLE workspaces
  ALTER COLUMN created_at TYPE timestamptz(3),
  ALTER COLUMN created_at SET NOT NULL;
ALTER TABLE workspace_members
  ALTER COLUMN joined_at SET NOT NULL;
ALTER TABLE boards
  ALTER COLUMN workspace_id SET NOT NULL,
  ALTER COLUMN created_at TYPE timestamptz(3),
  ALTER COLUMN created_at SET NOT NULL,
  ALTER COLUMN updated_at TYPE timestamptz(3),
  ALTER COLUMN updated_at SET NOT NULL,
  -- Rises in the transaction of every change that can alter somebody's access to the board.
  ADD COLUMN access_version bigint NOT NULL DEFAULT 1;
ALTER TABLE board_members
  ALTER COLUMN joined_at SET NOT NULL;

-- One personal workspace a person, however many first sign-ins race.
CREATE UNIQUE INDEX workspaces_personal_owner_idx ON workspaces (owner_id) WHERE type = 'personal';
CREATE INDEX workspace_members_user_id_idx ON workspace_members (user_id);
CREATE INDEX board_members_user_id_idx ON board_members (user_id);
-- The list of a workspace's boards, newest first, by keyset.
CREATE INDEX boards_workspace_updated_idx ON boards (workspace_id, updated_at DESC, id DESC)
  WHERE deleted_at IS NULL;

-- migrate:down
DROP INDEX boards_workspace_updated_idx;
DROP INDEX board_members_user_id_idx;
DROP INDEX workspace_members_user_id_idx;
DROP INDEX workspaces_personal_owner_idx;
ALTER TABLE board_members
  ALTER COLUMN joined_at DROP NOT NULL;
ALTER TABLE boards
  ALTER COLUMN workspace_id DROP NOT NULL,
  ALTER COLUMN created_at TYPE timestamptz,
  ALTER COLUMN created_at DROP NOT NULL,
  ALTER COLUMN updated_at TYPE timestamptz,
  ALTER COLUMN updated_at DROP NOT NULL,
  DROP COLUMN access_version;
ALTER TABLE workspace_members
  ALTER COLUMN joined_at DROP NOT NULL;
ALTER TABLE workspaces
  ALTER COLUMN created_at TYPE timestamptz,
  ALTER COLUMN created_at DROP NOT NULL;
