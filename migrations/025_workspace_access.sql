-- migrate:up

-- Rises in the transaction of every change that can alter somebody's access to the workspace. Another name than
-- on boards, which queries of the previous release join and name without their table.
ALTER TABLE workspaces ADD COLUMN membership_version bigint NOT NULL DEFAULT 1;

-- migrate:down
ALTER TABLE workspaces DROP COLUMN membership_version;
