"""A party: somebody besides caller and operator who is rung into a talk or for a caller.

A party lives beside the offers and takes its id from the same row: on the switch both are legs of
ours, told apart by nobody but the engine. It rings, may be answered, and ends exactly once.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from acd.core.ids import AgentId, CallId, OfferId, Personal, QueueId, TimerToken
from acd.core.plan import Target


class PartyKind(StrEnum):
    """What a party is there for.

    CONSULT: the operator asks while the caller waits. GUEST: a third voice in the talk (an
    interpreter, a department). TRANSFER: it is the caller's now, the operator has left.
    """

    CONSULT = "consult"
    GUEST = "guest"
    TRANSFER = "transfer"

    __hash__ = str.__hash__


class PartyResult(StrEnum):
    """How a party ended: TALKED if it ever answered, else why it did not."""

    TALKED = "talked"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    CALLER_GONE = "caller_gone"
    CANCELLED = "cancelled"
    ERROR = "error"


class Party(Struct, gc=False):
    """A live party. ``agent`` is the operator who asked for it; ``number`` is what was dialled
    where it is no entry of the directory; ``colleague`` is the operator who was asked, if it is
    one, and ``queue`` the line that was asked for. Times are engine seconds; ``answered_s`` 0 =
    rings."""

    id: OfferId
    call: CallId
    agent: AgentId
    kind: PartyKind
    target: Target
    asked_s: float
    number: Personal = ""
    answered_s: float = 0.0
    timer: TimerToken = TimerToken(0)
    colleague: AgentId = AgentId("")
    queue: QueueId = QueueId("")

    @property
    def answered(self) -> bool:
        """Whether somebody picked up."""
        return self.answered_s > 0.0
