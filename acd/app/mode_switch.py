"""The disaster switch: one request, and everything follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from acd.app.requests import Submit, ask
from acd.core.engine import Engine
from acd.core.floor_memory import ModeNow
from acd.core.inputs_floor import ModeRequested
from acd.core.plan import Mode


class ModeSwitch:
    """Turns a centre's mode. ``follow`` lets the parts outside of the engine do so: the menu reads
    the plan in force anyway, the switch has to be told which numbers need no menu."""

    def __init__(
        self,
        submit: Submit,
        engine: Callable[[], Engine],
        follow: Callable[[], Awaitable[None]],
    ) -> None:
        self._submit = submit
        self._engine = engine
        self._follow = follow

    def now(self) -> ModeNow:
        """The mode, since when, for a drill or not, who turned it and why."""
        return self._engine().state.floor.mode

    def prepared(self) -> bool:
        """Whether the centre's files say what a disaster changes."""
        return self._engine().planned.disaster is not None

    def played_with(self) -> tuple[tuple[str, ...], int]:
        """What a drill is played with: numbers of ours, and how many telephones may call."""
        disaster = self._engine().planned.disaster
        if disaster is None:
            return (), 0
        return disaster.drill_numbers, len(disaster.drill_callers)

    async def turn(self, mode: Mode, drill: bool, reason: str, by: str) -> ModeNow:
        """Change the mode; raises Refused when it is so already or nothing is prepared."""
        await ask(self._submit, ModeRequested(mode, drill, reason, by))
        await self._follow()
        return self.now()
