-- migrate:up

-- What quotas count: the boards of a workspace, in the trash or not, and the workspaces of a person.
CREATE INDEX boards_workspace_idx ON boards (workspace_id);
CREATE INDEX workspaces_owner_idx ON workspaces (owner_id);
CREATE INDEX workspaces_deleted_at_idx ON workspaces (deleted_at) WHERE deleted_at IS NOT NULL;

-- What is removed when entries of the audit log expire, and when an account is deleted.
CREATE INDEX audit_entries_created_at_idx ON audit_entries (created_at);
CREATE INDEX audit_entries_actor_idx ON audit_entries (actor_id);

-- migrate:down
DROP INDEX audit_entries_actor_idx;
DROP INDEX audit_entries_created_at_idx;
DROP INDEX workspaces_deleted_at_idx;
DROP INDEX workspaces_owner_idx;
DROP INDEX boards_workspace_idx;
