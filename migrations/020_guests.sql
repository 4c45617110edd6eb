-- migrate:up

-- The person that a guest turned out to be. What the guest drew is theirs, and goes by their name.
ALTER TABLE users ADD COLUMN merged_into uuid REFERENCES users(id) ON DELETE CASCADE;
CREATE INDEX users_merged_into_idx ON users (merged_into) WHERE merged_into IS NOT NULL;
-- Guests are removed once they have no session left.
CREATE INDEX users_guests_idx ON users (created_at) WHERE kind = 'guest' AND merged_into IS NULL;

-- migrate:down
DROP INDEX users_guests_idx;
DROP INDEX users_merged_into_idx;
ALTER TABLE users DROP COLUMN merged_into;
