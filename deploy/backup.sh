#!/usr/bin/env bash
# Writes everything that lasts into one file: DATABASE_URL=postgres://… deploy/backup.sh FILE
# The file contains the keys that sign access tokens: protect it like the database.
# A password in DATABASE_URL shows up in process lists; use PGPASSFILE to avoid that.
set -euo pipefail
: "${DATABASE_URL:?names the database}"
file=${1:?usage: backup.sh FILE}

umask 077
partial="$file.partial"
trap 'rm -f "$partial"' EXIT
pg_dump --dbname="$DATABASE_URL" --format=custom --no-owner --no-privileges --file="$partial"
# Read it back: a full disk leaves a truncated file.
pg_restore --file=/dev/null "$partial"
mv "$partial" "$file"
