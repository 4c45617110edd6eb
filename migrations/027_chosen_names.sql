-- migrate:up

-- The name that a person chose, which sign-ins do not replace, and what the provider calls them meanwhile. `name`
-- is what is shown: an API of the release before sets it to the provider's, and the next sign-in here mends that.
ALTER TABLE users
  ADD COLUMN chosen_name varchar(255),
  ADD COLUMN provider_name varchar(255);

-- migrate:down
ALTER TABLE users
  DROP COLUMN provider_name,
  DROP COLUMN chosen_name;
