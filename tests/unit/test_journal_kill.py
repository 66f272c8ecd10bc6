"""The journal's promise at its hardest: what was acknowledged before ``kill -9`` is there after."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.spool import Spool, SpoolSize
from acd.app.journal import Journal, SnapshotPolicy

PROJECT = Path(__file__).parents[2]
SIZE = SpoolSize(total_bytes=4 * 2**20, reserve_bytes=2**18, segment_bytes=2**17)

#: Writes steps one by one, with snapshots in between, and acknowledges each on its output.
WRITER = """
import sys
from pathlib import Path
from itertools import count
from tests.call_stories import answered_call
from tests.unit.test_journal_kill import opened
spool, journal = opened(Path(sys.argv[1]))
for number in count(1):
    for step in answered_call(number):
        journal.write([step])
        print(journal.last_seq, flush=True)
        if journal.snapshot_due:
            journal.snapshot(b"engine", journal.book.snapshot(), journal.last_seq)
            spool.mark_stored(journal.last_seq)
"""


def opened(folder: Path) -> tuple[Spool, Journal]:
    """Spool and restored journal of a folder."""
    spool = Spool(folder, SIZE)
    journal = Journal(spool, SnapshotFiles(folder), policy=SnapshotPolicy(steps=50))
    journal.restore()
    return spool, journal


@pytest.mark.requirement("M4")
def test_every_acknowledged_step_survives_kill_9(tmp_path: Path) -> None:
    for life in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            cwd=PROJECT,
            env=os.environ | {"PYTHONPATH": str(PROJECT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        acknowledged = int(writer.stdout.readline())
        time.sleep(0.15 + 0.1 * life)
        os.kill(writer.pid, signal.SIGKILL)
        lines = writer.stdout.read().splitlines(keepends=True)
        writer.wait(timeout=10)
        whole = [int(line) for line in lines if line.endswith("\n")]
        acknowledged = max([acknowledged, *whole])
        spool, journal = opened(tmp_path)
        assert acknowledged <= journal.last_seq <= acknowledged + 1
        spool.close()
    assert acknowledged > 100
