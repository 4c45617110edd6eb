-- migrate:up

-- A person is (provider, subject). An email may change hands, so it identifies nobody.
ALTER TABLE users
  DROP CONSTRAINT users_email_key,
  ALTER COLUMN oauth_provider TYPE varchar(255),
  ALTER COLUMN oauth_provider SET NOT NULL,
  ALTER COLUMN oauth_id SET NOT NULL,
  ALTER COLUMN created_at SET NOT NULL,
  ALTER COLUMN updated_at SET NOT NULL,
  ADD COLUMN email_verified boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT users_identity_key UNIQUE (oauth_provider, oauth_id);
CREATE INDEX users_email_idx ON users (lower(email));

-- sessions.token holds the SHA-256 (hex) of the current value, never the value.
ALTER TABLE sessions
  ALTER COLUMN user_id SET NOT NULL,
  ALTER COLUMN created_at SET NOT NULL,
  ADD COLUMN rotated_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN revoked_at timestamptz,
  ADD COLUMN ip inet,
  ADD COLUMN user_agent text;
CREATE INDEX sessions_user_id_idx ON sessions (user_id);

-- Values a session had before. One that comes back long after its rotation was stolen.
CREATE TABLE session_retired_tokens (
  token      varchar(64) PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
  retired_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX session_retired_tokens_session_id_idx ON session_retired_tokens (session_id);

-- Keys that sign access tokens. Private keys stay between the API and Postgres.
CREATE TABLE signing_keys (
  kid         varchar(64) PRIMARY KEY,
  private_jwk jsonb NOT NULL,
  public_jwk  jsonb NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
DROP TABLE signing_keys;
DROP TABLE session_retired_tokens;
DROP INDEX sessions_user_id_idx;
ALTER TABLE sessions
  ALTER COLUMN user_id DROP NOT NULL,
  ALTER COLUMN created_at DROP NOT NULL,
  DROP COLUMN rotated_at,
  DROP COLUMN revoked_at,
  DROP COLUMN ip,
  DROP COLUMN user_agent;
DROP INDEX users_email_idx;
ALTER TABLE users
  DROP CONSTRAINT users_identity_key,
  DROP COLUMN email_verified,
  ALTER COLUMN created_at DROP NOT NULL,
  ALTER COLUMN updated_at DROP NOT NULL,
  ALTER COLUMN oauth_provider DROP NOT NULL,
  ALTER COLUMN oauth_provider TYPE varchar(50),
  ALTER COLUMN oauth_id DROP NOT NULL,
  ADD CONSTRAINT users_email_key UNIQUE (email);
