#!/usr/bin/env bash
# Docker's command line on what runs containers here: Docker where its daemon answers, else Podman, which root
# on Debian and Ubuntu gets installed. Without either it says so in one line and exits with 3.
set -euo pipefail

if docker info >/dev/null 2>&1; then exec docker "$@"; fi

fail() {
  echo "no containers here: $1" >&2
  exit 3
}
[ "$(uname)" = Linux ] || fail 'Docker does not answer'
if ! command -v podman >/dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail 'install Docker or Podman'
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get -o DPkg::Lock::Timeout=300 update -qq
    # crun, which Podman prefers, refuses version 1 of the cgroups.
    apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends podman runc
  } >&2 || fail 'Podman cannot be installed'
fi

# Other formats of images have no health check.
export BUILDAH_FORMAT=docker
options=()
# As with Docker, there is no scratch space beside a file system that is read-only.
run=(--read-only-tmpfs=false)
if [ "$(id -u)" = 0 ] && [ ! -d /run/systemd/system ]; then
  # Inside a container or a small virtual machine: nothing there hands out cgroups and mounts, and limits
  # can only be lowered.
  export BUILDAH_ISOLATION=chroot
  options=(--cgroup-manager cgroupfs --events-backend file)
  if command -v runc >/dev/null; then options+=(--runtime runc); fi
  run+=(--ulimit "nofile=$(ulimit -Hn):$(ulimit -Hn)" --ulimit nproc=4096:4096)
fi
if [ "${1:-}" = run ]; then set -- run "${run[@]}" "${@:2}"; fi
exec podman ${options[@]+"${options[@]}"} "$@"
