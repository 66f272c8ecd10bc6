"""Reports twice: from kept sums, and from every row; equal to the last digit whatever happened."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from acd.adapters.report_folder import ReportFolder
from acd.adapters.report_writer import FileWriter
from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.records import SqlRecords
from acd.adapters.sql.tallies import Tallies
from acd.app.frames import encode
from acd.app.reports import Reports, Rules
from acd.app.sums_keeper import SumsKeeper
from acd.bootstrap.figures import LedgerSums
from acd.bootstrap.reports import LedgerRows
from acd.core.cdr_types import CallRecord, DispositionRecord, Record, Source
from acd.core.events import VisitOutcome
from acd.core.ids import AgentId, CallId, TimerToken
from acd.core.inputs import TimerFired
from acd.ports import Step
from metrics.contract import Contract
from metrics.dimensions import shape_of
from metrics.intervals import QUARTER_MS, Grain, Span, between, span_of
from metrics.report_make import Asked
from metrics.report_model import Kind, Report
from metrics.report_names import names_of
from metrics.report_rows import REACHING_MS, Peak, gathered
from tests.report_days import PLAN, TOKYO, at_ms, call, random_day, store

DAY = dt.date(2026, 11, 20)
AFTER_S = at_ms(DAY, 24 * 12) / 1000


def reports_over(folder: Path) -> Reports:
    rules = Rules(PLAN, names_of(PLAN), Contract())
    ledger = LedgerRows(sqlite_url(folder / "ledger.sqlite"))
    kept = ReportFolder(folder / "reports")
    return Reports(ledger, kept, FileWriter(), lambda: rules, lambda: AFTER_S)


async def correct(url: str, rows: list[Record], chance: random.Random) -> None:
    """What comes afterwards: a late class, a call that the switch saw otherwise, one more call."""
    calls = [row for row in rows if isinstance(row, CallRecord)]
    records = SqlRecords(url)
    try:
        for number in range(3):
            one = chance.choice(calls)
            step = Step(1.0, TimerFired(TimerToken(1)), [])
            mark = DispositionRecord(one.call, AgentId("op01"), one.closed_ms, "opinion", True)
            await records.store("test", [encode(100 + number, step, [mark], [])])
        other = chance.choice(calls)
        closed_ms = other.offered_ms + chance.randrange(5_000_000)
        taken = replace(other, closed_ms=closed_ms, source=Source.SWITCH)
        await records.take_over([taken], VisitOutcome.WITHDRAWN)
    finally:
        await records.close()
    await store(url, call("late", calls[0].offered_ms + 1), seq=900)


async def same_both_ways(folder: Path, seed: int, calls: int) -> list[Report]:
    url, chance = sqlite_url(folder / "ledger.sqlite"), random.Random(seed)
    rows = [
        *random_day(DAY - dt.timedelta(days=1), seed, calls),
        *random_day(DAY, seed + 1, calls),
        # One that came the evening before and talks on after midnight.
        *call("night", at_ms(DAY, -0.1), talk_s=3_000.0),
    ]
    await store(url, rows)
    reports, made = reports_over(folder), []
    eve = DAY - dt.timedelta(days=1)
    asked = [Asked(Kind.DAILY, DAY, operators=True), Asked(Kind.RANGE, eve, DAY)]
    if chance.random() < 0.5:
        # The keeper came as far as it came.
        span = span_of(DAY, Grain.DAY, TOKYO)
        sums = LedgerSums(url, lambda: PLAN)
        await sums.keep_some(span, span.to_ms, chance.randrange(1, 90))
    for _ in range(2):
        for one in asked:
            report, differences = await reports.checked(one)
            assert differences == []
            made.append(report)
        await correct(url, rows, chance)
    tallies = Tallies(url, shape_of(PLAN))
    assert await tallies.check(between(eve, DAY, TOKYO)) == []
    await tallies.close()
    return made


@pytest.mark.requirement("M26")
@given(seed=st.integers(0, 10_000), calls=st.integers(1, 120))
@settings(max_examples=4, deadline=None)
def test_kept_sums_and_rows_give_the_same_report(seed: int, calls: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _, before, _, after = asyncio.run(same_both_ways(Path(folder), seed, calls))
        assert before != after


@given(seed=st.integers(0, 10_000), calls=st.integers(0, 80))
@settings(max_examples=40, deadline=None)
def test_the_peak_of_quarters_is_the_peak_of_the_day(seed: int, calls: int) -> None:
    """Against the definition: at each moment when a call came, how many were there."""
    span = span_of(DAY, Grain.DAY, TOKYO)
    chance = random.Random(seed)
    came = [chance.randrange(span.from_ms - 7_200_000, span.to_ms, 60_000) for _ in range(calls)]
    rows = [
        next(iter(call(str(number), at, talk_s=chance.choice((0.0, 60.0, 1_800.0, 9_000.0)))))
        for number, at in enumerate(came)
    ]
    lives = [
        (max(row.offered_ms, span.from_ms), row.closed_ms)
        for row in rows
        if isinstance(row, CallRecord) and row.closed_ms > span.from_ms
    ]
    counts = {at: sum(a <= at < b for a, b in lives) for at, _ in lives}
    most = max(counts.values(), default=0)
    expected = Peak(most, min(at for at in counts if counts[at] == most)) if most else Peak()
    inside = [row for row in rows if isinstance(row, CallRecord) and span.holds(row.offered_ms)]
    earlier = [row for row in rows if isinstance(row, CallRecord) and row not in inside]
    assert gathered(span, inside, earlier).peak_of_all == expected


async def test_the_keeper_goes_back_to_the_oldest_call_and_finds_what_changed(
    tmp_path: Path,
) -> None:
    url = sqlite_url(tmp_path / "ledger.sqlite")
    rows = list(random_day(DAY, 7, 10))
    await store(url, rows)
    first_ms = min(row.offered_ms for row in rows if isinstance(row, CallRecord))
    now_s = at_ms(DAY, 21) / 1000
    keeper = SumsKeeper(LedgerSums(url, lambda: PLAN), lambda: now_s, rests=0.0)
    from_ms = first_ms - first_ms % QUARTER_MS
    # The quarter that ended just now is left for later: calls of it may still go on.
    assert await keeper.round() == (round(now_s * 1000) - from_ms) // QUARTER_MS - 1
    assert await keeper.round() == 0
    await store(url, call("late", first_ms, talk_s=1.0), seq=2)
    assert await keeper.round() == 1


def test_no_call_holds_a_line_for_ever() -> None:
    span = Span(at_ms(DAY, 0), at_ms(DAY, 24))
    row = next(iter(call("long", span.from_ms, talk_s=20 * 3_600.0)))
    assert isinstance(row, CallRecord)
    later = replace(row, call=CallId("later"), offered_ms=span.from_ms + REACHING_MS)
    assert gathered(span, [row, later]).peak_of_all.calls == 1
