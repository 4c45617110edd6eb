#!/usr/bin/env bash
# Fills an empty database from a backup: DATABASE_URL=postgres://… deploy/restore.sh FILE
# With ASSETS_DIR it fills that from FILE.assets first. The database is restored as a whole or not at all.
# Stop gateways and APIs first: see docs/OPERATIONS.md.
set -euo pipefail
: "${DATABASE_URL:?names the database}"
file=${1:?usage: restore.sh FILE}

tables=$(psql --dbname="$DATABASE_URL" --no-psqlrc --tuples-only --no-align \
  --command="SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
if [ "$tables" != 0 ]; then
  echo "the database is not empty: it has $tables tables" >&2
  exit 1
fi
if [ -n "${ASSETS_DIR:-}" ]; then
  mkdir -p "$ASSETS_DIR"
  # What is there stays: no name ever stands for other bytes.
  tar --extract --file="$file.assets" --directory="$ASSETS_DIR" --skip-old-files
fi
pg_restore --dbname="$DATABASE_URL" --single-transaction --exit-on-error --no-owner \
  --no-privileges "$file"
# Without statistics the first hours are slow.
psql --dbname="$DATABASE_URL" --no-psqlrc --quiet --command='ANALYZE'
