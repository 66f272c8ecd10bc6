#!/usr/bin/env bash
# Makes Prometheus and promtool available to the tests, beside the host system: no service is
# installed.
#
# Programs that the machine has are used as they are. Otherwise Debian's package is fetched and
# unpacked into .cache/prometheus/root: installing it would start a server that nobody asked for, and
# bring the libraries of a web page that no test looks at.
set -euo pipefail
umask 022
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

HOME_DIR="$CACHE/prometheus"
ROOT="$HOME_DIR/root"

fetch() {
  apt-get update -q || true
  rm -rf "$HOME_DIR/debs" "$ROOT.new" && mkdir -p "$HOME_DIR/debs" "$ROOT.new"
  (cd "$HOME_DIR/debs" && apt-get download -q prometheus)
  dpkg-deb -x "$HOME_DIR"/debs/prometheus_*.deb "$ROOT.new"
  rm -rf "$HOME_DIR/debs" "$ROOT.new/usr/share" "$ROOT.new/etc" "$ROOT.new/lib"
  [ -x "$ROOT.new/usr/bin/promtool" ]
  rm -rf "$ROOT" && mv -T "$ROOT.new" "$ROOT"
}

main() {
  if command -v promtool >/dev/null && command -v prometheus >/dev/null; then return; fi
  [ ! -x "$ROOT/usr/bin/promtool" ] || return 0
  command -v apt-get >/dev/null ||
    die "Prometheus is needed by the tests and this is no Debian system: install prometheus and promtool by hand and run the command again."
  need_root "Fetching Prometheus's package"
  mkdir -p "$HOME_DIR"
  need_disk 300 "Prometheus"
  say "Prometheus: fetching and unpacking its programs for the tests (about 10 s, 20 MB)"
  export -f fetch
  export HOME_DIR ROOT
  quietly "Fetching Prometheus" bash -euo pipefail -c fetch
}

main
