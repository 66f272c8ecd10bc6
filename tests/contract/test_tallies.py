"""Stored sums: what the rows give, whatever was stored when, and never what was true before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import sqlalchemy
from msgspec.structs import replace

from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.records import SqlRecords
from acd.adapters.sql.tallies import Tallies
from acd.core.cdr_types import CallRecord, Source
from acd.core.events import CallOutcome, VisitOutcome
from metrics.cells import Cells
from metrics.dimensions import Dim, Row, Shape
from metrics.intervals import QUARTER_MS, Span
from tests.call_stories import T0_S, many_calls
from tests.contract.test_record_store import frames_of
from tests.ledger_rows import SHAPE, drawn_day, ms, stored

DAY = Span(ms("2026-11-20T00:00"), ms("2026-11-21T00:00"))
LATER_MS = DAY.to_ms + 86_400_000


def recomputed(rows: Sequence[Row], shape: Shape, span: Span) -> Cells:
    cells = Cells(shape)
    cells.fold(rows)
    for at in [each for each in cells.quarters if not span.holds(each)]:
        del cells.quarters[at]
    return cells


async def test_stored_sums_are_what_the_rows_give_and_are_computed_once(ledger_url: str) -> None:
    rows = drawn_day(5, 300, DAY.from_ms - 1_800_000, DAY.to_ms + 1_800_000)
    stored(rows, ledger_url).dispose()
    tallies = Tallies(ledger_url, SHAPE)
    expected = recomputed(rows, SHAPE, DAY).quarters
    assert (await tallies.cells(DAY, now_ms=LATER_MS)).quarters == expected
    assert tallies.computed == 96
    assert (await tallies.cells(DAY, now_ms=LATER_MS)).quarters == expected
    assert tallies.computed == 96
    queues = await tallies.cells(DAY, (Dim.QUEUE,), now_ms=LATER_MS)
    assert {dim for cells in queues.quarters.values() for dim, _ in cells} == {Dim.QUEUE}
    assert await tallies.check(DAY) == []
    await tallies.close()
    other = Tallies(ledger_url, replace(SHAPE, teams={"abe": "x"}))
    found = await other.cells(DAY, (Dim.TEAM,), now_ms=LATER_MS)
    assert set(found.by(DAY, Dim.TEAM)) == {"", "x"}
    assert other.computed == 96
    await other.close()


async def test_a_quarter_that_is_not_over_is_not_kept(ledger_url: str) -> None:
    rows = drawn_day(5, 50, DAY.from_ms, DAY.to_ms)
    stored(rows, ledger_url).dispose()
    tallies = Tallies(ledger_url, SHAPE)
    now_ms = DAY.from_ms + 40 * QUARTER_MS + 1
    await tallies.cells(DAY, now_ms=now_ms)
    await tallies.cells(DAY, now_ms=now_ms)
    assert tallies.computed == 96 + 56
    await tallies.close()


async def test_nothing_is_computed_of_the_time_before_the_ledger_began(ledger_url: str) -> None:
    rows = drawn_day(5, 20, DAY.from_ms + 36_000_000, DAY.from_ms + 37_800_000)
    stored(rows, ledger_url).dispose()
    tallies = Tallies(ledger_url, SHAPE)
    year = Span(DAY.to_ms - 365 * 86_400_000, DAY.to_ms)
    cells, _ = await tallies.report(year, (Dim.QUEUE,), [year], now_ms=LATER_MS)
    assert cells.sums(year) == recomputed(rows, SHAPE, year).sums(year)
    assert tallies.computed <= 96
    before = Span(year.from_ms, DAY.from_ms - 86_400_000)
    cells, _ = await tallies.report(before, (), [before], now_ms=LATER_MS)
    assert cells.quarters == {}
    await tallies.close()


async def test_rows_that_come_later_are_counted(ledger_url: str) -> None:
    store = SqlRecords(ledger_url)
    frames = frames_of(list(many_calls(120, gap_s=30.0)))
    half = len(frames) // 2
    await store.store("log", frames[:half])
    from_ms = int(T0_S) * 1000 // QUARTER_MS * QUARTER_MS
    span = Span(from_ms, from_ms + 8 * QUARTER_MS)
    tallies = Tallies(ledger_url, SHAPE)
    some = await tallies.cells(span, now_ms=span.to_ms)
    await store.store("log", frames[half:])
    whole = await tallies.cells(span, now_ms=span.to_ms)
    reader = LedgerReader(ledger_url)
    again = Cells(SHAPE)
    again.fold(await reader.figure_rows(span.from_ms, span.to_ms))
    assert whole.quarters == again.quarters
    assert some.sums(span).calls.offered < whole.sums(span).calls.offered == 120
    await reader.close()
    await store.close()
    await tallies.close()


@pytest.mark.requirement("M10")
async def test_calls_taken_over_from_the_switch_are_counted(ledger_url: str) -> None:
    rows = drawn_day(5, 60, DAY.from_ms, DAY.to_ms)
    stored(rows, ledger_url).dispose()
    tallies, store = Tallies(ledger_url, SHAPE), SqlRecords(ledger_url)
    before = (await tallies.cells(DAY, now_ms=LATER_MS)).sums(DAY)
    left = next(
        row for row in rows
        if isinstance(row, CallRecord) and row.outcome is CallOutcome.ABANDONED and not row.drill
    )  # fmt: skip
    taken = replace(left, outcome=CallOutcome.ANSWERED, source=Source.SWITCH)
    await store.take_over([taken], VisitOutcome.WITHDRAWN)
    after = (await tallies.cells(DAY, now_ms=LATER_MS)).sums(DAY)
    assert after.calls.count(CallOutcome.ANSWERED) == before.calls.count(CallOutcome.ANSWERED) + 1
    assert after.visits.abandoned == before.visits.abandoned - 1
    assert await tallies.check(DAY) == []
    await store.close()
    await tallies.close()


async def test_the_check_finds_sums_that_are_not_the_rows(ledger_url: str) -> None:
    rows = drawn_day(5, 200, DAY.from_ms, DAY.to_ms)
    engine = stored(rows, ledger_url)
    tallies = Tallies(ledger_url, SHAPE)
    cells = await tallies.cells(DAY, now_ms=LATER_MS)
    spoiled = max(at for at, by_key in cells.quarters.items() if (Dim.TRUNK, "carrier") in by_key)
    with engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("DELETE FROM tallies WHERE quarter_ms = :at AND dim = 'trunk'"),
            {"at": spoiled},
        )
    assert await tallies.check(DAY) == [spoiled]
    await tallies.close()
    engine.dispose()
