"""Today's figures, live: from the ledger at the start, then from each record as it is finished.

Rows come from the journal in the middle of a decision, so they are only put aside there and
counted later. What came while the ledger was still being read is counted after it, without what
the ledger held already. At local midnight a new day begins; usual days are read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import structlog

from acd.app.live_service import LiveService
from acd.core.cdr_types import AgentSpan, CallRecord, LegRecord, Record, VisitRecord
from acd.core.plan import Plan
from acd.errors import StoreUnavailable
from acd.ports_figures import PastFigures
from metrics.availability import Stretch
from metrics.contract import Contract
from metrics.dimensions import Dim, shape_of
from metrics.forecast import Forecast, forecast, shape_of_days, usual_day
from metrics.intervals import Grain, Span, date_of, intervals, span_of
from metrics.realtime import Live
from metrics.today import Shown, Today

#: Rows that wait for the ledger to be read; beyond it the reading begins anew.
ROWS_KEPT = 50_000
#: How many earlier days of the same weekday tell how a usual one is.
WEEKS = 8
CURVE = Grain.HALF
COUNT_EVERY_S, LOOK_EVERY_S, RETRY_S = 1.0, 0.2, 5.0

T = TypeVar("T")
_log = structlog.get_logger("figures")


class LiveFigures:
    """What has been counted today. ``today`` is None until the ledger has been read."""

    def __init__(
        self,
        past: PastFigures,
        plan: Callable[[], Plan],
        contract: Contract,
        now: Callable[[], float],
    ) -> None:
        self._past, self._plan, self._now = past, plan, now
        self.contract = contract
        self._fresh: list[Record] = []
        self._live = Live()
        self._rules: tuple[Plan, Contract] | None = None
        self._earlier: list[list[int]] = []
        self._day = Span(0, 0)
        self._overflowed = False
        self._service = LiveService()
        self.today: Today | None = None
        #: Counts up whenever a figure may have changed.
        self.version = 0

    # -- in ----------------------------------------------------------------------------------

    def take(self, rows: Sequence[Record]) -> None:
        """Rows that were finished, from the journal; they are counted in a moment."""
        if self.today is None and len(self._fresh) >= ROWS_KEPT:
            self._fresh.clear()
            self._overflowed = True
        self._fresh.extend(rows)

    def service_seen(self, stretch: Stretch) -> None:
        """Whether callers can be served, as it is being written down."""
        self._service.seen(stretch)

    async def run(self) -> None:
        """Keep up for ever; a ledger that cannot be read is tried again."""
        while True:
            try:
                await self._begin()
                while self._today().from_ms == self._day.from_ms:
                    self.count()
                    await asyncio.sleep(COUNT_EVERY_S)
            except Exception as error:
                # Whatever is wrong with figures, calls go on.
                code = getattr(error, "code", type(error).__name__)
                _log.warning("figures_not_kept", code=code)
                self.today, self._rules = None, None
                self.version += 1
                await asyncio.sleep(RETRY_S)

    async def _begin(self) -> None:
        """Begin the day: with what the ledger has of it, and usual days to compare it with."""
        plan, day = self._plan(), self._today()
        if self.today is not None:
            self.count()
            self._live.begin(day.from_ms)
            self._service.forget_before(day.from_ms)
            self._day, self._rules = day, None
            self.count()
        else:
            await self._read(plan, day)
        try:
            usual = self._usual(day, ZoneInfo(plan.timezone))
            self._earlier = await self._meanwhile_counting(usual)
        except StoreUnavailable as error:
            # A forecast is missing then; the day's figures are not.
            _log.warning("usual_days_not_read", code=error.code)
        self.version += 1

    async def _meanwhile_counting(self, reading: Coroutine[Any, Any, T]) -> T:
        """What a database answers, however late: today's figures do not stand still for it."""
        task = asyncio.create_task(reading)
        try:
            while not (await asyncio.wait({task}, timeout=COUNT_EVERY_S))[0]:
                self.count()
            return task.result()
        finally:
            task.cancel()

    async def _read(self, plan: Plan, day: Span) -> None:
        target = self._past.last_seq()
        self._fresh.clear()
        self._overflowed = False
        while self._past.stored_seq() < target:  # noqa: ASYNC110 - a number of another's
            await asyncio.sleep(LOOK_EVERY_S)
        live = Live(shape_of(plan), (Dim.ALL, Dim.QUEUE))
        live.begin(day.from_ms)
        both = _Both(self._fresh)

        def count(rows: Sequence[Record]) -> None:
            both.look(rows)
            live.take(rows)

        await self._past.read(day.from_ms, day.to_ms, count)
        recorded = await self._past.service(day.from_ms, day.to_ms)
        if self._overflowed:
            raise StoreUnavailable("more came than could be put aside: the ledger is read again")
        self._live = live
        self._service.begin(recorded)
        self._fresh = [row for row in self._fresh if _key(row) not in both.known]
        self._day, self._rules = day, None
        self.count()

    async def _usual(self, day: Span, tz: ZoneInfo) -> list[list[int]]:
        """Earlier days of this weekday by half hours; days without a call were no such days."""
        date, days = date_of(day.from_ms, tz), []
        for week in range(1, WEEKS + 1):
            earlier = span_of(date - timedelta(weeks=week), Grain.DAY, tz)
            by_quarter = await self._past.offered(earlier.from_ms, earlier.to_ms)
            if by_quarter:
                halves = intervals(earlier, CURVE, tz)
                days.append([_within(by_quarter, half) for half in halves])
        return days

    def count(self) -> None:
        """Count what came since the last time, under the rules of now."""
        rules = self._plan(), self.contract
        if self._rules is None or rules != self._rules:
            self._rules = rules
            self.today = Today(self._live.cells, rules[1], rules[0].queues)
            self.version += 1
        rows, self._fresh = self._fresh, []
        if rows and self.today is not None:
            self.today.changed(self._live.take(rows))
            self.version += 1

    # -- out ---------------------------------------------------------------------------------

    @property
    def day(self) -> Span:
        """The local day that is counted."""
        return self._day

    def hours(self) -> list[Span]:
        """The hours of the day."""
        return intervals(self._day, Grain.HOUR, self._zone())

    def halves(self) -> list[Span]:
        """The half hours of the day, in which its curve is drawn."""
        return intervals(self._day, CURVE, self._zone())

    def availability(self) -> Shown | None:
        """How much of the day's service hours so far callers could be served; None until the
        records have been read."""
        if self.today is None:
            return None
        now_ms, zone = round(self._now() * 1000), self._zone()
        return self._service.shown(
            self._plan(), self.contract, self._day, self.hours(), zone, now_ms
        )

    def forecast(self) -> Forecast | None:
        """The rest of the day; None without an earlier day of this weekday."""
        if self.today is None or not self._earlier:
            return None
        now_ms, today = round(self._now() * 1000), self.today
        over = [half for half in self.halves() if half.to_ms <= now_ms]
        came = [today.figure("offered_in_hours", half).part or 0 for half in over]
        shape = shape_of_days([sum(day) for day in self._earlier])
        return forecast(usual_day(self._earlier), came, shape)

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._plan().timezone)

    def _today(self) -> Span:
        zone = self._zone()
        return span_of(date_of(round(self._now() * 1000), zone), Grain.DAY, zone)


class _Both:
    """Finds the rows of the ledger that are put aside as well. A row is put aside before it can be
    in the ledger, so each page need only be held against what is there by then."""

    def __init__(self, fresh: list[Record]) -> None:
        self._fresh, self._seen = fresh, 0
        self._keys: set[object] = set()
        self.known: set[object] = set()

    def look(self, rows: Sequence[Record]) -> None:
        """Hold a page of the ledger against what has been put aside."""
        until = len(self._fresh)
        self._keys.update(map(_key, self._fresh[self._seen : until]))
        self._seen = until
        self.known.update(key for key in map(_key, rows) if key in self._keys)


def _key(row: Record) -> object:
    """What a row is known by. Classifications may come twice: they change nothing then."""
    match row:
        case CallRecord():
            return "call", row.call
        case VisitRecord():
            return "visit", row.call, row.visit
        case LegRecord():
            return "leg", row.offer
        case AgentSpan():
            return "span", row.agent, row.start_ms
        case _:
            return row


def _within(by_quarter: dict[int, int], span: Span) -> int:
    return sum(number for at_ms, number in by_quarter.items() if span.holds(at_ms))
