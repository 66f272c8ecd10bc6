#!/usr/bin/env bash
# Makes what breaks things for `make chaos` available, beside the host system: iptables, which cuts
# links between processes, and libfaketime, which steps the clock of one process alone.
#
# Both are fetched and unpacked into .cache/chaos/root; nothing is installed. Their rules and clocks
# hold in namespaces that the run makes for itself, and end with it.
set -euo pipefail
umask 022
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/unpack.sh"

HOME_DIR="$CACHE/chaos"
ROOT="$HOME_DIR/root"
PACKAGES="iptables libxtables12 libip4tc2 libip6tc2 libmnl0 libnftnl11 libfaketime"
LEAVE_OUT="usr/share"

there() { compgen -G "$1/usr/lib/*/faketime/libfaketimeMT.so.1" >/dev/null && [ -x "$1/usr/sbin/xtables-nft-multi" ]; }

main() {
  if there "$ROOT"; then return; fi
  command -v apt-get >/dev/null ||
    die "iptables and libfaketime are needed by the chaos run and this is no Debian system: unpack both below $ROOT by hand and run the command again."
  fetch_unpacked "iptables and libfaketime" 20 "fetching and unpacking them for the chaos run (about 5 s, 1 MB)"
}

main
