-- migrate:up

-- Which database this is: a restored backup has another system identifier or timeline than the database
-- it replaces, and so has a standby once it is promoted. Null where the role may not know; an error while
-- this is still a standby, which lags behind.
CREATE FUNCTION database_incarnation() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'the database is a standby' USING ERRCODE = 'cannot_connect_now';
  END IF;
  RETURN (SELECT system_identifier FROM pg_control_system())
    || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
EXCEPTION
  WHEN insufficient_privilege OR feature_not_supported THEN RETURN NULL;
END
$$;

-- migrate:down
DROP FUNCTION database_incarnation();
