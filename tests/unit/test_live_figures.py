"""Live figures: from the ledger at the start and from records as they come, each counted once."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable

import pytest

from acd.app import figures as module
from acd.app.figures import LiveFigures
from acd.config import load_centre
from acd.core.plan import Plan
from metrics.availability import (
    Recorded,
    ServiceState,
    Stretch,
    fold_service,
    service_hours,
    service_of,
)
from metrics.cells import Cells
from metrics.contract import Contract
from metrics.dimensions import Dim, shape_of
from metrics.intervals import Span
from metrics.measures import figure, worst
from metrics.today import COUNTS
from tests.fakes.centre import CENTRE, Centre
from tests.web.wallboard_kit import (
    HALF_MS,
    TZ,
    KnownPast,
    figures_of,
    finished,
    morning,
    today_of,
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_centre(CENTRE).plan


@pytest.fixture
def centre(plan: Plan) -> Centre:
    """At noon of a Friday in Tokyo."""
    return Centre(plan, now=1_795_143_600.0)


@contextlib.asynccontextmanager
async def counting(figures: LiveFigures) -> AsyncIterator[None]:
    running = asyncio.create_task(figures.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20.0):
        while not true():  # noqa: ASYNC110 - what is waited for is plain data
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COUNT_EVERY_S", "LOOK_EVERY_S", "RETRY_S"):
        monkeypatch.setattr(module, name, 0.01)


async def test_a_morning_gives_the_figures_that_were_counted_by_hand(centre: Centre) -> None:
    day = today_of(centre)
    figures = figures_of(centre, KnownPast(morning(day)))
    async with counting(figures):
        await until(lambda: figures.today)
        today = figures.today
        assert today is not None
        found = {key: today.figure(key, day).part for key in COUNTS}
        assert found == {"offered_in_hours": 139, "answered": 128, "abandoned": 11, "blocked": 0}
        # 106 ÷ 139; the abandoned ones waited 45 s, so that none of them left early.
        level = today.shown("sl_offered", day, figures.hours())
        assert (level.figure.key, level.figure.part, level.figure.whole) == (
            "sl_offered_20s", 106, 139,
        )  # fmt: skip
        # From ten to eleven: 31 + 28 came and 17 + 6 + 22 + 4 = 49 were answered.
        rate = today.shown("answer_rate_a", day, figures.hours())
        assert rate.worst is not None
        assert rate.worst_span is not None
        assert (rate.worst.part, rate.worst.whole) == (49, 59)
        assert (rate.worst_span.from_ms - day.from_ms) // (2 * HALF_MS) == 10


async def test_they_are_what_the_days_own_sums_give_to_the_last_digit(centre: Centre) -> None:
    day, chance = today_of(centre), random.Random(7)
    figures = figures_of(centre, KnownPast())
    cells = Cells(shape_of(centre.plan))
    contract, plan = Contract(), centre.engine.plan
    async with counting(figures):
        await until(lambda: figures.today)
        for number in range(400):
            at_ms = day.from_ms + chance.randrange(86_400_000)
            wait_ms, answered = chance.choice((0, 20_000, 20_001, 60_000)), chance.random() < 0.8
            queue = chance.choice(("tax", "general", "switchboard"))
            rows = finished(number, at_ms, wait_ms, answered=answered, queue=queue)
            figures.take(rows)
            cells.fold(rows)
            if number % 50 == 0:
                figures.count()
        figures.count()
        today = figures.today
        assert today is not None
        for dim, value in ((Dim.ALL, ""), (Dim.QUEUE, "tax"), (Dim.QUEUE, "residents")):
            params = contract.params(dim, value, plan.queues)
            for key in (*today.keys, *COUNTS):
                wanted = figure(key, cells.sums(day, dim, value), params)
                assert today.figure(key, day, dim, value) == wanted
        for key in today.keys:
            hours = cells.series(figures.hours())
            found = worst(key, hours, contract.params())
            assert found is not None
            assert today.shown(key, day, figures.hours()).worst == found.figure


async def test_what_comes_while_the_ledger_is_read_is_counted_once(centre: Centre) -> None:
    day = today_of(centre)
    known = finished(1, day.from_ms, 1_000, answered=True)
    past = KnownPast(known)
    past.last = 5
    figures = figures_of(centre, past)
    async with counting(figures):
        await asyncio.sleep(0.03)
        assert not figures.today
        figures.take([*known, *finished(2, day.from_ms, 1_000, answered=True)])
        past.stored = 5
        await until(lambda: figures.today)
        assert figures.today is not None
        assert figures.today.figure("answered", day).part == 2


async def test_a_crowd_before_the_ledger_is_read_lets_it_be_read_again(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS_KEPT", 3)
    day, past = today_of(centre), KnownPast()
    past.last = 1
    figures = figures_of(centre, past)
    async with counting(figures):
        await asyncio.sleep(0.03)
        for number in range(4):
            rows = finished(number, day.from_ms, 1_000, answered=True)
            figures.take(rows)
            past.kept += rows
        past.stored = 1
        await until(lambda: figures.today)
        assert figures.today is not None
        assert figures.today.figure("answered", day).part == 4


async def test_midnight_begins_anew_and_tells_how_busy_such_days_are(centre: Centre) -> None:
    day = today_of(centre)
    past = KnownPast(morning(day), [[20] * 10, [30] * 10])
    figures = figures_of(centre, past)
    async with counting(figures):
        await until(figures.forecast)
        # Until noon 6 × 25 = 150 were usual and 139 came: (100 + 139) ÷ (100 + 150) of 100 more.
        found = figures.forecast()
        assert found is not None
        assert found.rest == pytest.approx(100 * 239 / 250)
        centre.now += 86_400
        await until(lambda: figures.day != day)
        assert figures.today is not None
        assert figures.today.figure("offered_in_hours", figures.day).part == 0
        assert figures.forecast() is None


async def test_a_database_that_says_nothing_of_earlier_days_holds_up_no_figure(
    centre: Centre,
) -> None:
    class Silent(KnownPast):
        async def offered(self, from_ms: int, to_ms: int) -> dict[int, int]:
            never: asyncio.Future[dict[int, int]] = asyncio.get_running_loop().create_future()
            return await never

    day, figures = today_of(centre), figures_of(centre, Silent())
    async with counting(figures):
        await until(lambda: figures.today)
        today = figures.today
        assert today is not None
        figures.take(finished(1, day.from_ms, 1_000, answered=True))
        await until(lambda: today.figure("answered", day).part == 1)


@pytest.mark.requirement("M11")
async def test_the_days_availability_is_what_the_days_report_will_say(centre: Centre) -> None:
    """Service is owed from 8:00 to 18:00. On record until 11:00; then away for 30 s by the looks,
    and there until noon: 4 h less 30 s of 4 h."""
    day, past = today_of(centre), KnownPast()
    figures = figures_of(centre, past)

    def at(hour: int, second: int = 0) -> int:
        return day.from_ms + hour * 2 * HALF_MS + second * 1000

    up, away = ServiceState.IN_SERVICE, ServiceState.NO_SWITCH
    past.recorded = Recorded((Stretch(at(7), at(11), "a", up),), at(7))
    assert figures.availability() is None
    async with counting(figures):
        await until(lambda: figures.today)
        centre.now = at(12) / 1000
        seen = [Stretch(at(11), at(11, 30), "a", away), Stretch(at(11, 30), at(12), "a", up)]
        for stretch in (*seen, *seen[1:]):
            figures.service_seen(stretch)
        shown = figures.availability()
        assert shown is not None
        assert (shown.figure.part, shown.figure.whole) == (4 * 3_600_000 - 30_000, 4 * 3_600_000)
        recorded = Recorded((*past.recorded.stretches, *seen), at(7))
        owed = service_hours(centre.engine.planned, (), day, TZ)
        cells = Cells()
        fold_service(cells, service_of(owed, recorded, at(12)))
        assert shown.figure == figure("availability", cells.sums(day))
        assert shown.target is not None
        assert shown.target.met(shown.figure.value) is False
        assert shown.worst_span == Span(at(11), at(12))
        # The controller stands still: what nobody looked at was not available.
        centre.now = at(13) / 1000
        later = figures.availability()
        assert later is not None
        assert (later.figure.part, later.figure.whole) == (shown.figure.part, 5 * 3_600_000)
        # Another day begins without what was over by then.
        centre.now = at(25) / 1000
        await until(lambda: figures.day != day)
        empty = figures.availability()
        assert empty is not None
        assert empty.figure.whole == 0


async def test_another_contract_counts_at_once(centre: Centre) -> None:
    day = today_of(centre)
    figures = figures_of(centre, KnownPast(morning(day)))
    async with counting(figures):
        await until(lambda: figures.today)
        figures.contract = Contract(threshold_s=60)
        await until(lambda: figures.today and figures.today.figure("sl_offered", day).part == 128)
