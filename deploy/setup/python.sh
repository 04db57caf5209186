#!/usr/bin/env bash
# Makes the Python environment of the interop test in the cache folder that all clones of this user share:
# $(python.sh path) says where.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
requirements="$here/../../tests/interop/requirements.txt"
environment="${XDG_CACHE_HOME:-$HOME/.cache}/baton/python-$(sha256sum "$requirements" | cut -c1-12)"
# Written last: an interrupted set-up is done again.
finished="$environment/baton-finished"

fetch() {
  # Debian's Python first: one that a version manager put on PATH may vanish.
  local python=/usr/bin/python3
  "$python" -c 'import ensurepip' 2>/dev/null || python=python3
  mkdir -p "$environment"
  "$python" -m venv --clear "$environment"
  if ! "$environment/bin/pip" install -q --disable-pip-version-check -r "$requirements"; then
    echo "setup: pip could not install what $requirements names" >&2
    echo "  it needs https://pypi.org (or an index in pip.conf); then run 'make setup-tests' again" >&2
    exit 1
  fi
  touch "$finished"
}

case "${1:-fetch}" in
  path) echo "$environment" ;;
  fetch)
    if [ -e "$finished" ]; then
      echo "setup: TaskFlow for the interop test: there, $environment"
      exit
    fi
    echo "setup: TaskFlow for the interop test: installing into $environment"
    # A venv holds its own path, so it cannot be renamed into place: one clone at a time instead.
    mkdir -p "$(dirname "$environment")"
    exec 9>"$environment.lock"
    flock 9
    [ -e "$finished" ] || fetch ;;
  *) echo "usage: $0 [fetch|path]" >&2; exit 2 ;;
esac
