"""Availability in service hours: a day by hand, and the record that it is made of."""

from __future__ import annotations

import asyncio
import datetime as dt
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.service import SqlService
from acd.app import service_watch
from acd.app.service_watch import EVERY_S, ServiceWatch
from acd.config import load_centre
from acd.errors import StoreUnavailable
from metrics.availability import (
    Outage,
    Recorded,
    ServiceState,
    Stretch,
    fold_service,
    service_hours,
    service_of,
)
from metrics.cells import Cells
from metrics.contract import Contract, standings
from metrics.intervals import Grain, Span, intervals, span_of
from metrics.measures import figure
from metrics.report_html import page
from metrics.report_make import Asked, Material, make_report
from metrics.report_model import Kind
from metrics.report_names import names_of
from metrics.report_rows import Gathered
from tests.fakes.centre import CENTRE
from tests.report_days import PLAN, TOKYO, at_ms

DAY = dt.date(2026, 11, 20)
SPAN = span_of(DAY, Grain.DAY, TOKYO)
UP, AWAY, CUT = ServiceState.IN_SERVICE, ServiceState.NO_SWITCH, ServiceState.NO_CARRIER
DEAD = ServiceState.NO_CONTROLLER


def at(hour: int, minute: int = 0, second: int = 0) -> int:
    return at_ms(DAY, hour) + minute * 60_000 + second * 1000


#: Two controllers: a until it dies at 9:10, b from 9:10:02; the switch is away from 12:00 to 12:01,
#: the carrier's line from 14:00:00 to 14:00:30; b is restarted while closed.
RECORDED = Recorded(
    (
        Stretch(at(6), at(9, 10), "a", UP),
        Stretch(at(9, 10, 2), at(12), "b", UP),
        Stretch(at(12), at(12, 1), "b", AWAY),
        Stretch(at(12, 1), at(14), "b", UP),
        Stretch(at(14), at(14, 0, 30), "b", CUT),
        Stretch(at(14, 0, 30), at(18), "b", UP),
        Stretch(at(18, 30), at(24), "b", UP),
    ),
    at(6),
)


@pytest.mark.requirement("M11")
def test_a_day_by_hand() -> None:
    """Open from 8:30 to 17:15: 31,500 s. Away 2 s, 60 s, 30 s: 31,408 ÷ 31,500 = 99.708 %."""
    centre = load_centre(CENTRE)
    hours = service_hours(centre.plan, ["counter"], SPAN, TOKYO)
    assert hours == [Span(at(8, 30), at(17, 15))]
    service = service_of(hours, RECORDED, SPAN.to_ms)
    assert service.outages == [
        Outage(Span(at(9, 10), at(9, 10, 2)), DEAD),
        Outage(Span(at(12), at(12, 1)), AWAY),
        Outage(Span(at(14), at(14, 0, 30)), CUT),
    ]
    cells = Cells()
    fold_service(cells, service)
    found = figure("availability", cells.sums(SPAN))
    assert (found.part, found.whole) == (31_408_000, 31_500_000)
    noon = cells.series(intervals(SPAN, Grain.HOUR, TOKYO))[12]
    assert figure("availability", noon).value == 3_540 / 3_600
    contract = Contract()
    judged = standings(contract, cells.sums(SPAN), contract.params())
    standing = {each.target.key: each for each in judged}
    assert (standing["availability"].met, standing["availability"].kept) == (False, False)


def test_a_report_has_it_beside_its_targets_and_names_every_outage() -> None:
    cells, service = Cells(), service_of([Span(at(8, 30), at(17, 15))], RECORDED, SPAN.to_ms)
    fold_service(cells, service)
    material = Material(
        cells, Gathered(), PLAN, names_of(PLAN), Contract(), outages=tuple(service.outages)
    )
    report = make_report(Asked(Kind.DAILY, DAY), material, TOKYO, now_ms=SPAN.to_ms)
    (found,) = [each for each in report.judged if each.figure.key == "availability"]
    assert (found.figure.part, found.met, found.kept) == (31_408_000, False, False)
    table = report.table("outages")
    assert table is not None
    assert table.balances
    assert [(line.name.en, line.cells[-1].value) for line in table.lines] == [
        ("no controller was at work", 2_000),
        ("the switch was away", 60_000),
        ("every carrier's line was down", 30_000),
    ]
    html = page(report, "ja")
    assert "99.70 %" in html
    assert "8時間43分 ÷ 8時間45分" in html
    assert "電話交換機と切れていた" in html


def test_without_hours_it_is_owed_in_those_of_the_queues_and_else_always() -> None:
    plan = load_centre(CENTRE).plan
    # The switchboard's queue is open for longer than the counters'.
    assert service_hours(plan, [], SPAN, TOKYO) == [Span(at(8), at(18))]
    sunday = span_of(dt.date(2026, 11, 22), Grain.DAY, TOKYO)
    assert service_hours(plan, [], sunday, TOKYO) == []
    assert service_hours(plan, ["always"], sunday, TOKYO) == [sunday]


