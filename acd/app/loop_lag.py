"""How late the event loop is: what takes long on it makes every caller wait."""

from __future__ import annotations

import asyncio
from collections import deque

#: Seconds between two looks, and how many looks the greatest lag is taken of.
EVERY_S, KEPT = 0.5, 60


class LoopLag:
    """``greatest_s`` is the longest delay of the last half minute."""

    def __init__(self) -> None:
        self._lags: deque[float] = deque(maxlen=KEPT)

    @property
    def greatest_s(self) -> float:
        """Seconds that a timer was late at most."""
        return max(self._lags, default=0.0)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self._lags.append(max(0.0, loop.time() - due_s))
