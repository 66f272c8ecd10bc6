"""The generated month: so many calls, whole, and the same figures by both ways."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from metrics.cells import Cells
from metrics.intervals import Grain, span_of
from metrics.measures import figure
from tools.month_ledger import MONTH, SHAPE, ZONE, measure, month_rows, write


def test_a_small_month_is_whole_and_its_kept_sums_are_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "month.sqlite"
    rows = list(month_rows(600))
    assert write(path, rows) == len(rows)
    span = span_of(MONTH, Grain.MONTH, ZONE)
    cells = Cells(SHAPE)
    cells.fold(rows)  # type: ignore[arg-type]
    sums = cells.sums(span)
    assert sums.calls.offered == sum(sums.calls.outcomes.values()) == 600
    assert sums.visits.entered == sums.visits.answered + sums.visits.abandoned
    rate = figure("answer_rate_a", sums).value
    assert rate is not None
    assert 0.5 < rate < 1
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT COUNT(*) FROM calls").fetchone() == (600,)
    connection.close()
    assert measure(path, "fold")["computed"] == 30 * 96
    for what in ("month", "day"):
        assert measure(path, what)["figures"] > 300
    assert measure(path, "fold")["computed"] == 0


def test_the_same_seed_gives_the_same_month() -> None:
    assert list(month_rows(50)) == list(month_rows(50))
    assert list(month_rows(50)) != list(month_rows(50, seed=2))
