# shellcheck shell=bash
# Where this machine gets Debian's packages from, for scripts that fetch from another suite. Sourced.

# The machine's own Debian mirror: apt reads every format of its sources for us.
find_mirror() {
  local mirror="${MADOGUCHI_DEBIAN_MIRROR:-}"
  if [ -z "$mirror" ]; then
    mirror="$(apt-get indextargets --no-release-info --format '$(COMPONENT) $(REPO_URI)' 2>/dev/null |
      awk '$1 == "main" && $2 ~ /debian/ && $2 !~ /security/ { print $2; exit }')"
  fi
  [ -n "$mirror" ] ||
    die "no Debian mirror was found in this machine's apt sources: name one with MADOGUCHI_DEBIAN_MIRROR=URL."
  printf '%s\n' "${mirror%/}"
}

# The keyring named in the machine's apt sources (both formats), else the archive's usual one, else none:
# then apt takes the keys that it trusts.
find_keyring() {
  local file
  for file in $(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
    grep -v '^ *#' | grep -oiE 'signed-by[:=] *[^] ]+' | sed -E 's/^[^:=]*[:=] *//' | grep '^/.*debian' || true) \
    /usr/share/keyrings/debian-archive-keyring.gpg; do
    if [ -r "$file" ]; then
      printf '%s\n' "$file"
      return
    fi
  done
}

source_line() { # source_line SUITE
  local mirror keyring
  mirror="$(find_mirror)" || return
  keyring="$(find_keyring)"
  printf 'deb %s%s %s main\n' "${keyring:+[signed-by=$keyring] }" "$mirror" "$1"
}

# Where the machine has security updates from; nothing where it has none.
security_line() { # security_line SUITE
  local mirror keyring
  mirror="$(apt-get indextargets --no-release-info --format '$(COMPONENT) $(REPO_URI)' 2>/dev/null |
    awk '$1 == "main" && $2 ~ /debian-security/ { print $2; exit }')"
  [ -n "$mirror" ] || return 0
  keyring="$(find_keyring)"
  printf 'deb %s%s %s-security main\n' "${keyring:+[signed-by=$keyring] }" "${mirror%/}" "$1"
}
