#!/usr/bin/env bash
# Makes Redis and its Sentinel available to the tests, beside the host system: no server is installed.
#
# Programs that the machine has are used as they are. Otherwise Debian's packages are fetched and
# unpacked, with the libraries that they need, into .cache/redis/root: installing them would start
# servers that nobody asked for. Tests start servers of their own from there.
set -euo pipefail
umask 022
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/unpack.sh"

HOME_DIR="$CACHE/redis"
ROOT="$HOME_DIR/root"
PACKAGES="redis-server redis-tools libjemalloc2 liblua5.1-0 liblzf1 libhiredis0.14 lua-bitop lua-cjson"
LEAVE_OUT="usr/share etc lib var"

there() {
  local libraries
  libraries="$(compgen -G "$1/usr/lib/*-linux-gnu" | paste -sd :)"
  [ -x "$1/usr/bin/redis-server" ] && LD_LIBRARY_PATH="$libraries" "$1/usr/bin/redis-server" --version >/dev/null
}

main() {
  if command -v redis-server >/dev/null || there "$ROOT"; then return; fi
  command -v apt-get >/dev/null ||
    die "Redis is needed by the tests and this is no Debian system: install redis-server by hand and run the command again."
  fetch_unpacked "Redis" 30 "fetching and unpacking its programs for the tests (about 5 s, 2 MB)"
}

main
