-- migrate:up
CREATE TABLE workspaces (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name       varchar(255) NOT NULL,
  type       varchar(50) NOT NULL CHECK (type IN ('personal', 'team')),
  owner_id   uuid REFERENCES users(id),
  created_at timestamptz DEFAULT now()
);

CREATE TABLE workspace_members (
  workspace_id uuid REFERENCES workspaces(id) ON DELETE CASCADE,
  user_id      uuid REFERENCES users(id) ON DELETE CASCADE,
  role         varchar(50) NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
  joined_at    timestamptz DEFAULT now(),
  PRIMARY KEY (workspace_id, user_id)
);

-- migrate:down
DROP TABLE workspace_members;
DROP TABLE workspaces;
