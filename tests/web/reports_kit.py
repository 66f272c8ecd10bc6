"""Reports over a ledger with one busy day, made by hand and by chance."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

from msgspec.structs import replace

from acd.app.reports import Reports
from acd.bootstrap.reports import reports_of
from acd.config import load_centre
from acd.core.cdr_types import CallRecord, Record, VisitRecord
from acd.core.events import CallOutcome, VisitOutcome
from tests.fakes.centre import CENTRE
from tests.report_days import at_ms, call, random_day, store

DAY = dt.date(2026, 11, 20)
NOON_AFTER_S = at_ms(DAY + dt.timedelta(days=1), 12) / 1000


def lost(name: str, hour: float) -> list[Record]:
    """Who waited on the day after, when the Asterisk died a quarter past eleven."""
    died_ms = at_ms(DAY + dt.timedelta(days=1), 11.25)
    came_ms = at_ms(DAY + dt.timedelta(days=1), hour)
    rows = call(name, came_ms, CallOutcome.ABANDONED, queue="tax")
    return [_cut_off(row, died_ms) for row in rows]


def _cut_off(row: Record, at_ms: int) -> Record:
    if isinstance(row, CallRecord):
        return replace(row, outcome=CallOutcome.LOST, closed_ms=at_ms)
    if isinstance(row, VisitRecord):
        return replace(row, outcome=VisitOutcome.LOST, ended_ms=at_ms)
    return row


def busy_day(tmp_path: Path) -> Reports:
    """A centre's reports over a ledger with one busy day."""
    centre = load_centre(CENTRE)
    settings = centre.settings.model_copy(update={"state_dir": tmp_path / "ledger"})
    settings.state_dir.mkdir()
    rows = [
        *random_day(DAY, 7, 60),
        *call("by-hand", at_ms(DAY, 9.5), CallOutcome.ABANDONED, queue="tax", wait_s=61),
        *lost("lost-second", 11.01),
        *lost("lost-first", 11.0),
    ]
    asyncio.run(store(settings.database_url, rows))
    made = load_centre(CENTRE)
    object.__setattr__(made, "settings", settings)
    return reports_of(made, lambda: NOON_AFTER_S)
