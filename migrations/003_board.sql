-- migrate:up
CREATE TABLE boards (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  workspace_id  uuid REFERENCES workspaces(id) ON DELETE CASCADE,
  name          varchar(255) NOT NULL,
  thumbnail_url text,
  created_by    uuid REFERENCES users(id),
  created_at    timestamptz DEFAULT now(),
  updated_at    timestamptz DEFAULT now(),
  deleted_at    timestamptz
);

CREATE TABLE board_members (
  board_id   uuid REFERENCES boards(id) ON DELETE CASCADE,
  user_id    uuid REFERENCES users(id) ON DELETE CASCADE,
  role       varchar(50) NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
  invited_by uuid REFERENCES users(id),
  joined_at  timestamptz DEFAULT now(),
  PRIMARY KEY (board_id, user_id)
);

CREATE TABLE board_invites (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  board_id   uuid REFERENCES boards(id) ON DELETE CASCADE,
  token      varchar(255) UNIQUE NOT NULL,
  role       varchar(50) NOT NULL,
  expires_at timestamptz,
  created_by uuid REFERENCES users(id),
  created_at timestamptz DEFAULT now()
);

-- migrate:down
DROP TABLE board_invites;
DROP TABLE board_members;
DROP TABLE boards;
