#!/usr/bin/env bash
# The core's tests on every supported Python that this machine has: the routing of a day must leave
# the same bytes on each. An environment of its own for each, by the lock file, gone afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/common.sh
source tools/common.sh

find_pythons() { # the newest of each minor version: on the path, and those that pyenv keeps
  local each
  for each in 3.11 3.12 3.13; do
    compgen -G "${PYENV_ROOT:-$HOME/.pyenv}/versions/$each.*/bin/python" | sort -V | tail -n 1 |
      grep . || PATH=/usr/local/bin:/usr/bin command -v "python$each" || true
  done
}

mapfile -t pythons < <(find_pythons)
[ "${#pythons[@]}" -gt 0 ] || die "no supported Python was found: install one of 3.11, 3.12, 3.13."
for python in "${pythons[@]}"; do
  say "$("$python" --version)"
  .venv/bin/uv run --quiet --isolated --frozen --no-python-downloads --python "$python" \
    pytest -q -p no:cacheprovider tests/property
done
say "pythons: ${#pythons[@]} tried, the same bytes on each"
