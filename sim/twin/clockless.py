"""The engine where no timer could ever ring: it is spared the keeping of them."""

from __future__ import annotations

from datetime import tzinfo

from acd.core.engine import Engine
from acd.core.ids import TimerToken
from acd.core.plan import Plan
from acd.core.timers import NO_TIMER, TimerKind, Timers


class _NoTimers(Timers):
    """Timers that are not kept, for those that are due never."""

    __slots__ = ()

    def arm(self, kind: TimerKind, subject: str, at_s: float) -> TimerToken:
        """No timer: the engine has nothing to forget, and the clock nothing to wind."""
        return NO_TIMER


class ClocklessEngine(Engine):
    """The production engine under a plan in which every length is without end: nobody leaves by the
    rules, no ring is missed, no ladder climbed. It decides as it would with its timers."""

    def __init__(self, plan: Plan, tz: tzinfo) -> None:
        super().__init__(plan, tz)
        self._state.timers = _NoTimers()
