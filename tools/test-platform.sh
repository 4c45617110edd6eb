#!/usr/bin/env bash
# Runs the unit and gateway suites on what the images run on, Node 24 and Debian 13: in a container, on a copy of
# this checkout. `NODE_IMAGE=node:22-trixie-slim` takes another base, and arguments are
# another command to run there.
set -euo pipefail
cd "$(dirname "$0")/.."

containers=tools/containers.sh
command=${*:-npx vitest run --project unit --project integration src/ test/realtime/}

status=0
base=$(tools/container-base.sh) || status=$?
if [ "$status" = 3 ]; then
  echo '0 passed, 0 failed: the platform of the images was not tested'
  exit
fi
[ "$status" = 0 ] || exit "$status"
image=localhost/mindfuse-platform:${base##*:}

# Dependencies alone, so that a change of the code leaves them as they are.
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
git ls-files -z -- package-lock.json '*package.json' tools/build.cjs |
  tar --create --null --files-from=- | tar --extract --directory="$context"
before=$("$containers" image inspect --format '{{.Id}}' "$image" 2>/dev/null || true)
"$containers" build --quiet --pull=false --build-arg NODE_IMAGE="$base" --tag "$image" \
  --file test/platform/Dockerfile "$context" >/dev/null
after=$("$containers" image inspect --format '{{.Id}}' "$image")
if [ -n "$before" ] && [ "$before" != "$after" ]; then "$containers" rmi "$before" >/dev/null || true; fi

git ls-files -z --cached --others --exclude-standard |
  tar --create --null --files-from=- --ignore-failed-read |
  "$containers" run --rm --interactive --network=host "$image" \
    sh -ec "tar --extract; node --version; node tools/build.cjs; $command"
