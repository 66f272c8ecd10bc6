"""Looks whether the machine's clock and engine time have parted, and says so once each way.

Engine time follows the monotonic clock and never goes back, so a machine's clock that somebody
sets leaves it behind: opening hours and the ledger's times are off until the controller restarts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

#: Seconds between two looks.
LOOK_EVERY_S = 10.0
#: Seconds apart from which on it is worth a warning.
ALARM_S = 2.0

_log = structlog.get_logger("madoguchi.clock")


class DriftWatch:
    """``drift_s`` says how far the machine's clock is ahead of engine time, in seconds."""

    def __init__(self, drift_s: Callable[[], float]) -> None:
        self._drift_s = drift_s
        self._apart = False

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Log a warning when the clocks have parted, and a line when they agree again."""
        drift_s = self._drift_s()
        apart = abs(drift_s) >= ALARM_S
        if apart and not self._apart:
            _log.warning("clock_drift", seconds=round(drift_s, 1))
        elif self._apart and not apart:
            _log.info("clock_agrees_again", seconds=round(drift_s, 1))
        self._apart = apart
