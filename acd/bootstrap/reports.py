"""Reports of one centre, wired to its ledger, its folder and what writes them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from acd.adapters.report_folder import ReportFolder
from acd.adapters.report_writer import FileWriter
from acd.adapters.sql.reader import LedgerReader
from acd.app.reports import Reports, Rules
from acd.config import Centre
from acd.config.settings import Settings
from acd.core.cdr_types import CallRecord, Record
from acd.core.plan import Plan
from metrics.intervals import Span
from metrics.report_model import Name
from metrics.report_names import names_of

_T = TypeVar("_T")


class LedgerRows:
    """A ReportLedger. Reading takes apart many rows: it runs in a thread with a loop of its own,
    so that callers do not wait for it."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def rows(self, from_ms: int, to_ms: int) -> Sequence[Record]:
        """All rows that figures of the span are made of; raises StoreUnavailable."""
        return await self._aside(lambda reader: reader.figure_rows(from_ms, to_ms))

    async def calls(self, from_ms: int, to_ms: int) -> Sequence[CallRecord]:
        """Calls offered in the span; raises StoreUnavailable."""
        return await self._aside(lambda reader: reader.calls(from_ms, to_ms))

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
    plan: Callable[[], Plan] | None = None,
    in_progress: Callable[[Span], int] = lambda _: 0,
) -> Reports:
    """The reports of a centre; ``plan`` is the one in force where it runs."""
    settings = centre.settings
    return Reports(
        LedgerRows(settings.database_url),
        ReportFolder(reports_folder(settings)),
        FileWriter(),
        lambda: rules_of(centre, plan() if plan else centre.plan),
        now,
        in_progress,
    )
