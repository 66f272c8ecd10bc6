"""Reports: made from the ledger, kept by revision, opened down to the calls behind a figure.

A report is kept once its time is over. Made again later it is the same, or a new revision that
says what changed and why; what was kept before stays as it is.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from acd.core.cdr_types import CallRecord, Record, VisitRecord
from acd.core.plan import Plan
from acd.errors import LimitExceeded, NotFound, StoreUnavailable
from acd.ports_reports import (
    Format,
    Kept,
    LostCall,
    ReportLedger,
    ReportStore,
    ReportWriter,
)
from metrics.availability import Service, fold_service, service_hours, service_of
from metrics.cells import Cells
from metrics.contract import Contract
from metrics.dimensions import Dim, shape_of
from metrics.intervals import Grain, Span, date_of, intervals
from metrics.opening import Opened, open_figure
from metrics.report_changes import changes, revised
from metrics.report_make import Asked, Material, dims_of, make_report
from metrics.report_model import Change, Kind, Report
from metrics.report_names import Names
from metrics.report_rows import REACHING_MS, Gathered
from metrics.report_rows import gathered as gathered_of

#: The longest free range.
DAYS_MAX = 366
#: Calls that are listed behind one figure.
CALLS_MAX = 1_000
_TRIES = 3


class Rules(Struct, frozen=True):
    """What reports are made by, as it is now."""

    plan: Plan
    names: Names
    contract: Contract


class BehindCall(Struct, frozen=True):
    """One call behind a figure, without whose it was. ``times``: how often it counts above and
    below the line."""

    call: str
    at_ms: int
    queue: str
    outcome: str
    wait_ms: int
    talk_ms: int
    part: int
    whole: int


class Behind(Struct, frozen=True):
    """A figure and its calls; ``more`` when only the first are listed."""

    opened: Opened
    calls: tuple[BehindCall, ...]
    more: bool


class Reports:
    """The use cases. ``in_progress`` counts calls under way that were offered in a span (Unix ms);
    ``now`` is Unix seconds."""

    def __init__(
        self,
        ledger: ReportLedger,
        store: ReportStore,
        writer: ReportWriter,
        rules: Callable[[], Rules],
        now: Callable[[], float],
        in_progress: Callable[[Span], int] = lambda _: 0,
    ) -> None:
        self._ledger, self._store, self._writer = ledger, store, writer
        self._rules, self._now, self._in_progress = rules, now, in_progress
        # Each takes memory for all its rows.
        self._at_once = asyncio.Semaphore(2)

    @property
    def zone(self) -> ZoneInfo:
        """The centre's time zone."""
        return ZoneInfo(self._rules().plan.timezone)

    def today(self) -> dt.date:
        """The centre's date."""
        return date_of(self._now_ms(), self.zone)

    # -- making ------------------------------------------------------------------------------

    async def make(self, asked: Asked) -> Report:
        """A report as the ledger has it now, not kept; raises Refused, LimitExceeded and
        StoreUnavailable. What was kept of its period before is told in it."""
        made = await self._made(asked)
        before = await self._store.newest(made.kind, made.first, made.last)
        if before is None or asked.operators or not made.complete:
            return made
        return revised(before, made, self._now_ms())

    async def keep(self, asked: Asked) -> Report:
        """The same, kept if its time is over. Operators' lines are in no report that is kept."""
        for left in reversed(range(_TRIES)):
            report = await self.make(asked)
            if not report.complete or asked.operators:
                return report
            kept = await self._store.newest(report.kind, report.first, report.last)
            if kept is not None and kept == report:
                return report
            if not report.revisions:
                report = revised(None, report, self._now_ms())
            try:
                await self._store.keep(report)
            except StoreUnavailable as error:
                # Somebody else kept that revision just now: it is compared with theirs.
                if error.code != "report_taken" or not left:
                    raise
                continue
            return report
        raise AssertionError("unreachable")

    async def _made(self, asked: Asked) -> Report:
        async with self._at_once:
            return await self._added_up(asked)

    async def _added_up(self, asked: Asked) -> Report:
        rules, zone, now_ms = self._rules(), self.zone, self._now_ms()
        span = self._span(asked)
        dims, shape = dims_of(asked, rules.plan), shape_of(rules.plan)
        hours = intervals(span, Grain.HOUR, zone)
        cells, gathered = await self._ledger.sums(span, dims, hours, shape, now_ms)
        return await self._worked_out(asked, rules, cells, gathered)

    async def _service(self, span: Span, rules: Rules) -> Service:
        hours = service_hours(rules.plan, rules.contract.service_hours, span, self.zone)
        return service_of(hours, await self._ledger.service(span), self._now_ms())

    async def checked(self, asked: Asked) -> tuple[Report, list[Change]]:
        """The report as it is made, and where one differs that is made without any kept sum: every
        row of the span is read."""
        async with self._at_once:
            made = await self._added_up(asked)
            rules, span = self._rules(), self._span(asked)
            rows = await self._ledger.rows(span.from_ms, span.to_ms)
            earlier = await self._ledger.calls(span.from_ms - REACHING_MS, span.from_ms)
            cells = Cells(shape_of(rules.plan))
            await asyncio.to_thread(cells.fold, rows)
            counts = await asyncio.to_thread(gathered_of, span, rows, earlier)
            again = await self._worked_out(asked, rules, cells, counts)
        return made, changes(made, again)

    async def _worked_out(
        self, asked: Asked, rules: Rules, cells: Cells, gathered: Gathered
    ) -> Report:
        span = self._span(asked)
        service = await self._service(span, rules)
        fold_service(cells, service)
        material = Material(
            cells,
            gathered,
            rules.plan,
            rules.names,
            rules.contract,
            self._in_progress(span),
            tuple(service.outages),
        )
        # Callers do not wait for a month to be worked out.
        return await asyncio.to_thread(
            make_report, asked, material, self.zone, now_ms=self._now_ms()
        )

    def _span(self, asked: Asked) -> Span:
        last = asked.last or asked.first
        if asked.kind is Kind.RANGE and (last - asked.first).days >= DAYS_MAX:
            raise LimitExceeded(
                f"a report is about {DAYS_MAX} days at most",
                ja=f"一度に見られるのは{DAYS_MAX}日までです。",
            )
        return asked.span(self.zone)

    def _now_ms(self) -> int:
        return round(self._now() * 1000)

    # -- what is kept ------------------------------------------------------------------------

    async def kept(self) -> list[Kept]:
        """Every report that is kept, the newest period first."""
        return await self._store.kept()

    async def revision(self, kind: Kind, first: str, last: str, number: int) -> Report:
        """One revision as it was made; raises NotFound."""
        found = await self._store.revision(kind, first, last, number)
        if found is None:
            raise NotFound("there is no such revision", code="unknown_report")
        return found

    async def written(self, report: Report, form: Format, lang: str) -> bytes:
        """The report as a file."""
        return await self._writer.written(report, form, lang)

    def period(self, asked: Asked) -> tuple[str, str]:
        """The first and the last day of a report, as it is kept by."""
        span = self._span(asked)
        days = date_of(span.from_ms, self.zone), date_of(span.to_ms - 1, self.zone)
        return days[0].isoformat(), days[1].isoformat()

    # -- opening a figure --------------------------------------------------------------------

    async def behind(
        self, key: str, span: Span, wanted: Mapping[Dim, str], dim: Dim = Dim.ALL
    ) -> Behind:
        """The calls behind a figure; raises NotFound for a key that is none."""
        rules = self._rules()
        if span.to_ms - span.from_ms > DAYS_MAX * 86_400_000 + 3_600_000:
            raise LimitExceeded(f"a figure is about {DAYS_MAX} days at most")
        rows = await self._ledger.rows(span.from_ms, span.to_ms)
        params = rules.contract.params(dim, wanted.get(dim, ""), rules.plan.queues)

        def work() -> Behind:
            shape = shape_of(rules.plan)
            opened = open_figure(key, rows, span, shape, dict(wanted), params)
            return _behind(opened, rows)

        return await asyncio.to_thread(work)

    async def call(self, call: str, at_ms: int) -> CallRecord:
        """One call by its id and when it came; raises NotFound."""
        found = await self._ledger.calls(at_ms, at_ms + 1)
        for each in found:
            if each.call == call:
                return each
        raise NotFound("there is no such call", code="unknown_call")

    async def lost(self, first: dt.date, last: dt.date) -> Sequence[LostCall]:
        """Callers whom a fault cut off from one day to another, for calling them back."""
        day = dt.timedelta(days=1)
        if (last - first).days >= DAYS_MAX:
            raise LimitExceeded(
                f"a list is of {DAYS_MAX} days at most",
                ja=f"一度に見られるのは{DAYS_MAX}日までです。",
            )
        ends = (self._midnight_ms(each) for each in (first, last + day))
        return await self._ledger.lost(*ends)

    def _midnight_ms(self, day: dt.date) -> int:
        return round(dt.datetime.combine(day, dt.time(), self.zone).timestamp() * 1000)


def _behind(opened: Opened, rows: Sequence[Record]) -> Behind:
    part, whole = _times(opened.part), _times(opened.whole)
    calls = {row.call: row for row in rows if isinstance(row, CallRecord)}
    queues = {row.call: row.queue for row in rows if isinstance(row, VisitRecord)}
    listed = [calls[each] for each in dict.fromkeys([*opened.whole, *opened.part])
              if each in calls]  # fmt: skip
    found = tuple(
        BehindCall(
            one.call,
            one.offered_ms,
            one.queue or queues.get(one.call, ""),
            one.outcome.value,
            one.wait_ms,
            one.talk_ms,
            part.get(one.call, 0),
            whole.get(one.call, 0),
        )
        for one in listed[:CALLS_MAX]
    )
    return Behind(opened, found, len(listed) > CALLS_MAX)


def _times(calls: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in calls:
        counts[each] = counts.get(each, 0) + 1
    return counts
