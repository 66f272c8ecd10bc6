"""Reports that are made by themselves: when they are due, put away and sent, tried again.

What was done is written down step by step, so that a restart neither forgets a report nor sends it
twice. Whatever fails is tried again, later and later, and is an alarm; calls go on.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import structlog
from msgspec import Struct

from acd.app.reports import Reports
from acd.errors import MadoguchiError
from acd.ports_reports import MEDIA, Deliveries, Format, Outlet, ReportFile
from metrics.intervals import Grain, begin_of, next_begin
from metrics.report_make import Asked
from metrics.report_model import Kind, Report
from metrics.report_text import title, word

LOOK_EVERY_S = 20.0
#: Between two tries; the last one again and again.
WAITS_S = (60.0, 120.0, 300.0, 900.0)
#: Who was away for long gets so many of each kind, the newest.
CATCH_UP = 7
ALARM = "report_failed"
_GRAINS = {
    Kind.DAILY: Grain.DAY,
    Kind.WEEKLY: Grain.WEEK,
    Kind.MONTHLY: Grain.MONTH,
    Kind.YEARLY: Grain.YEAR,
}

_log = structlog.get_logger("reports")


class Due(Struct, frozen=True):
    """A report that is to be made: its first day, and the day on which it is due."""

    kind: Kind
    first: dt.date

    @property
    def name(self) -> str:
        """How it is written down: ``daily 2026-11-20``."""
        return f"{self.kind.value} {self.first.isoformat()}"


def newest_due(kind: Kind, at: dt.time, now: dt.datetime, count: int = 1) -> list[Due]:
    """The reports of a kind whose time has come, the oldest first; ``now`` is local.

    >>> newest_due(Kind.DAILY, dt.time(7), dt.datetime(2026, 11, 21, 6, 59))[0].name
    'daily 2026-11-19'
    >>> newest_due(Kind.MONTHLY, dt.time(7), dt.datetime(2026, 12, 1, 7, 0))[0].name
    'monthly 2026-11-01'
    """
    grain = _GRAINS[kind]
    first = begin_of(now.date(), grain)
    found: list[Due] = []
    while len(found) < count:
        first = begin_of(first - dt.timedelta(days=1), grain)
        if dt.datetime.combine(next_begin(first, grain), at) <= now.replace(tzinfo=None):
            found.append(Due(kind, first))
    return found[::-1]


class ReportSchedule:
    """``times`` by kind; ``outlets`` are where each report goes, every one with its own formats.
    ``alarm`` takes a kind and a subject."""

    def __init__(
        self,
        reports: Reports,
        times: dict[Kind, dt.time],
        outlets: Sequence[Outlet],
        done: Deliveries,
        formats: Sequence[Format],
        languages: Sequence[str],
        now: Callable[[], float],
        zone: Callable[[], ZoneInfo],
        alarm: Callable[[str, str], None] = lambda _kind, _subject: None,
    ) -> None:
        self._reports, self._times, self._outlets, self._done = reports, times, outlets, done
        self._formats, self._languages = formats, languages
        self._now, self._zone = now, zone
        self.alarm = alarm
        self._tries: dict[str, int] = {}
        self._not_before: dict[str, float] = {}

    def follow(self, other: ReportSchedule) -> None:
        """Make and deliver from now on what another one would."""
        self._times, self._outlets = other._times, other._outlets
        self._formats, self._languages = other._formats, other._languages

    async def run(self) -> None:
        """Look again and again, until cancelled. Not at once: a start is for calls, and a new
        ledger has no tables yet."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Make and deliver what is due and may be tried now."""
        for due in await self._due():
            if self._now() >= self._not_before.get(due.name, 0.0):
                await self._try(due)

    async def _due(self) -> list[Due]:
        now = dt.datetime.fromtimestamp(self._now(), self._zone())
        found: list[Due] = []
        for kind, at in self._times.items():
            newest = newest_due(kind, at, now, CATCH_UP)
            done = [await self._done.complete(due.name) for due in newest]
            # Of a kind that was never made only the newest is due: the past is not news.
            since = done.index(True) if True in done else len(newest) - 1
            found += [
                due for due, there in zip(newest[since:], done[since:], strict=True) if not there
            ]
        return found

    async def _try(self, due: Due) -> None:
        try:
            await self._deliver(due)
        except (MadoguchiError, OSError) as error:
            tries = self._tries[due.name] = self._tries.get(due.name, 0) + 1
            wait_s = WAITS_S[min(tries, len(WAITS_S)) - 1]
            self._not_before[due.name] = self._now() + wait_s
            code = getattr(error, "code", type(error).__name__)
            _log.warning("report_not_delivered", report=due.name, code=code, tries=tries)
            if tries == 1:
                self.alarm(ALARM, due.name)
        else:
            self._tries.pop(due.name, None)
            self._not_before.pop(due.name, None)
            _log.info("report_delivered", report=due.name)

    async def _deliver(self, due: Due) -> None:
        report = await self._reports.keep(Asked(due.kind, due.first))
        waiting = [
            each for each in self._outlets if not await self._done.taken(due.name, each.name)
        ]
        if waiting:
            files = await self._files(report)
            subject, text = said(report, self._languages)
            failed: MadoguchiError | OSError | None = None
            for outlet in waiting:
                try:
                    await outlet.take(subject, text, files)
                except (MadoguchiError, OSError) as error:
                    # One way that is shut does not shut the others.
                    failed = error
                else:
                    await self._done.note(due.name, outlet.name)
            if failed is not None:
                raise failed
        await self._done.finish(due.name)

    async def _files(self, report: Report) -> list[ReportFile]:
        files = []
        for lang in self._languages:
            for form in self._formats:
                data = await self._reports.written(report, form, lang)
                days = (
                    report.first
                    if report.first == report.last
                    else (f"{report.first}_{report.last}")
                )
                name = f"{report.kind.value}-{days}-r{report.revision}-{lang}.{form.value}"
                files.append(ReportFile(name, MEDIA[form], data))
        return files


def said(report: Report, languages: Sequence[str]) -> tuple[str, str]:
    """The subject and the text of a message about a report."""
    titles = [title(report, lang) for lang in languages]
    notes = [word("no_persons", lang) for lang in languages]
    return titles[0], "\n".join([*titles, "", *notes]) + "\n"
