#!/usr/bin/env bash
# packages.sh [LIST]: installs the Debian packages of packages.txt, or of LIST, that are missing. Nothing missing: well
# under a second, no root needed.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
list="$here/${1:-packages.txt}"

wanted() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' -e 's/[[:space:]]//g' "$list"; }
installed() { { dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' 2>/dev/null || true; } | sed -n 's/^ii *//p'; }
missing() { comm -23 <(wanted | LC_ALL=C sort -u) <(installed | LC_ALL=C sort -u); }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -n "$@" || sudo "$@"
  else
    echo "setup: needs root to run: $*" >&2
    echo "  you are $(id -un) and there is no sudo" >&2
    echo "  run 'make setup' once as root, or install by hand: $(missing | tr '\n' ' ')" >&2
    exit 1
  fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o Dpkg::Use-Pty=0 "$@"; }

# apt knows every wanted package only after an update; one that ran before need not run again.
known_to_apt() {
  local package
  for package in "$@"; do
    apt-cache show "$package" >/dev/null 2>&1 || return 1
  done
}

# postgresql-15 would create a cluster and start it on port 5432: Baton starts its own.
no_default_cluster() {
  local folder=/etc/postgresql-common/createcluster.d
  if [ ! -e "$folder/baton.conf" ]; then
    as_root mkdir -p "$folder"
    echo "create_main_cluster = false  # Baton's make setup: its dev cluster is its own" \
      | as_root tee "$folder/baton.conf" >/dev/null
  fi
}

# invoke-rc.d starts a fresh service unless policy-rc.d says 101; an own policy of the machine stays as it is.
start_nothing() {
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap "as_root rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
}

main() {
  local packages
  mapfile -t packages < <(missing)
  if [ ${#packages[@]} = 0 ]; then
    echo "setup: Debian packages: all there"
    return
  fi
  if ! grep -q '^VERSION_ID="12"' /etc/os-release; then
    echo "setup: this is not Debian 12 (bookworm) and these packages are missing: ${packages[*]}" >&2
    echo "  Baton is built with Debian 12's versions; install them by hand or use a Debian 12 container" >&2
    exit 1
  fi
  echo "setup: Debian packages: installing ${#packages[@]}: ${packages[*]}"
  known_to_apt "${packages[@]}" || apt update
  no_default_cluster
  start_nothing
  # Lists that are old name versions the mirror has dropped: one more update then.
  apt install --no-install-recommends "${packages[@]}" || { apt update && apt install --no-install-recommends "${packages[@]}"; }
}

main
