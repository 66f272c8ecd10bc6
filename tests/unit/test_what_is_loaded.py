"""What is loaded before the work begins: a controller starts without planners' libraries."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("alembic", "matplotlib", "numba", "numpy", "openpyxl", "redis", "scipy")


def test_a_controller_starts_without_the_libraries_of_planners_and_workbooks() -> None:
    code = (
        "import sys, acd.bootstrap.centre, acd.bootstrap.interface, acd.cli.serve\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120
    )
    assert told.stdout.strip() == "[]"
