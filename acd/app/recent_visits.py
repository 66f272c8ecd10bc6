"""Brings back what ended in the last minutes before the start, for the alarms that look at those.

Without it a service level that was bad would be unknown after a restart, and its alarm over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from acd.app.alarm_facts import AlarmFacts
from acd.core.cdr_types import Record, VisitRecord
from acd.errors import StoreUnavailable
from acd.ports_figures import PastFigures

#: A visit that ended in the window is of a call that came so long before it at most.
LONGEST_CALL_S = 3_600.0
LOOK_EVERY_S, RETRY_S = 0.2, 5.0

_log = structlog.get_logger("madoguchi.alarms")


class RecentVisits:
    """Read once, at the start; ``now`` is Unix seconds."""

    def __init__(self, past: PastFigures, facts: AlarmFacts, now: Callable[[], float]) -> None:
        self._past, self._facts, self._now = past, facts, now

    async def read(self) -> None:
        """Read the ledger once all that was journaled before is in it. One that is away is asked
        until what it could tell would be too old."""
        began_s, target = self._now(), self._past.last_seq()
        while self._now() - began_s < self._facts.longest_window_s:
            if self._past.stored_seq() < target:
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            try:
                self._facts.remember(await self._visits())
                return
            except StoreUnavailable as error:
                _log.warning("recent_visits_not_read", code=error.code)
                await asyncio.sleep(RETRY_S)

    async def _visits(self) -> list[VisitRecord]:
        """Those that may have ended in the window, and no other rows."""
        now_s, found = self._now(), list[VisitRecord]()
        from_s = now_s - self._facts.longest_window_s - LONGEST_CALL_S

        def take(rows: Sequence[Record]) -> None:
            found.extend(row for row in rows if isinstance(row, VisitRecord))

        await self._past.read(round(from_s * 1000), round(now_s * 1000), take)
        return found
