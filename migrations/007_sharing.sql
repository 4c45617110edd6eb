-- migrate:up

-- What a person made outlives their account.
ALTER TABLE workspaces
  DROP CONSTRAINT workspaces_owner_id_fkey,
  ADD CONSTRAINT workspaces_owner_id_fkey
    FOREIGN KEY (owner_id) REFERENCES users(id) ON DELETE SET NULL,
  -- Rises with every change of the row: the ETag.
  ADD COLUMN version integer NOT NULL DEFAULT 1,
  ADD COLUMN updated_at timestamptz(3) NOT NULL DEFAULT now(),
  ADD COLUMN deleted_at timestamptz(3);

ALTER TABLE workspace_members
  ALTER COLUMN joined_at TYPE timestamptz(3);

ALTER TABLE boards
  DROP CONSTRAINT boards_created_by_fkey,
  ADD CONSTRAINT boards_created_by_fkey
    FOREIGN KEY (created_by) REFERENCES users(id) ON DELETE SET NULL,
  ALTER COLUMN deleted_at TYPE timestamptz(3),
  ADD COLUMN deleted_by uuid REFERENCES users(id) ON DELETE SET NULL,
  ADD COLUMN version integer NOT NULL DEFAULT 1;

ALTER TABLE board_members
  DROP CONSTRAINT board_members_invited_by_fkey,
  ADD CONSTRAINT board_members_invited_by_fkey
    FOREIGN KEY (invited_by) REFERENCES users(id) ON DELETE SET NULL,
  ALTER COLUMN joined_at TYPE timestamptz(3);

-- token holds the SHA-256 (hex) of the token in the link, never the token.
ALTER TABLE board_invites
  ALTER COLUMN board_id SET NOT NULL,
  ALTER COLUMN expires_at TYPE timestamptz(3),
  ALTER COLUMN expires_at SET NOT NULL,
  DROP CONSTRAINT board_invites_created_by_fkey,
  ADD CONSTRAINT board_invites_created_by_fkey
    FOREIGN KEY (created_by) REFERENCES users(id) ON DELETE CASCADE,
  ALTER COLUMN created_by SET NOT NULL,
  ALTER COLUMN created_at TYPE timestamptz(3),
  ALTER COLUMN created_at SET NOT NULL,
  ADD CONSTRAINT board_invites_role_check CHECK (role IN ('owner', 'editor', 'viewer')),
  ADD COLUMN email varchar(255),
  ADD COLUMN max_uses integer CHECK (max_uses > 0),
  ADD COLUMN uses integer NOT NULL DEFAULT 0,
  ADD COLUMN revoked_at timestamptz(3),
  ADD CONSTRAINT board_invites_uses_check CHECK (max_uses IS NULL OR uses <= max_uses);
CREATE INDEX board_invites_board_id_idx ON board_invites (board_id, created_at DESC, id DESC);
CREATE INDEX board_invites_created_by_idx ON board_invites (created_by);
CREATE INDEX boards_trash_idx ON boards (workspace_id, deleted_at DESC, id DESC)
  WHERE deleted_at IS NOT NULL;

-- migrate:down
DROP INDEX boards_trash_idx;
DROP INDEX board_invites_created_by_idx;
DROP INDEX board_invites_board_id_idx;
ALTER TABLE board_invites
  DROP CONSTRAINT board_invites_uses_check,
  DROP CONSTRAINT board_invites_role_check,
  DROP COLUMN revoked_at,
  DROP COLUMN uses,
  DROP COLUMN max_uses,
  DROP COLUMN email,
  ALTER COLUMN created_at DROP NOT NULL,
  ALTER COLUMN created_at TYPE timestamptz,
  ALTER COLUMN created_by DROP NOT NULL,
  DROP CONSTRAINT board_invites_created_by_fkey,
  ADD CONSTRAINT board_invites_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id),
  ALTER COLUMN expires_at DROP NOT NULL,
  ALTER COLUMN expires_at TYPE timestamptz,
  ALTER COLUMN board_id DROP NOT NULL;
ALTER TABLE board_members
  ALTER COLUMN joined_at TYPE timestamptz,
  DROP CONSTRAINT board_members_invited_by_fkey,
  ADD CONSTRAINT board_members_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES users(id);
ALTER TABLE boards
  DROP COLUMN version,
  DROP COLUMN deleted_by,
  ALTER COLUMN deleted_at TYPE timestamptz,
  DROP CONSTRAINT boards_created_by_fkey,
  ADD CONSTRAINT boards_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id);
ALTER TABLE workspace_members
  ALTER COLUMN joined_at TYPE timestamptz;
ALTER TABLE workspaces
  DROP COLUMN deleted_at,
  DROP COLUMN updated_at,
  DROP COLUMN version,
  DROP CONSTRAINT workspaces_owner_id_fkey,
  ADD CONSTRAINT workspaces_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id);
