"""Keeps the sums of quarters of an hour that are over, so that a report finds them ready.

Works beside the calls: one quarter at a time, in a thread, then a rest nine times as long. What is
done stays done, so a restart goes on where it was; a quarter whose rows changed since is found on
the next round. Without it reports would be as right, and slower.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from acd.errors import StoreError
from acd.ports_figures import KeptSums
from metrics.intervals import QUARTER_MS, Span, quarter_of

#: The first round after a start, and the next after one that found nothing to do.
FIRST_S, EVERY_S = 20.0, 300.0
#: The rest after a quarter, as a multiple of what it took.
RESTS = 9.0
#: Quarters that are looked at together: a day.
PAGE_MS = 96 * QUARTER_MS
#: Calls of a quarter go on after it: it is left alone for as long again.
SETTLED_MS = QUARTER_MS

_log = structlog.get_logger("figures")


class SumsKeeper:
    """``now`` is Unix seconds; ``rests`` as a multiple of the time that a quarter took."""

    def __init__(self, kept: KeptSums, now: Callable[[], float], rests: float = RESTS) -> None:
        self._kept, self._now, self._rests = kept, now, rests

    async def run(self) -> None:
        """Keep up, until cancelled; whatever fails is told and tried again."""
        await asyncio.sleep(FIRST_S)
        while True:
            try:
                done = await self.round()
                if done:
                    _log.info("sums_kept", quarters=done)
            except StoreError as error:
                _log.info("sums_not_kept", code=error.code)
            except Exception as error:
                # Whatever is wrong with figures, calls go on.
                _log.warning("sums_not_kept", code=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def round(self) -> int:
        """Go back from now to the oldest call, a day at a time; how many quarters were kept."""
        first_ms, done = await self._kept.first_ms(), 0
        if first_ms is None:
            return 0
        to_ms = quarter_of(round(self._now() * 1000) - SETTLED_MS)
        while to_ms > first_ms:
            page = Span(max(to_ms - PAGE_MS, quarter_of(first_ms)), to_ms)
            while True:
                began = time.monotonic()
                number = await self._kept.keep_some(page, page.to_ms, 1)
                done += number
                await asyncio.sleep(self._rests * (time.monotonic() - began))
                if not number:
                    break
            to_ms = page.from_ms
        return done
