"""Engine time from the machine: Unix seconds, anchored once, advanced by the monotonic clock."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """Never goes back, also when somebody sets the machine's clock while calls are waiting.

    ``not_before_s`` is the time of the newest journaled step: after a restart engine time goes on
    from there even if the machine's clock was set back meanwhile.
    """

    def __init__(self, not_before_s: float = 0.0) -> None:
        self._started_s = time.monotonic()
        self._anchor_s = max(time.time(), not_before_s)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._anchor_s + (time.monotonic() - self._started_s)

    async def sleep_until(self, at_s: float) -> None:
        """Return when ``now() >= at_s``."""
        # The loop may wake a moment early, since its clock is coarser than this one; asked for
        # less than a millisecond, uvloop would not sleep at all, over and over.
        while (left_s := at_s - self.now()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(max(left_s, 0.001))

    def drift_s(self) -> float:
        """How far the machine's clock is ahead of engine time; a watchdog looks at it."""
        return time.time() - self.now()
