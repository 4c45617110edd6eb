#!/usr/bin/env bash
# Writes everything that lasts into one file: DATABASE_URL=postgres://… deploy/backup.sh FILE
# The file holds the keys that sign access tokens: keep it as you keep the database.
# A password in DATABASE_URL is seen by whoever may list processes; PGPASSFILE keeps it out.
set -euo pipefail
: "${DATABASE_URL:?names the database}"
file=${1:?usage: backup.sh FILE}

umask 077
partial="$file.partial"
trap 'rm -f "$partial"' EXIT
pg_dump --dbname="$DATABASE_URL" --format=custom --no-owner --no-privileges --file="$partial"
# Reads it once more: a disk that was full has made half of one.
pg_restore --file=/dev/null "$partial"
mv "$partial" "$file"
