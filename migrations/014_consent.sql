-- migrate:up

-- When a person was removed or given a lesser role: on a board, or on all of a workspace's. An invite
-- made before that gives them nothing; no invite outlives the row.
CREATE TABLE access_reductions (
  user_id      uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  workspace_id uuid NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  board_id     uuid REFERENCES boards(id) ON DELETE CASCADE,
  reduced_at   timestamptz(3) NOT NULL,
  UNIQUE NULLS NOT DISTINCT (user_id, workspace_id, board_id)
);
CREATE INDEX access_reductions_workspace_idx ON access_reductions (workspace_id);
CREATE INDEX access_reductions_board_idx ON access_reductions (board_id);
CREATE INDEX access_reductions_reduced_at_idx ON access_reductions (reduced_at);

-- Invites never make an owner. Those that would have are revoked, and kept.
UPDATE board_invites SET revoked_at = now() WHERE role = 'owner' AND revoked_at IS NULL;
ALTER TABLE board_invites
  ADD CONSTRAINT board_invites_no_owner CHECK (role <> 'owner' OR revoked_at IS NOT NULL);

-- A role in a workspace that a person has been offered and not yet accepted: by email for people
-- who join, who need no account yet; by id for the member whom the workspace is handed over to.
CREATE TABLE pending_memberships (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  workspace_id uuid NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  email        varchar(255),
  user_id      uuid REFERENCES users(id) ON DELETE CASCADE,
  role         varchar(50) NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
  invited_by   uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  expires_at   timestamptz(3) NOT NULL,
  CHECK (num_nonnulls(email, user_id) = 1)
);
CREATE UNIQUE INDEX pending_memberships_email_idx ON pending_memberships (workspace_id, email);
CREATE UNIQUE INDEX pending_memberships_transfer_idx ON pending_memberships (workspace_id)
  WHERE user_id IS NOT NULL;
CREATE INDEX pending_memberships_by_email_idx ON pending_memberships (email);
CREATE INDEX pending_memberships_user_id_idx ON pending_memberships (user_id);
CREATE INDEX pending_memberships_invited_by_idx ON pending_memberships (invited_by);
CREATE INDEX pending_memberships_expires_at_idx ON pending_memberships (expires_at);

-- Emails compare by their ASCII letters' lower case: the one folding that makes no two different
-- letters the same, as lower() does of the Kelvin sign and k.
CREATE INDEX users_folded_email_idx ON users (lower(email COLLATE "C"));

-- What the next value of a session was made with, and for whom: the same client gets the same
-- value again where the reply was lost.
ALTER TABLE session_retired_tokens
  ADD COLUMN salt bytea,
  ADD COLUMN ip inet,
  ADD COLUMN user_agent text;

-- Browsers load pictures with the page of everyone who sees them.
UPDATE users SET avatar_url = NULL WHERE avatar_url NOT ILIKE 'https://%';

-- migrate:down
ALTER TABLE session_retired_tokens
  DROP COLUMN user_agent,
  DROP COLUMN ip,
  DROP COLUMN salt;
DROP INDEX users_folded_email_idx;
DROP TABLE pending_memberships;
ALTER TABLE board_invites DROP CONSTRAINT board_invites_no_owner;
DROP TABLE access_reductions;
