# shellcheck shell=bash
# Programs out of Debian's packages, unpacked beside the host system: nothing is installed, so no
# server starts that nobody asked for. Sourced, after common.sh, by scripts that set HOME_DIR (a
# folder of the cache), PACKAGES, LEAVE_OUT (what of them is not kept) and define `there ROOT`.

unpack() {
  local part
  apt-get update -q || true
  rm -rf "$HOME_DIR/debs" && mkdir -p "$HOME_DIR/debs"
  # shellcheck disable=SC2086  # a list of names
  (cd "$HOME_DIR/debs" && apt-get download -q $PACKAGES)
  rm -rf "$ROOT.new" && mkdir -p "$ROOT.new"
  for deb in "$HOME_DIR"/debs/*.deb; do dpkg-deb -x "$deb" "$ROOT.new"; done
  for part in $LEAVE_OUT; do rm -rf "${ROOT:?}.new/$part"; done
  rm -rf "$HOME_DIR/debs"
  there "$ROOT.new"
  rm -rf "$ROOT" && mv -T "$ROOT.new" "$ROOT"
}

fetch_unpacked() { # fetch_unpacked NAME MEGABYTES_OF_DISK WHAT_IS_SAID
  mkdir -p "$HOME_DIR"
  need_disk "$2" "$1"
  say "$1: $3"
  export -f there unpack
  export HOME_DIR ROOT PACKAGES LEAVE_OUT
  quietly "Fetching $1" bash -euo pipefail -c unpack
}
