"""Reports of a very large month: 1,000,000 calls, all in one month, from kept sums.

The ledger is written once (a minute, and two more until its sums are kept) and stays in the cache;
each report is made in a process of its own, as ``madoguchi report`` would, imports not counted.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from acd.bootstrap.switch import PROJECT
from tools.month_ledger import month_rows, write

CALLS = 1_000_000
FOLDER = PROJECT / ".cache" / "bench"
_ROUNDS = 3


def ledger(calls: int = CALLS) -> Path:
    """The ledger's file; it is made where it is missing, and never left half made."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"month-{calls}.sqlite"
    if not path.exists():
        half = path.with_suffix(".half")
        for each in FOLDER.glob(f"{half.name}*"):
            each.unlink()
        write(half, month_rows(calls))
        half.rename(path)
    return path


def figures(calls: int = CALLS) -> dict[str, float]:
    """The bench's figures about reports, by key: best of three."""
    path = ledger(calls)
    # What is kept already is not computed again.
    _measured(path, "fold")
    month = [_measured(path, "month") for _ in range(_ROUNDS)]
    day = [_measured(path, "day") for _ in range(_ROUNDS)]
    return {
        "month_report_s": min(one["seconds"] for one in month),
        "month_report_mib": max(one["peak_mib"] for one in month),
        "day_page_ms": 1000 * min(one["seconds"] for one in day),
    }


def _measured(path: Path, what: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tools.month_ledger", "--path", str(path), "--only", what]
    done = subprocess.run(command, check=True, capture_output=True, cwd=PROJECT)
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    for key, value in figures().items():
        print(f"{key}: {value:,.2f}")
