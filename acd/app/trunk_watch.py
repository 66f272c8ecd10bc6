"""Whether carriers' lines are there, and how many calls are on them: looked at once a second.

The switch asks each carrier by OPTIONS; this only reads what it found. With several switches each
looks for itself: a line counts as down when one of them does not reach it, since calls of that one
go another way then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NoReturn, Protocol

from acd.core.events import Event
from acd.core.events_talk import LineTaken
from acd.core.ids import SwitchId
from acd.errors import SwitchError

EVERY_S = 1.0


class TrunkProbe(Protocol):
    """Asks one switch about its lines; raises a SwitchError."""

    async def up(self, trunks: Sequence[str]) -> dict[str, bool]:
        """Which of the trunks answer."""
        ...

    async def in_use(self, trunks: Sequence[str]) -> dict[str, int]:
        """Calls on each of the trunks, in both directions."""
        ...


class TrunkWatch:
    """``asked`` are the trunks that answer OPTIONS or do not, ``limited`` those with a limit.
    ``sleep`` waits between two looks."""

    def __init__(
        self,
        probes: Callable[[], Mapping[SwitchId, TrunkProbe]],
        asked: Sequence[str],
        limited: Sequence[str],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._probes, self._sleep = probes, sleep
        self._asked, self._limited = tuple(asked), tuple(limited)
        self._seen: dict[SwitchId, tuple[dict[str, bool], dict[str, int]]] = {}

    async def run(self) -> NoReturn:
        """Look until cancelled."""
        while True:
            await self.look()
            await self._sleep(EVERY_S)

    async def look(self) -> None:
        """One look at every switch; one that is not there says nothing of its lines."""
        if not (self._asked or self._limited):
            return
        seen: dict[SwitchId, tuple[dict[str, bool], dict[str, int]]] = {}
        for switch, probe in self._probes().items():
            try:
                seen[switch] = await probe.up(self._asked), await probe.in_use(self._limited)
            except SwitchError:
                continue
        self._seen = seen

    @property
    def up(self) -> dict[str, bool]:
        """By trunk, whether all switches reach it; who was not asked yet is left out."""
        found: dict[str, bool] = {}
        for lines, _ in self._seen.values():
            for trunk, is_up in lines.items():
                found[trunk] = found.get(trunk, True) and is_up
        return found

    @property
    def in_use(self) -> dict[str, int]:
        """By trunk with a limit, the calls on it, of all switches."""
        found: dict[str, int] = {}
        for _, counts in self._seen.values():
            for trunk, count in counts.items():
                found[trunk] = found.get(trunk, 0) + count
        return found

    def alarming(self) -> dict[str, float | None]:
        """By trunk, 1 when it is down: what the alarm judges."""
        return {trunk: float(not is_up) for trunk, is_up in self.up.items()}


class LinesTaken:
    """An EventSink that counts calls to the outside by trunk, and why a trunk did not get one."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}
        self.passed: dict[tuple[str, str], int] = {}

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Take the events of one step."""
        for event in events:
            if isinstance(event, LineTaken):
                self._take(event)

    def _take(self, event: LineTaken) -> None:
        """A call that goes from line to line is told again at each: with all that went before, of
        which only the last is new when a line was tried in vain."""
        if event.line:
            self.taken[event.line] = self.taken.get(event.line, 0) + 1
        new = event.passed[-1:] if event.again else event.passed
        for each in new:
            key = (each.trunk, each.reason.value)
            self.passed[key] = self.passed.get(key, 0) + 1
