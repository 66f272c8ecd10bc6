"""What an operator asks for in a talk: part of the engine's inputs."""

from __future__ import annotations

from msgspec import Struct

from acd.core.dial import DialOutcome
from acd.core.ids import AgentId, CallId, OfferId, Personal, QueueId
from acd.core.plan import Target
from acd.core.trunks import Passed


class HoldRequested(Struct, frozen=True, gc=False, tag="hold_requested"):
    """The operator lets the caller wait with music."""

    agent: AgentId


class ResumeRequested(Struct, frozen=True, gc=False, tag="resume_requested"):
    """The operator goes back to the caller; a consultation ends."""

    agent: AgentId


class ConsultRequested(Struct, frozen=True, gc=False, tag="consult_requested"):
    """The operator asks somebody while the caller waits: a directory entry, a colleague, the next
    one of a queue, or ``number``."""

    agent: AgentId
    target: Target
    number: Personal = ""


class ConsultCompleted(Struct, frozen=True, gc=False, tag="consult_completed"):
    """The operator leaves caller and party to each other."""

    agent: AgentId


class ConferenceRequested(Struct, frozen=True, gc=False, tag="conference_requested"):
    """A third voice: a directory entry, a colleague, the next one of a queue, an interpreter for
    ``language``, or, with none of these, the party that is being consulted."""

    agent: AgentId
    target: Target | None = None
    language: str = ""


class PartyDropped(Struct, frozen=True, gc=False, tag="party_dropped"):
    """The operator lets a third voice go."""

    agent: AgentId
    party: OfferId


class DialRequested(Struct, frozen=True, gc=False, tag="dial_requested"):
    """The operator calls outside: the own telephone rings first."""

    agent: AgentId
    number: Personal


class OutsideFailed(Struct, frozen=True, gc=False, tag="outside_failed"):
    """Who is called outside does not come, and why. The operator still hears the tone that says
    so."""

    offer: OfferId
    outcome: DialOutcome


class LineReported(Struct, frozen=True, gc=False, tag="line_reported"):
    """A carrier's line was chosen for a call to the outside: for the leg of ``offer`` (an outside
    call, a party, an operator in the public network), or for the caller of ``call`` who is handed
    on. ``line`` is empty when none is left; ``passed`` says why others did not get the call. Told
    ``again`` when a line was tried in vain and the next one has the call."""

    offer: OfferId
    call: CallId
    group: str
    line: str
    passed: tuple[Passed, ...] = ()
    again: bool = False


class PartyJoined(Struct, frozen=True, gc=False, tag="party_joined"):
    """Somebody who was asked talks with the operator who asked (and with no caller)."""

    offer: OfferId


class TalkFound(Struct, frozen=True, gc=False, tag="talk_found"):
    """A sweep found operator and caller together, or apart, other than was believed."""

    offer: OfferId
    apart: bool


class TalkMet(Struct, frozen=True, gc=False, tag="talk_met"):
    """A sweep found a caller with an operator by a leg that the engine never heard of: whoever led
    before connected them and died before it could say so. ``queue`` is what it was rung for;
    ``apart``: the operator has the caller wait."""

    call: CallId
    offer: OfferId
    agent: AgentId
    queue: QueueId
    apart: bool = False


TalkInput = (
    HoldRequested
    | ResumeRequested
    | ConsultRequested
    | ConsultCompleted
    | ConferenceRequested
    | PartyDropped
    | DialRequested
    | TalkFound
    | TalkMet
    | OutsideFailed
    | PartyJoined
    | LineReported
)
