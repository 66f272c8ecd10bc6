"""Timers as data: what the engine asks its clock for, and what it has forgotten since.

A timer that is no longer wanted is simply forgotten: its token means nothing when it fires.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from acd.core.commands import StartTimer
from acd.core.ids import TimerToken


class TimerKind(StrEnum):
    """What a timer is for; the subject's kind follows from it."""

    VISIT = "visit"
    PARKED = "parked"
    RING = "ring"
    LEASE = "lease"
    WRAP_UP = "wrap_up"
    COOLDOWN = "cooldown"
    MIDNIGHT = "midnight"
    PARTY = "party"
    DIAL = "dial"
    TAKING = "taking"


class Timer(Struct, frozen=True, gc=False):
    """A pending timer: ``subject`` is a call, offer or agent id, by kind."""

    kind: TimerKind
    subject: str
    at_s: float


#: The token that no timer has.
NO_TIMER = TimerToken(0)


class Timers:
    """All pending timers of an engine, and those armed since :meth:`take_armed`."""

    __slots__ = ("armed", "last_token", "pending")

    def __init__(self) -> None:
        self.last_token = 0
        self.pending: dict[TimerToken, Timer] = {}
        self.armed: list[TimerToken] = []

    def arm(self, kind: TimerKind, subject: str, at_s: float) -> TimerToken:
        """Start a timer; returns its token."""
        token: TimerToken = self.last_token + 1  # type: ignore[assignment]
        self.last_token = token
        self.pending[token] = Timer(kind, subject, at_s)
        self.armed.append(token)
        return token

    def forget(self, token: TimerToken) -> None:
        """The timer is no longer wanted (unknown tokens are fine)."""
        self.pending.pop(token, None)

    def take_armed(self) -> list[StartTimer]:
        """Timers armed since the last call and still wanted, in order."""
        armed, pending = self.armed, self.pending
        self.armed = []
        wanted: list[StartTimer] = []
        # Written out: of one or two timers a comprehension takes longer than the work itself.
        for token in armed:
            timer = pending.get(token)
            if timer is not None:
                wanted.append(StartTimer(token, timer.at_s))
        return wanted

    def all_pending(self) -> list[StartTimer]:
        """Every pending timer, for a clock that starts anew."""
        return [StartTimer(token, timer.at_s) for token, timer in self.pending.items()]
