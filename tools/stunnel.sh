#!/usr/bin/env bash
# Makes stunnel available to the tests, beside the host system: no service is installed.
#
# A stunnel that the machine has is used as it is. Otherwise Debian's package is fetched and unpacked,
# with the libraries that it needs, into .cache/stunnel/root.
set -euo pipefail
umask 022
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/unpack.sh"

HOME_DIR="$CACHE/stunnel"
ROOT="$HOME_DIR/root"
PACKAGES="stunnel4 libwrap0 libnsl2 libtirpc3"
LEAVE_OUT="usr/share etc var"

there() {
  local libraries
  libraries="$(compgen -G "$1/usr/lib/*-linux-gnu" | paste -sd :)"
  [ -x "$1/usr/bin/stunnel" ] && LD_LIBRARY_PATH="$libraries" "$1/usr/bin/stunnel" -version 2>/dev/null
}

main() {
  if command -v stunnel >/dev/null || there "$ROOT"; then return; fi
  command -v apt-get >/dev/null ||
    die "stunnel is needed by a test and this is no Debian system: install it by hand and run the command again."
  fetch_unpacked "stunnel" 30 "fetching and unpacking it for the tests (about 5 s, 1 MB)"
}

main
