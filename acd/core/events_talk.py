"""What the engine decided about parties (see :mod:`acd.core.party`): part of its events."""

from __future__ import annotations

from msgspec import Struct

from acd.core.dial import DialOutcome
from acd.core.ids import AgentId, CallId, OfferId, Personal
from acd.core.party import PartyKind, PartyResult
from acd.core.plan import Target


class PartyAsked(Struct, frozen=True, gc=False, tag="party_asked"):
    """Somebody is rung, ``ring_s`` seconds at most."""

    party: OfferId
    call: CallId
    agent: AgentId
    kind: PartyKind
    target: Target
    ring_s: float
    number: Personal = ""


class PartyAnswered(Struct, frozen=True, gc=False, tag="party_answered"):
    """The party picked up: who asked talks with it, or the caller does."""

    party: OfferId
    call: CallId
    agent: AgentId


class PartyMoved(Struct, frozen=True, gc=False, tag="party_moved"):
    """The party is there for something else now: a consultation became a transfer or a talk of
    three."""

    party: OfferId
    call: CallId
    agent: AgentId
    kind: PartyKind


class PartyEnded(Struct, frozen=True, gc=False, tag="party_ended"):
    """The party is gone, or was given up."""

    party: OfferId
    call: CallId
    agent: AgentId
    kind: PartyKind
    result: PartyResult


class DialStarted(Struct, frozen=True, gc=False, tag="dial_started"):
    """An operator calls outside: the own telephone rings, ``ring_s`` seconds at most."""

    dial: OfferId
    agent: AgentId
    number: Personal
    ring_s: float


class DialPickedUp(Struct, frozen=True, gc=False, tag="dial_picked_up"):
    """The operator picked up, and the outside is rung until ``until_s`` at the latest."""

    dial: OfferId
    agent: AgentId
    until_s: float


class DialAnswered(Struct, frozen=True, gc=False, tag="dial_answered"):
    """The outside answered: they talk."""

    dial: OfferId
    agent: AgentId


class DialEnded(Struct, frozen=True, gc=False, tag="dial_ended"):
    """The outside call is over."""

    dial: OfferId
    agent: AgentId
    outcome: DialOutcome


PartyEvent = PartyAsked | PartyAnswered | PartyMoved | PartyEnded
DialEvent = DialStarted | DialPickedUp | DialAnswered | DialEnded
TalkEvent = PartyEvent | DialEvent
