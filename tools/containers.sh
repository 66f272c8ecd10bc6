#!/usr/bin/env bash
# The containers of docker/, built and run on this machine.
#
#   tools/containers.sh test   build, run and try the stack for real; nothing of it is left running
#   tools/containers.sh up     the same stack left running for a person; Ctrl-C stops it (what it
#                              keeps is in volumes: the next start goes on with it)
#
# An engine that the machine has is used as it is; where there is none, Debian's is fetched into
# .cache/engine and run from there as root, with its own data and sockets (tools/engine.sh).
set -euo pipefail
umask 022
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"
. "$(dirname "${BASH_SOURCE[0]}")/engine.sh"
. "$(dirname "${BASH_SOURCE[0]}")/base-images.sh"

# A run that hangs is ended, with everything that it started.
TEST_LIMIT_S=2700
cd "$REPO"

build() {
  local began="$SECONDS"
  # A network with a certificate authority of its own: its file is handed to the build, as a secret.
  export MADOGUCHI_BUILD_CA="${MADOGUCHI_BUILD_CA:-${SSL_CERT_FILE:-/dev/null}}"
  say "building the images (some minutes the first time, seconds afterwards)"
  # With what every overlay adds, so that none is tried out with an image of yesterday.
  quietly "Building the images" docker compose -f docker/compose.yaml -f docker/cluster.yaml \
    -f docker/monitoring.yaml build
  say "built in $((SECONDS - began)) s:"
  docker image ls --format '  {{.Repository}} {{.Size}}' --filter reference='madoguchi/*:0.1.0'
}

ready() {
  engine_start
  say "container engine: $ENGINE"
  bases_ready
  build
}

try() {
  local status=0
  export COMPOSE_PROJECT_NAME=madoguchi-test MADOGUCHI_NET="${MADOGUCHI_NET:-172.30.78}"
  export COMPOSE_FILE=docker/compose.yaml:docker/trying.yaml
  export MADOGUCHI_WEB=127.0.0.1:0 MADOGUCHI_DRAIN_S=15 MADOGUCHI_STACK=1
  trap 'engine_stop' EXIT
  trap 'exit 130' INT TERM
  ready
  timeout --signal=INT --kill-after=60 "$TEST_LIMIT_S" \
    .venv/bin/pytest -q -p no:cacheprovider tests/containers "$@" || status=$?
  # While the engine is there that has the images.
  .venv/bin/python -m tools.sbom
  MADOGUCHI_AUDIT="${MADOGUCHI_AUDIT:-if-reachable}" .venv/bin/python -m tools.audit || status=$?
  # What a run that was ended by force has left; otherwise there is nothing any more.
  docker compose --profile '*' down -v --remove-orphans --timeout 5 >/dev/null 2>&1 || true
  [ "$status" = 0 ] || die "the containers failed (exit code $status); what is above says where."
  say "the containers were tried out in $SECONDS s; nothing of them runs any more (images are kept)."
}

stay() {
  SLEEPER=""
  export COMPOSE_FILE="${COMPOSE_FILE:-docker/compose.yaml:docker/trying.yaml}"
  local web="${MADOGUCHI_WEB:-127.0.0.1:8443}"
  trap 'docker compose --profile "*" down --timeout 45; engine_stop; [ -z "$SLEEPER" ] || kill "$SLEEPER"' EXIT
  trap 'exit 130' INT TERM
  ready
  say "starting"
  quietly "Starting the containers" docker compose up -d --wait
  docker compose exec -T -e LANG="${LANG:-}" -e LC_ALL="${LC_ALL:-}" controller \
    /opt/madoguchi/.venv/bin/python -m docker.controller.welcome "$web"
  say "Ctrl-C stops the containers; what they keep is there again at the next start."
  # Ctrl-C does not reach what runs in the background, and the lock is for as long as the engine runs.
  sleep infinity 8>&- &
  SLEEPER=$!
  wait "$SLEEPER"
}

main() {
  case "${1:-}" in
    test) shift; try "$@" ;;
    up) stay ;;
    *) die "say 'test' or 'up'." ;;
  esac
}

main "$@"
