"""A controller that begins to lead late on a busy day reads that day from either database, and one
that keeps sums reads each busy quarter: every row once, and few of them in memory at a time."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import Struct

from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.tallies import Tallies
from acd.bootstrap.figures import LedgerPast
from acd.bootstrap.records import Records
from acd.config.settings import Settings, StoreSettings
from acd.core.cdr_types import Record
from metrics.intervals import Span
from tests.fakes.postgres import Postgres
from tests.ledger_rows import SHAPE, drawn_day, ms, stored

DAY = Span(ms("2026-11-20T00:00"), ms("2026-11-21T00:00"))
RUSH = Span(ms("2026-11-20T09:00"), ms("2026-11-20T09:15"))
CALLS = 5_000
MOST_BYTES = 8_000_000


@pytest.fixture(scope="module")
def rows() -> Sequence[Struct]:
    return drawn_day(11, CALLS, RUSH.from_ms, RUSH.to_ms)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(
    request: pytest.FixtureRequest, rows: Sequence[Struct], postgres: Postgres, tmp_path: Path
) -> str:
    sqlite = request.param == "sqlite"
    found = sqlite_url(tmp_path / "ledger.sqlite") if sqlite else postgres.new_database()
    stored(rows, found).dispose()
    return found


async def test_every_row_comes_once_and_few_at_a_time(url: str, tmp_path: Path) -> None:
    records = Records(Settings(state_dir=tmp_path, store=StoreSettings(database_url=url)))
    past, pages = LedgerPast(url, records), list[int]()
    gc.collect()
    tracemalloc.start()
    try:
        await past.read(DAY.from_ms, DAY.to_ms, lambda page: pages.append(len(page)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES
    assert len(pages) > 5

    came: list[Record] = []
    await past.read(DAY.from_ms, DAY.to_ms, came.extend)
    reader = LedgerReader(url)
    assert came == await reader.figure_rows(DAY.from_ms, DAY.to_ms)
    assert len(came) == len(set(came)) == sum(pages)
    assert [row for row in came if type(row).__name__ == "CallRecord"] == await reader.calls(
        DAY.from_ms, DAY.to_ms
    )
    await reader.close()
    await records.close()


async def test_a_busy_quarter_s_sums_are_kept_without_holding_its_rows(url: str) -> None:
    tallies = Tallies(url, SHAPE)
    gc.collect()
    tracemalloc.start()
    try:
        assert await tallies.refresh(RUSH, now_ms=DAY.to_ms) == 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES
    assert await tallies.check(RUSH) == []
    await tallies.close()
