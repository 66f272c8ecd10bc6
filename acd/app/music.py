"""Music on hold, as long as the machine has the time for it.

Music costs the switch some 32 µs for each 20 ms of each caller, a core for 600 callers (``make
bench`` measures what that does to connecting others). A crowd is there because something happened:
then being answered matters more than music. Above a limit, callers who come hear none; they are
told every half minute to a minute that they are still in the line. Who has music keeps it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog

from acd.errors import SwitchError

#: How often the crowd is counted, in seconds.
LOOK_EVERY_S = 0.25
#: There is music for all again when the crowd is down to this part of the limit.
BACK_AT = 0.8

_log = structlog.get_logger("madoguchi.music")


class Music:
    """Watches how many wait. ``tell`` lets the switch know whether new callers hear music; it may
    raise a SwitchError and is then asked again."""

    def __init__(
        self, limit: int, waiting: Callable[[], int], tell: Callable[[bool], Awaitable[None]]
    ) -> None:
        self._limit = limit
        self._waiting = waiting
        self._tell = tell
        self._told: bool | None = None
        #: True while new callers hear no music.
        self.quiet = False

    def forget(self) -> None:
        """The switch may have been started anew: it is told again."""
        self._told = None

    async def run(self) -> NoReturn:
        """Count, decide, tell; until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Count once."""
        waiting = self._waiting()
        quiet = waiting > self._limit * (BACK_AT if self.quiet else 1)
        if quiet != self.quiet:
            self.quiet = quiet
            _log.warning("music_stops_for_new_callers" if quiet else "music_again", waiting=waiting)
        if self._told is not quiet:
            try:
                await self._tell(not quiet)
            except SwitchError:
                return
            self._told = quiet
