# shellcheck shell=bash
# What the set-up scripts share: how they speak, fail, and run something long. Sourced, not run.

REPO="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
CACHE="$REPO/.cache"
LOG="$CACHE/setup.log"

say() { printf '%s\n' "$*"; }

die() {
  printf 'madoguchi: %s\n' "$*" >&2
  exit 1
}

need_root() { # need_root WHY
  [ "$(id -u)" = 0 ] || die "$1 needs root: run the same command with sudo or as root."
}

need_disk() { # need_disk MIB WHY
  local free_mib
  free_mib="$(df -Pm "$CACHE" | awk 'NR == 2 { print $4 }')"
  [ "$free_mib" -ge "$1" ] ||
    die "$2 needs $1 MiB on the disk that holds the project, and $free_mib MiB are free: make room and run the command again."
}

# What most likely went wrong, from the log of the command that failed: one sentence for a person.
diagnose() { # diagnose FROM_LINE WHAT
  local part
  part="$(tail -n "+$1" "$LOG")"
  case "$part" in
    *"No space left"*)
      die "$2 failed because the disk is full: make room and run the command again." ;;
    *"ertificate verif"* | *"CERTIFICATE_VERIFY"* | *"peer certificate"* | *"UnknownIssuer"* | *"SSLError"*)
      die "$2 failed on a certificate: if your network has its own certificate authority, set SSL_CERT_FILE and PIP_CERT to its file and run the command again (details: $LOG)." ;;
    *"resolve"* | *"resolving"* | *"Connection"* | *"connect"* | *"unreachable"* | *"timed out"* | *"Failed to fetch"* | *"dns error"*)
      die "$2 failed because the package registry could not be reached: check the network or proxy settings and run the command again (details: $LOG)." ;;
    *"no installation candidate"* | *"Unable to locate package"* | *"does not have a Release file"*)
      die "$2 failed because the Debian mirror does not have a package or suite that is needed (details: $LOG)." ;;
    *"Could not get lock"*)
      die "$2 failed because another package manager is at work: wait for it and run the command again." ;;
  esac
  tail -n 15 <<<"$part" >&2
  die "$2 failed; the lines above and $LOG say why."
}

# Runs a command with its output in the log, and a dot each second on a terminal.
quietly() { # quietly WHAT COMMAND...
  local what="$1" from pid status=0
  shift
  mkdir -p "$CACHE"
  [ -f "$LOG" ] || : >"$LOG"
  from="$(($(wc -l <"$LOG") + 1))"
  printf '%s\n' "== $what: $*" >>"$LOG"
  "$@" >>"$LOG" 2>&1 </dev/null &
  pid=$!
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  if [ -t 2 ]; then
    while sleep 1 && kill -0 "$pid" 2>/dev/null; do printf '.' >&2; done
    printf '\n' >&2
  fi
  wait "$pid" || status=$?
  trap - INT TERM
  [ "$status" = 0 ] || diagnose "$((from + 1))" "$what"
}
