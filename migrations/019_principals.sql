-- migrate:up

-- Whoever may come in is a user: a person, somebody with a link and no account, a person of a product that
-- embeds boards, a program. An identity is (oauth_provider, oauth_id) for all of them.
ALTER TABLE users
  ADD COLUMN kind varchar(16) NOT NULL DEFAULT 'person',
  ADD CONSTRAINT users_kind_check CHECK (kind IN ('person', 'guest', 'app_user', 'key')) NOT VALID,
  ALTER COLUMN email DROP NOT NULL,
  ADD CONSTRAINT users_email_of_people CHECK (kind <> 'person' OR email IS NOT NULL) NOT VALID;

-- The session that a session was made with, and ends with: a key's.
ALTER TABLE sessions
  ADD COLUMN parent_id uuid REFERENCES sessions(id) ON DELETE CASCADE;
CREATE INDEX sessions_parent_id_idx ON sessions (parent_id) WHERE parent_id IS NOT NULL;

-- A key is a session that lasts, and whose value nobody replaces.
CREATE TABLE keys (
  id           uuid PRIMARY KEY REFERENCES sessions(id) ON DELETE CASCADE,
  -- What acts. It outlives the key, so that history can name it.
  user_id      uuid NOT NULL UNIQUE REFERENCES users(id) ON DELETE CASCADE,
  workspace_id uuid NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  scopes       text[] NOT NULL,
  -- Null for all boards of the workspace.
  board_ids    uuid[],
  created_by   uuid REFERENCES users(id) ON DELETE SET NULL,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  last_used_at timestamptz(3)
);
CREATE INDEX keys_workspace_idx ON keys (workspace_id, created_at DESC, id DESC);
CREATE INDEX keys_created_by_idx ON keys (created_by);

-- The scopes of a key on a board; null for whoever is none, and for a key of other boards.
CREATE FUNCTION key_scopes(person uuid, board uuid, workspace uuid) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT scopes FROM keys
    WHERE user_id = person AND workspace_id = workspace
      AND (board_ids IS NULL OR board = ANY (board_ids))
  );
END
$$;

-- What guests may become at most, whatever a link says.
ALTER TABLE workspaces
  ADD COLUMN guests varchar(8) NOT NULL DEFAULT 'edit',
  ADD CONSTRAINT workspaces_guests_check
    CHECK (guests IN ('off', 'view', 'comment', 'edit')) NOT VALID;

-- Who has a link's token has the role for as long as the link lives. token holds its SHA-256 (hex).
CREATE TABLE board_links (
  id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  board_id       uuid NOT NULL REFERENCES boards(id) ON DELETE CASCADE,
  token          varchar(64) NOT NULL UNIQUE,
  role           varchar(16) NOT NULL CHECK (role IN ('editor', 'commenter', 'viewer')),
  label          varchar(255),
  -- scrypt, with its parameters and salt.
  password       text,
  expires_at     timestamptz(3),
  -- Since when connections know that it has expired.
  end_announced_at timestamptz(3),
  revoked_at     timestamptz(3),
  uses           integer NOT NULL DEFAULT 0,
  last_opened_at timestamptz(3),
  created_by     uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  created_at     timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX board_links_board_idx ON board_links (board_id, created_at DESC, id DESC);
CREATE INDEX board_links_created_by_idx ON board_links (created_by);
CREATE INDEX board_links_ending_idx ON board_links (expires_at)
  WHERE expires_at IS NOT NULL AND end_announced_at IS NULL AND revoked_at IS NULL;

-- What a link gave to whom.
CREATE TABLE link_grants (
  id        uuid NOT NULL DEFAULT gen_random_uuid(),
  user_id   uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  board_id  uuid NOT NULL REFERENCES boards(id) ON DELETE CASCADE,
  link_id   uuid NOT NULL REFERENCES board_links(id) ON DELETE CASCADE,
  -- The link's; "nameless" for a guest who has given no name and may only look.
  role      varchar(16) NOT NULL CHECK (role IN ('editor', 'commenter', 'viewer', 'nameless')),
  -- Whether the workspace's setting for guests bounds it.
  as_guest  boolean NOT NULL,
  opened_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, board_id, link_id)
);
CREATE INDEX link_grants_link_idx ON link_grants (link_id);
CREATE INDEX link_grants_board_idx ON link_grants (board_id, opened_at DESC, id DESC);

-- The most that links give somebody on a board now; null for nothing.
CREATE FUNCTION link_role(person uuid, board uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT (ARRAY['nameless', 'viewer', 'commenter', 'editor'])[max(
      CASE WHEN as_guest THEN least(strength, most) ELSE strength END
    )]
    FROM (
      SELECT g.as_guest,
        array_position(ARRAY['nameless', 'viewer', 'commenter', 'editor'], g.role::text) AS strength,
        CASE w.guests WHEN 'view' THEN 2 WHEN 'comment' THEN 3 WHEN 'edit' THEN 4 ELSE 0 END AS most
      FROM link_grants g
      JOIN board_links l ON l.id = g.link_id
      JOIN boards b ON b.id = g.board_id
      JOIN workspaces w ON w.id = b.workspace_id
      WHERE g.user_id = person AND g.board_id = board
        AND l.revoked_at IS NULL AND (l.expires_at IS NULL OR l.expires_at > now())
    ) AS given
  );
END
$$;

-- migrate:down
DROP FUNCTION link_role;
DROP TABLE link_grants;
DROP TABLE board_links;
ALTER TABLE workspaces DROP COLUMN guests;
DROP FUNCTION key_scopes;
DROP TABLE keys;
DROP INDEX sessions_parent_id_idx;
ALTER TABLE sessions DROP COLUMN parent_id;
DELETE FROM users WHERE kind <> 'person';
ALTER TABLE users
  DROP CONSTRAINT users_email_of_people,
  ALTER COLUMN email SET NOT NULL,
  DROP COLUMN kind;
