-- migrate:up

-- Quotas of one workspace in place of those that all have; 0 is no limit.
ALTER TABLE workspaces
  ADD COLUMN max_boards bigint CHECK (max_boards >= 0),
  ADD COLUMN max_storage_bytes bigint CHECK (max_storage_bytes >= 0);

-- migrate:down
ALTER TABLE workspaces
  DROP COLUMN max_storage_bytes,
  DROP COLUMN max_boards;
