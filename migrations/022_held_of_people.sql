-- migrate:up

-- What is held of a person: boards they made and invites to their email, which their deletion looks for as
-- well, and where they drew.
CREATE INDEX boards_created_by_idx ON boards (created_by);
CREATE INDEX board_activity_user_idx ON board_activity (user_id, board_id);
CREATE INDEX board_invites_email_idx ON board_invites (email) WHERE email IS NOT NULL;

-- migrate:down
DROP INDEX board_invites_email_idx;
DROP INDEX board_activity_user_idx;
DROP INDEX boards_created_by_idx;
