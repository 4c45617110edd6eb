#!/usr/bin/env bash
# Writes the database into one file: DATABASE_URL=postgres://… deploy/backup.sh FILE
# With ASSETS_DIR it writes the files beside documents too, into FILE.assets; a bucket has backups of its own.
# The file contains the keys that sign access tokens: protect it like the database.
# A password in DATABASE_URL shows up in process lists; use PGPASSFILE to avoid that.
set -euo pipefail
: "${DATABASE_URL:?names the database}"
file=${1:?usage: backup.sh FILE}

umask 077
partial="$file.partial"
trap 'rm -f "$partial" "$file.assets.partial"' EXIT
pg_dump --dbname="$DATABASE_URL" --format=custom --no-owner --no-privileges --file="$partial"
# Read it back: a full disk leaves a truncated file.
pg_restore --file=/dev/null "$partial"
if [ -n "${ASSETS_DIR:-}" ]; then
  # After the database: what is uploaded meanwhile is in it too, which does no harm. 1 is that files were
  # removed meanwhile.
  tar --create --file="$file.assets.partial" --directory="$ASSETS_DIR" objects || [ $? = 1 ]
  tar --list --file="$file.assets.partial" >/dev/null
  mv "$file.assets.partial" "$file.assets"
fi
mv "$partial" "$file"
