#!/usr/bin/env bash
# Every check that needs no Asterisk, one after the other; all are run even when one fails.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

failed=""

step() { # step NAME COMMAND...
  local name="$1" output
  shift
  if output="$("$@" 2>&1)"; then
    printf '  ok      %s\n' "$name"
  else
    printf '  FAILED  %s\n%s\n\n' "$name" "$output"
    failed="$failed $name,"
  fi
}

step "lint" .venv/bin/ruff check --quiet .
step "format" .venv/bin/ruff format --check --quiet .
step "shell scripts" .venv/bin/shellcheck -x -P SCRIPTDIR -e SC2016,SC2329 .ci/run tools/*.sh docker/*/run docker/*/healthy
step "types" .venv/bin/mypy
step "import contracts" .venv/bin/lint-imports --no-logo
step "tidiness" .venv/bin/pytest -q tests/tidy

if [ -n "$failed" ]; then
  printf 'make check: failed:%s after %s s\n' "${failed%,}" "$SECONDS" >&2
  exit 1
fi
printf 'make check: all well in %s s\n' "$SECONDS"
