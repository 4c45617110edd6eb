-- migrate:up

-- When a person last changed the board in these five minutes. Null where it was counted before this, or by an API of
-- the previous release.
ALTER TABLE board_activity
  ADD COLUMN last_at timestamptz;

-- migrate:down
ALTER TABLE board_activity
  DROP COLUMN last_at;
