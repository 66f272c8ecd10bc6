"""Reports of one centre, wired to its ledger, its folder and what writes them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from acd.adapters.mail import Mailer
from acd.adapters.report_folder import ReportFolder
from acd.adapters.report_outlets import DeliveriesFile, FolderOutlet, MailOutlet
from acd.adapters.report_writer import FileWriter
from acd.adapters.sql.lost_calls import lost_calls
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.service import SqlService
from acd.adapters.sql.tallies import Tallies
from acd.app.report_schedule import ReportSchedule
from acd.app.reports import Reports, Rules
from acd.config import Centre
from acd.config.settings import Settings
from acd.core.cdr_types import CallRecord, Record
from acd.core.plan import Plan
from acd.errors import ConfigError, Fault
from acd.ports_reports import Format, LostCall, Outlet
from metrics.availability import Recorded
from metrics.cells import Cells
from metrics.dimensions import Dim, Shape
from metrics.intervals import Span
from metrics.report_model import Kind, Name
from metrics.report_names import names_of
from metrics.report_rows import Gathered

if TYPE_CHECKING:
    from acd.bootstrap.centre import RunningCentre

_T = TypeVar("_T")


class LedgerRows:
    """A ReportLedger. Reading takes apart many rows: it runs in a thread with a loop of its own,
    so that callers do not wait for it."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def sums(
        self, span: Span, dims: Sequence[Dim], steps: Sequence[Span], shape: Shape, now_ms: int
    ) -> tuple[Cells, Gathered]:
        """What a report is made of, from kept sums as far as they hold."""

        async def read() -> tuple[Cells, Gathered]:
            tallies = Tallies(self._url, shape)
            try:
                return await tallies.report(span, dims, steps, now_ms=now_ms)
            finally:
                await tallies.close()

        return await asyncio.to_thread(lambda: asyncio.run(read()))

    async def service(self, span: Span) -> Recorded:
        """What is on record of when callers could be served; raises StoreUnavailable."""
        return await asyncio.to_thread(lambda: asyncio.run(SqlService(self._url).recorded(span)))

    async def rows(self, from_ms: int, to_ms: int) -> Sequence[Record]:
        """All rows that figures of the span are made of; raises StoreUnavailable."""
        return await self._aside(lambda reader: reader.figure_rows(from_ms, to_ms))

    async def calls(self, from_ms: int, to_ms: int) -> Sequence[CallRecord]:
        """Calls offered in the span; raises StoreUnavailable."""
        return await self._aside(lambda reader: reader.calls(from_ms, to_ms))

    async def lost(self, from_ms: int, to_ms: int) -> Sequence[LostCall]:
        """Callers whom a fault cut off in the span, without numbers; raises StoreUnavailable."""
        found = lost_calls(self._url, from_ms, to_ms, numbers=False)
        return await asyncio.to_thread(lambda: asyncio.run(found))

    async def _aside(self, ask: Callable[[LedgerReader], Awaitable[_T]]) -> _T:
        async def read() -> _T:
            reader = LedgerReader(self._url)
            try:
                return await ask(reader)
            finally:
                await reader.close()

        return await asyncio.to_thread(lambda: asyncio.run(read()))


def reports_folder(settings: Settings) -> Path:
    """Where revisions are kept."""
    return settings.state_dir / "reports"


def rules_of(centre: Centre, plan: Plan) -> Rules:
    """What reports are made by: the plan in force, the settings' words, the contract."""
    settings = centre.settings
    classes = {each.code: Name(each.ja, each.en) for each in settings.screens.dispositions}
    channels = {trunk: one.max_channels for trunk, one in settings.trunks.items()}
    return Rules(plan, names_of(plan, classes, channels), centre.contract)


def reports_of(
    centre: Centre,
    now: Callable[[], float],
    rules: Callable[[], Rules] | None = None,
    in_progress: Callable[[Span], int] = lambda _: 0,
) -> Reports:
    """The reports of a centre; ``rules`` are those in force where it runs."""
    settings = centre.settings
    return Reports(
        LedgerRows(settings.database_url),
        ReportFolder(reports_folder(settings)),
        FileWriter(),
        rules or (lambda: rules_of(centre, centre.plan)),
        now,
        in_progress,
    )


class ReportParts:
    """The reports of a running centre, and those that are made by themselves. ``centre`` is the
    one that was read last."""

    def __init__(self, running: RunningCentre) -> None:
        self.centre = running.centre
        self._running = running
        self.reports = reports_of(self.centre, running.clock.now, self._rules, self._in_progress)
        self.schedule = self.scheduled(self.centre)

    def scheduled(self, centre: Centre) -> ReportSchedule:
        """What a centre's settings let be made by themselves; raises ConfigError."""
        running = self._running
        return schedule_of(
            centre,
            self.reports,
            running.clock.now,
            lambda: ZoneInfo(running.engine.plan.timezone),
        )

    def adopt(self, centre: Centre) -> None:
        """Work by a centre that was read again."""
        self.centre = centre
        self.schedule.follow(self.scheduled(centre))

    def _rules(self) -> Rules:
        return rules_of(self.centre, self._running.engine.planned)

    def _in_progress(self, span: Span) -> int:
        calls = self._running.engine.calls.values()
        return sum(span.holds(round(c.arrived_s * 1000)) for c in calls if not c.drill)


def schedule_of(
    centre: Centre, reports: Reports, now: Callable[[], float], zone: Callable[[], ZoneInfo]
) -> ReportSchedule:
    """What is made by itself; raises ConfigError where mail shall be sent and no relay is named."""
    settings = centre.settings
    own = settings.reports
    outlets: list[Outlet] = []
    if own.folder:
        outlets.append(FolderOutlet(centre.path / own.folder))
    if own.mail_to:
        if not settings.mail.host:
            raise ConfigError(
                [
                    Fault(
                        "settings.toml:mail.host",
                        "reports shall go by mail: name the relay",
                        "報告のメールを送るサーバーを指定してください。",
                    )
                ]
            )
        outlets.append(MailOutlet(Mailer(settings.mail), own.mail_to))
    times = {
        Kind.DAILY: own.daily_at,
        Kind.WEEKLY: own.weekly_at,
        Kind.MONTHLY: own.monthly_at,
        Kind.YEARLY: own.yearly_at,
    }
    return ReportSchedule(
        reports,
        {kind: dt.time.fromisoformat(at) for kind, at in times.items() if at},
        outlets,
        DeliveriesFile(reports_folder(settings) / "delivered.json"),
        [Format(each) for each in own.formats],
        own.languages,
        now,
        zone,
    )
