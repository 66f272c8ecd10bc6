#!/usr/bin/env bash
# Makes Kamailio available to the tests, beside the host system: no server is installed.
#
# A Kamailio that the machine has is used as it is. Otherwise Debian's package is fetched and
# unpacked, with the libraries that it needs, into .cache/kamailio/root.
set -euo pipefail
umask 022
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/unpack.sh"

HOME_DIR="$CACHE/kamailio"
ROOT="$HOME_DIR/root"
PACKAGES="kamailio libpcre3 libreadline8 libstdc++6"
LEAVE_OUT="usr/share etc var"

there() {
  local libraries
  libraries="$(compgen -G "$1/usr/lib/*-linux-gnu" | paste -sd :)"
  [ -x "$1/usr/sbin/kamailio" ] && LD_LIBRARY_PATH="$libraries" "$1/usr/sbin/kamailio" -v >/dev/null
}

main() {
  if command -v kamailio >/dev/null || there "$ROOT"; then return; fi
  command -v apt-get >/dev/null ||
    die "Kamailio is needed by a test and this is no Debian system: install it by hand and run the command again."
  fetch_unpacked "Kamailio" 60 "fetching and unpacking it for the tests (about 5 s, 10 MB)"
}

main
