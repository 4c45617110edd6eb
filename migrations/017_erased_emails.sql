-- migrate:up

-- Entries that name an email, which is removed when the person is erased.
CREATE INDEX audit_entries_email_idx ON audit_entries ((changes ->> 'email')) WHERE changes ? 'email';

-- migrate:down
DROP INDEX audit_entries_email_idx;
