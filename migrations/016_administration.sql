-- migrate:up

-- Since when a person may not sign in. They have no sessions then: whoever sets it ends them.
ALTER TABLE users ADD COLUMN disabled_at timestamptz(3);

-- What administrators did. No foreign keys: a record outlives whom it tells of.
CREATE TABLE admin_audit (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- The administrator's id, or what stands for one: "cli".
  actor       varchar(64) NOT NULL,
  action      varchar(64) NOT NULL,
  target_type varchar(32) NOT NULL,
  target_id   uuid NOT NULL,
  reason      text,
  changes     jsonb NOT NULL,
  request_id  varchar(64),
  created_at  timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX admin_audit_created_at_idx ON admin_audit (created_at DESC, id DESC);

-- Rows are added, and removed when they expire.
CREATE FUNCTION admin_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'entries of admin_audit never change';
END
$$;
CREATE TRIGGER admin_audit_append_only BEFORE UPDATE ON admin_audit
  FOR EACH STATEMENT EXECUTE FUNCTION admin_audit_is_append_only();

-- migrate:down
DROP TABLE admin_audit;
DROP FUNCTION admin_audit_is_append_only();
ALTER TABLE users DROP COLUMN disabled_at;
