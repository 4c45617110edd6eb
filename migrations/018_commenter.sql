-- migrate:up
ALTER TABLE board_members
  DROP CONSTRAINT board_members_role_check,
  ADD CONSTRAINT board_members_role_check
    CHECK (role IN ('owner', 'editor', 'commenter', 'viewer'));
ALTER TABLE board_invites
  DROP CONSTRAINT board_invites_role_check,
  ADD CONSTRAINT board_invites_role_check
    CHECK (role IN ('owner', 'editor', 'commenter', 'viewer'));

-- migrate:down
UPDATE board_members SET role = 'viewer' WHERE role = 'commenter';
UPDATE board_invites SET role = 'viewer' WHERE role = 'commenter';
ALTER TABLE board_members
  DROP CONSTRAINT board_members_role_check,
  ADD CONSTRAINT board_members_role_check CHECK (role IN ('owner', 'editor', 'viewer'));
ALTER TABLE board_invites
  DROP CONSTRAINT board_invites_role_check,
  ADD CONSTRAINT board_invites_role_check CHECK (role IN ('owner', 'editor', 'viewer'));
