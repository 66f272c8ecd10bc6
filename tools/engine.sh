# shellcheck shell=bash
# A container engine with compose: the machine's own where it has one, else one of Debian's packages,
# unpacked into .cache/engine and run from there with its own data, sockets and addresses. Sourced
# after common.sh and debian.sh.
#
#   engine_start   afterwards `docker` and `docker compose` work; $ENGINE says whose engine it is
#   engine_stop    ends an engine that engine_start began; the machine's own is left alone

ENGINE_HOME="$CACHE/engine"
ENGINE_ROOT="$ENGINE_HOME/root"
ENGINE_PID=""
# Debian 12 has compose 1; version 2 of a later suite needs nothing newer than Debian 12's libc.
PLUGIN_SUITE="${MADOGUCHI_PLUGIN_SUITE:-trixie}"

engine_fetch() {
  local source
  source="$(source_line "$PLUGIN_SUITE")"
  rm -rf "$ENGINE_HOME/debs" "$ENGINE_ROOT.new"
  mkdir -p "$ENGINE_HOME/debs" "$ENGINE_HOME/apt/lists/partial" "$ENGINE_ROOT.new"
  apt-get update -q || true
  (
    cd "$ENGINE_HOME/debs" || exit
    apt-get download -q docker.io containerd runc
    printf '%s\n' "$source" >"$ENGINE_HOME/apt/sources.list"
    later=(-o Dir::Etc::sourcelist="$ENGINE_HOME/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
      -o Dir::State::lists="$ENGINE_HOME/apt/lists" -o Dir::Cache="$ENGINE_HOME/apt"
      -o Acquire::Languages=none -o APT::Sandbox::User=root)
    apt-get -q "${later[@]}" update
    apt-get -q "${later[@]}" download docker-compose docker-buildx
  )
  for deb in "$ENGINE_HOME"/debs/*.deb; do dpkg-deb -x "$deb" "$ENGINE_ROOT.new"; done
  for plugin in docker-compose docker-buildx; do
    find "$ENGINE_ROOT.new/usr" -name "$plugin" -type f -perm -u+x -exec \
      install -D -m755 '{}' "$ENGINE_ROOT.new/config/cli-plugins/$plugin" \;
    [ -x "$ENGINE_ROOT.new/config/cli-plugins/$plugin" ]
  done
  rm -rf "$ENGINE_HOME/debs" "$ENGINE_HOME/apt" "$ENGINE_ROOT.new/usr/share"
  rm -rf "$ENGINE_ROOT" && mv -T "$ENGINE_ROOT.new" "$ENGINE_ROOT"
}

# What Debian's engine needs of the machine itself. Without iptables it starts, and no container finds
# another by its name.
engine_needs() {
  local missing=()
  command -v iptables >/dev/null || missing+=(iptables)
  ldconfig -p | grep -q libdevmapper.so.1.02.1 || missing+=(libdevmapper1.02.1)
  [ "${#missing[@]}" -gt 0 ] || return 0
  say "Debian packages: ${missing[*]} (a few seconds)"
  export -f engine_install
  DEBIAN_FRONTEND=noninteractive quietly "Installing ${missing[*]}" bash -euo pipefail -c \
    'engine_install "$@"' sh "${missing[@]}"
}

engine_install() {
  apt-get update -q || true
  apt-get install -q -y --no-install-recommends --no-upgrade "$@"
}

engine_run() { # starts dockerd and waits until it answers
  local sockets="$ENGINE_HOME/run" tries
  mkdir -p "$sockets"
  rm -f "$sockets/docker.pid"
  export DOCKER_HOST="unix://$sockets/docker.sock"
  # No rule of the machine's firewall is touched: images are built on the machine's own network, and
  # what is tried out stays on bridges of the project.
  # What it mounts is in a namespace of its own and gone with it. A second /sys that something laid over
  # the machine's hides the control groups: it is lifted there.
  # Ctrl-C is not for it: it is needed for stopping the containers in order.
  setsid setpriv --pdeathsig=TERM unshare --mount --propagation private sh -c \
    'while [ -z "$(ls -A /sys/fs/cgroup)" ] && umount -l /sys; do :; done; exec "$@"' sh \
    "$ENGINE_ROOT/usr/sbin/dockerd" --data-root "$ENGINE_HOME/data" --exec-root "$sockets/exec" \
    --pidfile "$sockets/docker.pid" -H "$DOCKER_HOST" --iptables=false --bridge=none \
    --default-address-pool base=172.29.0.0/16,size=24 >"$ENGINE_HOME/dockerd.log" 2>&1 </dev/null 8>&- &
  ENGINE_PID=$!
  for ((tries = 0; tries < 150; tries++)); do
    docker info >/dev/null 2>&1 && return
    kill -0 "$ENGINE_PID" 2>/dev/null || break
    sleep 0.2
  done
  tail -n 5 "$ENGINE_HOME/dockerd.log" >&2
  engine_stop
  die "the container engine does not start; the lines above and $ENGINE_HOME/dockerd.log say why."
}

engine_start() {
  if docker info >/dev/null 2>&1; then
    docker compose version >/dev/null 2>&1 ||
      die "this machine has docker, but not \`docker compose\` (version 2): install the package docker-compose-plugin (or docker-compose-v2) and run the command again."
    export ENGINE="the machine's own"
    return
  fi
  [ "$(id -u)" = 0 ] ||
    die "no container engine answers: start docker (and be in the group \`docker\`), or run the same command as root, which fetches one for the project alone."
  command -v apt-get >/dev/null ||
    die "no container engine answers and this is no Debian system: install docker and docker compose by hand, start it, and run the command again."
  mkdir -p "$ENGINE_HOME"
  exec 8>"$ENGINE_HOME/lock"
  flock -n 8 || die "another run of the containers is at work in this checkout: wait for its end."
  if [ ! -x "$ENGINE_ROOT/usr/sbin/dockerd" ]; then
    need_disk 400 "The container engine"
    say "Container engine: fetching Debian's docker and compose for the project alone (about 30 s, 90 MB)"
    export -f engine_fetch source_line find_mirror find_keyring die
    export ENGINE_HOME ENGINE_ROOT PLUGIN_SUITE
    DEBIAN_FRONTEND=noninteractive quietly "Fetching the container engine" bash -euo pipefail -c engine_fetch
  fi
  engine_needs
  export PATH="$ENGINE_ROOT/usr/bin:$ENGINE_ROOT/usr/sbin:$PATH"
  export DOCKER_CONFIG="$ENGINE_ROOT/config"
  engine_run
  export MADOGUCHI_BUILD_NETWORK=host
  export ENGINE="the project's own, of Debian's packages, in $ENGINE_HOME"
}

engine_stop() {
  [ -n "$ENGINE_PID" ] || return 0
  kill "$ENGINE_PID" 2>/dev/null || true
  wait "$ENGINE_PID" 2>/dev/null || true
  ENGINE_PID=""
}
