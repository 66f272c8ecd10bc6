"""What the engine decided about parties (see :mod:`acd.core.party`): part of its events."""

from __future__ import annotations

from msgspec import Struct

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


TalkEvent = PartyAsked | PartyAnswered | PartyMoved | PartyEnded
