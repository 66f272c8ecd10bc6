#!/usr/bin/env bash
# Makes PostgreSQL's programs available to the tests, beside the host system: no server is installed.
#
# A PostgreSQL that the machine has is used as it is. Otherwise Debian's packages are fetched and
# unpacked into .cache/postgresql/root (installing them would start a server that nobody asked for);
# only the libraries that they need are installed. Tests start clusters of their own from there.
set -euo pipefail
umask 022
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

HOME_DIR="$CACHE/postgresql"
ROOT="$HOME_DIR/root"

there() { compgen -G "$1/usr/lib/postgresql/*/bin/initdb" >/dev/null; }

# The libraries that a package names; its compiler of queries is left out, since it is not used.
libraries_of() {
  dpkg-deb -f "$1" Depends | tr ',' '\n' | sed -E 's/^ *//; s/ .*//' |
    grep -E '^(lib|tzdata|zlib)' | grep -v '^libllvm' || true
}

fetch() {
  local version packages libraries
  apt-get update -q || true
  version="$(apt-cache depends postgresql | awk '/Depends: postgresql-[0-9]+$/ { print $2; exit }')"
  packages="$version ${version/postgresql/postgresql-client}"
  rm -rf "$HOME_DIR/debs" && mkdir -p "$HOME_DIR/debs"
  # shellcheck disable=SC2086  # a list of names
  (cd "$HOME_DIR/debs" && apt-get download -q $packages)
  libraries="$(for deb in "$HOME_DIR"/debs/*.deb; do libraries_of "$deb"; done | sort -u)"
  # shellcheck disable=SC2086
  apt-get install -q -y --no-install-recommends --no-upgrade $libraries
  rm -rf "$ROOT.new" && mkdir -p "$ROOT.new"
  for deb in "$HOME_DIR"/debs/*.deb; do dpkg-deb -x "$deb" "$ROOT.new"; done
  rm -rf "$HOME_DIR/debs" "$ROOT.new/usr/share/doc" "$ROOT.new/usr/share/man"
  there "$ROOT.new"
  rm -rf "$ROOT" && mv -T "$ROOT.new" "$ROOT"
}

main() {
  if there "" || there "$ROOT"; then return; fi
  command -v apt-get >/dev/null ||
    die "PostgreSQL's server programs are needed by the tests and this is no Debian system: install PostgreSQL by hand and run the command again."
  need_root "Fetching PostgreSQL's packages"
  mkdir -p "$HOME_DIR"
  need_disk 200 "PostgreSQL"
  say "PostgreSQL: fetching and unpacking its programs for the tests (about 20 s, 20 MB)"
  export DEBIAN_FRONTEND=noninteractive
  export -f there libraries_of fetch
  export HOME_DIR ROOT
  quietly "Fetching PostgreSQL" bash -euo pipefail -c fetch
}

main
