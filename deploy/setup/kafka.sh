#!/usr/bin/env bash
# Brings Kafka's jars into the cache folder that all clones of this user share: $(kafka.sh path) says where.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
pom="$here/../dev/kafka/pom.xml"
# Keyed by the pom's content, so that another pin never finds the jars of this one.
libs="${XDG_CACHE_HOME:-$HOME/.cache}/baton/kafka-$(sha256sum "$pom" | cut -c1-12)/libs"

fetch() {
  # Written aside and renamed: an interrupted download never looks like a finished one.
  local aside
  mkdir -p "$(dirname "$libs")"
  aside="$(mktemp -d "$libs.XXXXXX")"
  if ! mvn -q -B -f "$pom" dependency:copy-dependencies -DoutputDirectory="$aside" >"$aside.log" 2>&1; then
    cat "$aside.log" >&2
    rm -rf "$aside" "$aside.log"
    echo "setup: Maven could not fetch Kafka's jars named by $pom" >&2
    echo "  it needs https://repo.maven.apache.org (or a mirror in ~/.m2/settings.xml); then run 'make setup' again" >&2
    exit 1
  fi
  rm -f "$aside.log"
  # Another clone may have been faster: then its jars serve.
  mv -T "$aside" "$libs" 2>/dev/null || rm -rf "$aside"
}

case "${1:-fetch}" in
  path) echo "$libs" ;;
  fetch)
    if [ -d "$libs" ]; then
      echo "setup: Kafka's jars: there, $libs"
    else
      echo "setup: Kafka's jars: fetching from Maven Central into $libs"
      fetch
    fi ;;
  *) echo "usage: $0 [fetch|path]" >&2; exit 2 ;;
esac