def test_nothing_is_said_of_what_was_not_recorded_or_is_to_come() -> None:
    hours = [Span(at(8, 30), at(17, 15))]
    assert service_of(hours, Recorded((), None), SPAN.to_ms).hours == ()
    first = Recorded((Stretch(at(10), at(11), "", UP),), at(10))
    # What was written down just now holds until now; what is long ago does not.
    assert service_of(hours, first, at(11, 0, 15)).hours == [Span(at(10), at(11))]
    assert service_of(hours, first, at(11, 0, 15)).outages == []
    later = service_of(hours, first, at(11, 10))
    assert later.outages == [Outage(Span(at(11), at(11, 10)), DEAD)]
    empty = figure("availability", Cells().sums(SPAN))
    assert (empty.value, empty.whole) == (None, 0)


class Book:
    """Keeps stretches, or fails."""

    def __init__(self) -> None:
        self.kept: dict[int, Stretch] = {}
        self.fails = False

    async def keep(self, stretches: Sequence[Stretch]) -> None:
        if self.fails:
            raise StoreUnavailable("away")
        self.kept |= {each.from_ms: each for each in stretches}

    @property
    def told(self) -> list[tuple[int, int, ServiceState]]:
        return [(each.from_ms, each.to_ms, each.state) for each in self.kept.values()]


class Desk:
    """A watch over a state and a clock that the test turns."""

    def __init__(self) -> None:
        self.book, self.state, self.now_s = Book(), UP, 1_000.0
        self.watch = ServiceWatch(self.book, "a", lambda: self.now_s, lambda: self.state)

    async def pass_(self, seconds: float) -> None:
        end = self.now_s + seconds
        while self.now_s < end:
            self.now_s += EVERY_S
            self.watch.look()
            await self.watch.write()


async def test_it_writes_one_stretch_for_each_state() -> None:
    desk = Desk()
    await desk.pass_(60)
    desk.state = AWAY
    await desk.pass_(20)
    desk.state = UP
    await desk.pass_(10)
    assert desk.book.told == [
        (1_005_000, 1_065_000, UP),
        (1_065_000, 1_085_000, AWAY),
        (1_085_000, 1_090_000, UP),
    ]


async def test_time_in_which_it_stood_still_is_missing() -> None:
    desk = Desk()
    await desk.pass_(10)
    desk.now_s += 60
    await desk.pass_(10)
    assert desk.book.told == [(1_005_000, 1_010_000, UP), (1_075_000, 1_080_000, UP)]


async def test_what_the_database_did_not_take_is_kept_for_it() -> None:
    desk = Desk()
    await desk.pass_(10)
    desk.book.fails = True
    desk.state = AWAY
    await desk.pass_(10)
    desk.state = UP
    await desk.pass_(600)
    assert len(desk.book.kept) == 1
    desk.book.fails = False
    await desk.pass_(5)
    assert [state for _, _, state in desk.book.told] == [UP, AWAY, UP]
    assert desk.book.told[-1][1] == round(desk.now_s * 1000)


async def test_a_database_that_takes_its_time_takes_nothing_of_the_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Slow(Book):
        async def keep(self, stretches: Sequence[Stretch]) -> None:
            await free.wait()
            await super().keep(stretches)

    def now_s() -> float:
        clock[0] += 5.0
        return clock[0]

    monkeypatch.setattr(service_watch, "EVERY_S", 0.001)
    free, clock, book = asyncio.Event(), [1_000.0], Slow()
    seen: list[Stretch] = []
    watch = ServiceWatch(book, "a", now_s, lambda: UP, told=seen.append)
    running = asyncio.create_task(watch.run())
    try:
        async with asyncio.timeout(20):
            while len(seen) < 10:  # noqa: ASYNC110 - what is waited for is plain data
                await asyncio.sleep(0.001)
            assert not book.kept
            free.set()
            while not book.kept or max(each.to_ms for each in book.kept.values()) < 1_050_000:  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.001)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert list(book.kept) == [1_005_000]


async def test_a_database_whose_file_was_taken_away_is_made_anew_with_its_tables(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ledger.sqlite"
    service = SqlService(sqlite_url(file))
    await service.keep([Stretch(1_000, 2_000, "a", UP)])
    file.unlink()
    with pytest.raises(StoreUnavailable):
        await service.keep([Stretch(1_000, 3_000, "a", UP)])
    assert not file.exists()
    await service.keep([Stretch(1_000, 3_000, "a", UP)])
    assert (await service.recorded(Span(0, 5_000))).stretches == (Stretch(1_000, 3_000, "a", UP),)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
