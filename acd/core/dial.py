"""An outside call that an operator makes: a call of its own, the own telephone first."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from acd.core.ids import AgentId, OfferId, Personal, TimerToken


class DialOutcome(StrEnum):
    """How an outside call ended: exactly one for every call.

    OWN_PHONE: the operator's own telephone was not answered. CANCELLED: the operator gave up
    before anybody came. UNREACHABLE: no such number, or no way to it.
    """

    ANSWERED = "answered"
    NOT_ANSWERED = "not_answered"
    BUSY = "busy"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    OWN_PHONE = "own_phone"

    __hash__ = str.__hash__


class Dial(Struct, gc=False):
    """A live outside call: first the operator's telephone rings, then the outside is rung. Times
    are engine seconds, 0 = not yet. ``failed`` is why nobody came, as soon as it is known."""

    id: OfferId
    agent: AgentId
    number: Personal
    started_s: float
    picked_up_s: float = 0.0
    answered_s: float = 0.0
    timer: TimerToken = TimerToken(0)
    failed: DialOutcome | None = None
    switch: str = ""
