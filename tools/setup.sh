#!/usr/bin/env bash
# Makes this checkout ready: Debian packages, the Python environment from uv.lock, a private Asterisk.
#
#   tools/setup.sh           everything (about three minutes the first time, well under a second after)
#   tools/setup.sh python    only the Python environment: enough for `make check`
#   tools/setup.sh prompts   the Python environment and what renders the spoken prompts
#
# It changes nothing outside the checkout but the Debian packages it says it installs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

PART="${1:-all}"
STAMP="$CACHE/setup-$PART.stamp"
# Without a Japanese font the screens' pictures would show boxes.
JAPANESE=/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
# The commands and files that each part looks for and the packages they come in, `command:package`.
case "$PART" in
  all) TOOLS="unshare:util-linux setpriv:util-linux nsenter:util-linux mmdebstrap:mmdebstrap sipp:sip-tester flac:flac systemd-analyze:systemd chromium:chromium $JAPANESE:fonts-noto-cjk" ;;
  prompts) TOOLS="flite:flite" ;;
  python) TOOLS="" ;;
  *) die "unknown part '$PART': say nothing, 'python' or 'prompts'." ;;
esac

# What the set-up depends on: when none of it has changed, there is nothing to do.
fingerprint() {
  cat "$REPO/uv.lock" "$REPO/pyproject.toml" "$REPO"/tools/*.sh | sha256sum | cut -d' ' -f1
}

is_done() {
  [ -x "$REPO/.venv/bin/python" ] && [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$1" ] || return 1
  [ "$PART" != all ] || [ -x "$CACHE/asterisk/root/usr/sbin/asterisk" ]
}

find_python() {
  local name
  for name in ${PYTHON:-} python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      "$name" -c 'import sys; print(sys.executable)'
      return
    fi
  done
  die "Python 3.11 or newer is needed and none was found: install it (Debian 12: apt-get install python3) or name one with PYTHON=/path/to/python3."
}

missing_packages() { # of the Debian packages needed for this part, those that are not there
  local entry
  "$PYTHON_FOUND" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  for entry in $TOOLS; do
    command -v "${entry%%:*}" >/dev/null || [ -e "${entry%%:*}" ] || echo "${entry##*:}"
  done
}

apt_install() {
  # A source that cannot be reached is no reason to stop: what is needed may come from another.
  apt-get update -q || true
  apt-get install -q -y --no-install-recommends "$@"
}

install_packages() {
  local packages
  packages="$(missing_packages | sort -u | paste -sd ' ')"
  [ -n "$packages" ] || return 0
  command -v apt-get >/dev/null ||
    die "these packages are missing and this is no Debian system: install $packages by hand and run the command again."
  need_root "Installing $packages"
  say "Debian packages: $packages (about a minute)"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086  # a list of names
  quietly "Installing $packages" apt_install $packages
}

make_environment() {
  local uv_version
  uv_version="$(awk '/^name = "uv"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' "$REPO/uv.lock")"
  if ! "$REPO/.venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "Python environment: .venv (about 20 s)"
    rm -rf "$REPO/.venv"
    quietly "python -m venv" "$PYTHON_FOUND" -m venv "$REPO/.venv"
  else
    say "Python environment: bringing .venv up to uv.lock"
  fi
  if [ "$("$REPO/.venv/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" != "$uv_version" ]; then
    quietly "pip install uv" "$REPO/.venv/bin/python" -m pip install -q --no-input "uv==$uv_version"
  fi
  cd "$REPO"
  unset VIRTUAL_ENV
  local groups=()
  [ "$PART" = prompts ] && groups=(--group prompts)
  # --inexact: one part does not take away what another has brought.
  UV_PYTHON_DOWNLOADS=never quietly "uv sync" \
    .venv/bin/uv sync --frozen --inexact --no-progress "${groups[@]}"
}

main() {
  local print
  print="$(fingerprint)"
  is_done "$print" && return
  [ "$(uname -s)" = Linux ] || die "this runs on Linux only; Debian 12 is what it is tested on."
  mkdir -p "$CACHE"
  exec 9>"$CACHE/setup.lock"
  flock 9 # a second set-up started meanwhile waits here, and then finds everything done
  is_done "$print" && return
  PYTHON_FOUND="$(find_python)"
  install_packages
  make_environment
  if [ "$PART" = all ]; then
    "$REPO/tools/asterisk-root.sh"
    "$REPO/tools/postgres.sh"
    "$REPO/tools/prometheus.sh"
    "$REPO/tools/redis.sh"
    "$REPO/tools/kamailio.sh"
    "$REPO/tools/stunnel.sh"
    "$REPO/tools/chaos-programs.sh"
    printf '%s\n' "$print" >"$CACHE/setup-python.stamp"
  fi
  printf '%s\n' "$print" >"$STAMP"
  [ "$PART" != all ] || say "Set up. Next: make demo, make up, make test (make help lists all)."
}

main
