-- migrate:up

-- What the people who watch lists need to know of a change. The first is what it was done to; the
-- second names who was on boards themselves that are gone, because their rows went with the boards.
ALTER TABLE events
  ADD COLUMN target_id uuid,
  ADD COLUMN former_members uuid[];

-- migrate:down
ALTER TABLE events
  DROP COLUMN former_members,
  DROP COLUMN target_id;
