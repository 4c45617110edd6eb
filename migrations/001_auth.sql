-- migrate:up
CREATE TABLE users (
  id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email          varchar(255) UNIQUE NOT NULL,
  name           varchar(255),
  avatar_url     text,
  oauth_provider varchar(50),
  oauth_id       varchar(255),
  created_at     timestamptz DEFAULT now(),
  updated_at     timestamptz DEFAULT now()
);

CREATE TABLE sessions (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id    uuid REFERENCES users(id) ON DELETE CASCADE,
  token      varchar(512) UNIQUE NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz DEFAULT now()
);

-- migrate:down
DROP TABLE sessions;
DROP TABLE users;
