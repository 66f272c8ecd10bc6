"""What the engine decided about parties (see :mod:`acd.core.party`): part of its events."""

from __future__ import annotations

from msgspec import Struct

from acd.core.dial import DialOutcome
from acd.core.ids import AgentId, CallId, OfferId, Personal, QueueId, VisitId
from acd.core.party import PartyKind, PartyResult
from acd.core.plan import Target
from acd.core.trunks import Passed


class PartyAsked(Struct, frozen=True, gc=False, tag="party_asked"):
    """Somebody is rung, ``ring_s`` seconds at most. An operator who is rung is the ``colleague``,
    here and in what follows; ``queue`` is the line that was asked for, if one was."""

    party: OfferId
    call: CallId
    agent: AgentId
    kind: PartyKind
    target: Target
    ring_s: float
    number: Personal = ""
    colleague: AgentId = AgentId("")
    queue: QueueId = QueueId("")


class PartyAnswered(Struct, frozen=True, gc=False, tag="party_answered"):
    """The party picked up: who asked talks with it, or the caller does."""

    party: OfferId
    call: CallId
    agent: AgentId
    colleague: AgentId = AgentId("")


class PartyMoved(Struct, frozen=True, gc=False, tag="party_moved"):
    """The party is there for something else now: a consultation became a transfer or a talk of
    three."""

    party: OfferId
    call: CallId
    agent: AgentId
    kind: PartyKind
    colleague: AgentId = AgentId("")


class PartyEnded(Struct, frozen=True, gc=False, tag="party_ended"):
    """The party is gone, or was given up."""

    party: OfferId
    call: CallId
    agent: AgentId
    kind: PartyKind
    result: PartyResult
    colleague: AgentId = AgentId("")


class TalkTakenUp(Struct, frozen=True, gc=False, tag="talk_taken_up"):
    """The colleague who was the party ``offer`` has the caller now: a talk like any other, under
    the same id. ``agent`` is the colleague, ``by`` the operator who left the caller."""

    offer: OfferId
    call: CallId
    agent: AgentId
    by: AgentId
    queue: QueueId
    visit: VisitId


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


class DialFailed(Struct, frozen=True, gc=False, tag="dial_failed"):
    """Nobody outside will come; the operator still hears why."""

    dial: OfferId
    agent: AgentId
    outcome: DialOutcome


class DialEnded(Struct, frozen=True, gc=False, tag="dial_ended"):
    """The outside call is over."""

    dial: OfferId
    agent: AgentId
    outcome: DialOutcome


class LineTaken(Struct, frozen=True, gc=False, tag="line_taken"):
    """A carrier's line has a call to the outside (see :class:`acd.core.inputs_talk.LineReported`),
    or, with an empty ``line``, none could take it. ``again``: the one before it, the last of those
    ``passed``, was tried in vain."""

    offer: OfferId
    call: CallId
    group: str
    line: str
    passed: tuple[Passed, ...] = ()
    again: bool = False


class TalkRecovered(Struct, frozen=True, gc=False, tag="talk_recovered"):
    """Caller and operator were found in a talk that was begun by whoever led before: the offer and
    the answer that follow were not decided here."""

    call: CallId
    agent: AgentId


PartyEvent = PartyAsked | PartyAnswered | PartyMoved | PartyEnded | TalkTakenUp
DialEvent = DialStarted | DialPickedUp | DialAnswered | DialFailed | DialEnded
TalkEvent = PartyEvent | DialEvent | LineTaken | TalkRecovered
