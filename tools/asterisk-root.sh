#!/usr/bin/env bash
# Builds a private Asterisk 22 in .cache/asterisk/root, beside the host system and without touching it.
#
# Debian 12 has no asterisk package; the suite named below has. Its packages are fetched through the
# machine's own mirror and kept in .cache/asterisk/debs, so that the root can be built again after the
# suite has moved on, and without a network. The root is built aside and renamed when it is complete.
#
#   MADOGUCHI_DEBIAN_MIRROR   a Debian mirror, where the machine's apt sources name none (not Debian)
#   MADOGUCHI_DEBIAN_SUITE    the suite to take Asterisk from (default: sid)
set -euo pipefail
umask 022
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

HOME_DIR="$CACHE/asterisk"
ROOT="$HOME_DIR/root"
DEBS="$HOME_DIR/debs"
SUITE="${MADOGUCHI_DEBIAN_SUITE:-sid}"
INCLUDE="asterisk,asterisk-modules,asterisk-moh-opsound-wav,asterisk-core-sounds-en-wav,ca-certificates"
# The places that acd/adapters/asterisk/process.py mounts a run's folders on.
MOUNT_POINTS="/madoguchi/etc /madoguchi/run /madoguchi/sounds"

version_of() { chroot "$1" /usr/sbin/asterisk -V 2>/dev/null || true; }

check_version() { # check_version TEXT
  case "$1" in
    "Asterisk 22.10."*) ;;
    "Asterisk 22."*)
      say "Note: this is $1; madoguchi is proven with 22.10, and whispering to an operator is tried out before it is allowed on any other." ;;
    "") die "the Asterisk that was built does not start: remove $HOME_DIR and run the command again." ;;
    *) die "the Debian suite '$SUITE' now has $1, but Asterisk 22 is needed: set MADOGUCHI_DEBIAN_SUITE to a suite that has it." ;;
  esac
}

# A package index for the kept .debs, from what each package says of itself.
index_debs() {
  local deb
  for deb in "$DEBS.new"/*.deb; do
    dpkg-deb -f "$deb" | sed '/^$/d'
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${deb##*/}" "$(stat -c %s "$deb")" \
      "$(sha256sum "$deb" | cut -d' ' -f1)"
  done >"$DEBS.new/Packages"
}

bootstrap() { # bootstrap WHAT SOURCE-LINE EXTRA-OPTIONS...
  local what="$1" source="$2"
  shift 2
  # Documents in other languages, manuals and the like are left out: they are two fifths of the size.
  quietly "$what" unshare --mount --propagation private mmdebstrap --mode=root --variant=apt \
    --format=directory --include="$INCLUDE" \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Sandbox::User "root"' \
    --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' \
    --dpkgopt='force-unsafe-io' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --customize-hook='touch "$1"/etc/hosts "$1"/etc/resolv.conf' \
    --customize-hook="for place in $MOUNT_POINTS; do mkdir -p \"\$1\$place\"; done" \
    "$@" "$SUITE" "$ROOT.new" "$source"
}

fetch_and_build() {
  local source
  source="$(source_line "$SUITE")"
  say "Asterisk 22: fetching and unpacking a private copy (about a minute, 125 MB to fetch)"
  rm -rf "$DEBS.new" && mkdir -p "$DEBS.new"
  bootstrap "Fetching Asterisk" "$source" \
    --skip=download/empty --skip=essential/unlink --skip=cleanup/apt/cache \
    --customize-hook="cp \"\$1\"/var/cache/apt/archives/*.deb '$DEBS.new/'" \
    --customize-hook='rm -f "$1"/var/cache/apt/archives/*.deb'
  index_debs
  rm -rf "$DEBS" && mv "$DEBS.new" "$DEBS"
}

build_from_debs() {
  say "Asterisk 22: building the private copy from the kept packages (about 40 s)"
  bootstrap "Building Asterisk from the kept packages" "deb [trusted=yes] copy://$DEBS ./" \
    --hook-dir=/usr/share/mmdebstrap/hooks/file-mirror-automount
}

main() {
  if [ -x "$ROOT/usr/sbin/asterisk" ]; then
    check_version "$(version_of "$ROOT")"
    return
  fi
  need_root "Building the private Asterisk"
  mkdir -p "$HOME_DIR"
  need_disk 1500 "The private Asterisk"
  grep -qs " $ROOT.new" /proc/self/mountinfo && die "something is mounted below $ROOT.new: unmount it and run the command again."
  rm -rf --one-file-system "$ROOT.new"
  if [ -f "$DEBS/Packages" ]; then build_from_debs; else fetch_and_build; fi
  check_version "$(version_of "$ROOT.new")"
  mv -T "$ROOT.new" "$ROOT"
}

main
