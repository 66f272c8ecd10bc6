#!/usr/bin/env bash
# The core's tests on every supported Python that this machine has: the routing of a day must leave
# the same bytes on each. An environment of its own for each, by the lock file, gone afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/common.sh
source tools/common.sh

find_pythons() { # the newest of each version that the project names: of pyenv's, or else the machine's
  local each
  sed -n 's/.*Python :: \(3\.[0-9]*\)".*/\1/p' pyproject.toml | while read -r each; do
    compgen -G "${PYENV_ROOT:-$HOME/.pyenv}/versions/$each.*/bin/python" | sort -V | tail -n 1 |
      grep . || PATH=/usr/local/bin:/usr/bin command -v "python$each" || true
  done
}

mapfile -t pythons < <(find_pythons)
[ "${#pythons[@]}" -gt 0 ] || die "no supported Python was found: install one that pyproject.toml names."
for python in "${pythons[@]}"; do
  say "$("$python" --version)"
  .venv/bin/uv run --quiet --isolated --frozen --no-python-downloads --python "$python" \
    pytest -q -p no:cacheprovider tests/property
done
say "pythons: ${#pythons[@]} tried, the same bytes on each"
