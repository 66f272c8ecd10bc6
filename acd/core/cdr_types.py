"""The ledger's rows: one per call, per queue visit, per offer to an operator, per stretch of time.

Times are Unix milliseconds, durations integer milliseconds, so that sums are exact. Rows travel in
the journal's frames and are stored under their keys: storing a row twice changes nothing.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from acd.core.dial import DialOutcome
from acd.core.events import CallOutcome, OfferResult, VisitOutcome
from acd.core.ids import AgentId, CallId, OfferId, Personal, QueueId, SwitchId, VisitId
from acd.core.inputs import CallerKind, EndedBy
from acd.core.party import PartyKind, PartyResult
from acd.core.plan import CallType, OverflowKind, TargetKind
from agents.state import AgentState, NotReadyReason


class Source(StrEnum):
    """Who saw the call."""

    CONTROLLER = "controller"
    SWITCH = "switch"


class SegmentKind(StrEnum):
    """What a stretch of a call is spent on.

    MENU, WAIT, TALK, HOLD and AFTER follow one another without gap from the call's first to its
    last moment; RING and WRAP_UP are the operator's and lie beside them.
    """

    MENU = "menu"
    WAIT = "wait"
    RING = "ring"
    TALK = "talk"
    HOLD = "hold"
    WRAP_UP = "wrap_up"
    AFTER = "after"


class SegmentEnd(StrEnum):
    """Why a stretch ended."""

    QUEUED = "queued"
    FLOW_FINISHED = "flow_finished"
    HUNG_UP = "hung_up"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    CALL_BACK = "call_back"
    SENT_ELSEWHERE = "sent_elsewhere"
    WITHDRAWN = "withdrawn"
    LOST = "lost"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    CALLER_GONE = "caller_gone"
    ERROR = "error"
    AGENT_LEFT = "agent_left"
    EXPIRED = "expired"
    HELD = "held"
    RESUMED = "resumed"
    CALLER = "caller"
    AGENT = "agent"
    TRANSFER = "transfer"
    TAKEN_OVER = "taken_over"
    SYSTEM = "system"
    READY = "ready"
    NOT_READY = "not_ready"
    LOGGED_OUT = "logged_out"


class CallRecord(Struct, frozen=True, array_like=True, tag="call"):
    """One call from its first to its last moment; key: ``call``.

    ``menu_ms + wait_ms + talk_ms + hold_ms + after_ms == closed_ms - offered_ms``.
    ``answered_ms`` is the first answer by an operator, ``legs`` counts the talks,
    ``transfers`` those sent on, ``forwarded`` those of them that left the centre. ``detail`` is the
    flow's own word for how it ended the call. ``drill``: it came in a drill and is no part of the
    figures. ``survey`` is the answer to the question after the talk, 1 to 5, if the caller was
    asked and pressed a key. ``queue`` and ``skills`` are the last visit's, ``agent`` who talked
    last with the caller; ``returned`` counts those sent on whom nobody took.
    """

    call: CallId
    switch: SwitchId
    trunk: str
    dialled: str
    caller_kind: CallerKind
    caller_number: Personal
    listed: bool
    adopted: bool
    source: Source
    offered_ms: int
    closed_ms: int
    outcome: CallOutcome
    cause: int
    call_type: CallType | None = None
    language: str = ""
    detail: str = ""
    answered_ms: int | None = None
    menu_ms: int = 0
    wait_ms: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    after_ms: int = 0
    visits: int = 0
    legs: int = 0
    transfers: int = 0
    disposition: str = ""
    resolved: bool | None = None
    forwarded: int = 0
    drill: bool = False
    survey_asked: bool = False
    survey: int | None = None
    queue: QueueId = QueueId("")
    agent: AgentId = AgentId("")
    skills: str = ""
    returned: int = 0


class VisitRecord(Struct, frozen=True, array_like=True, tag="visit"):
    """One stay in one queue; key: ``call``, ``visit``.

    ``wait_ms`` counts from the queue entry, ``caller_ms`` from the moment the call came (the time
    the caller pays for). ``priority`` is None when it was the queue's own. ``rule`` and the target
    say where an overflow sent the call. ``came_ms`` is when the call came, ``dialled`` and
    ``trunk`` are the call's; ``skills`` are those it needs besides its queue's, with commas.
    """

    call: CallId
    visit: VisitId
    number: int
    queue: QueueId
    call_type: CallType
    language: str
    priority: int | None
    entered_ms: int
    ended_ms: int
    outcome: VisitOutcome
    wait_ms: int
    caller_ms: int
    offers: int = 0
    agent: AgentId | None = None
    rule: OverflowKind | None = None
    target_kind: TargetKind | None = None
    target: str = ""
    drill: bool = False
    came_ms: int = 0
    dialled: str = ""
    trunk: str = ""
    skills: str = ""


class LegRecord(Struct, frozen=True, array_like=True, tag="leg"):
    """One offer to one operator, with the talk if it came to one; key: ``call``, ``offer``.

    ``result`` is ``None`` for a talk. ``wrap_up_ms`` ends when the operator does something else.
    ``came_ms`` is when the call came; what follows it is the call's and the visit's.
    """

    call: CallId
    offer: OfferId
    visit: VisitId
    queue: QueueId
    agent: AgentId
    offered_ms: int
    ring_ms: int
    result: OfferResult | None = None
    answered_ms: int | None = None
    ended_ms: int | None = None
    talk_ms: int = 0
    hold_ms: int = 0
    holds: int = 0
    wrap_up_ms: int = 0
    ended_by: EndedBy | None = None
    target_kind: TargetKind | None = None
    target: str = ""
    drill: bool = False
    came_ms: int = 0
    dialled: str = ""
    trunk: str = ""
    call_type: CallType | None = None
    language: str = ""
    skills: str = ""


class Segment(Struct, frozen=True, array_like=True, tag="segment"):
    """One stretch of a call; key: ``call``, ``number``."""

    call: CallId
    number: int
    kind: SegmentKind
    start_ms: int
    duration_ms: int
    end: SegmentEnd
    queue: QueueId = QueueId("")
    offer: OfferId = OfferId("")
    agent: AgentId = AgentId("")


class PartyRecord(Struct, frozen=True, array_like=True, tag="party"):
    """Somebody besides caller and operator who was rung in a talk; key: ``call``, ``party``.

    ``kind`` is what the party was there for at last: a consultation that was completed is a
    transfer. ``answered_ms`` is None where nobody picked up; ``result`` says why.
    """

    call: CallId
    party: OfferId
    agent: AgentId
    kind: PartyKind
    target_kind: TargetKind
    target: str
    number: Personal
    asked_ms: int
    ring_ms: int
    answered_ms: int | None
    ended_ms: int
    talk_ms: int
    result: PartyResult


class OutsideRecord(Struct, frozen=True, array_like=True, tag="outside"):
    """One outside call by an operator: a call of its own; key: ``call`` (``out-`` and its id).

    ``picked_up_ms`` is when the operator's own telephone was answered, ``answered_ms`` when the
    outside was; None: it never was. ``trunk`` is the carrier's line that had the call last; empty
    where none did, or none was chosen.
    """

    call: CallId
    agent: AgentId
    number: Personal
    started_ms: int
    picked_up_ms: int | None
    answered_ms: int | None
    ended_ms: int
    talk_ms: int
    outcome: DialOutcome
    trunk: str = ""


class AgentSpan(Struct, frozen=True, array_like=True, tag="span"):
    """One stretch of an operator in one state, for one reason; key: ``agent``, ``start_ms``.

    Stretches of an operator do not overlap; time logged out has none.
    """

    agent: AgentId
    start_ms: int
    end_ms: int
    state: AgentState
    reason: NotReadyReason | None = None


class DispositionRecord(Struct, frozen=True, array_like=True, tag="disposition"):
    """An operator's classification of a call; the newest one of a call is the call's."""

    call: CallId
    agent: AgentId
    at_ms: int
    code: str
    resolved: bool | None = None
    call_type: CallType | None = None
    note: Personal = ""


class DetailDropped(Struct, frozen=True, array_like=True, tag="dropped"):
    """The spool had no room: of these steps only outcome rows (or not even those) are left."""

    first_seq: int
    last_seq: int
    steps: int
    outcomes_lost: int = 0

    def after(self, stored_seq: int) -> DetailDropped:
        """What of it was dropped when the database has its steps up to ``stored_seq``: it may
        have taken some whose answer was lost before the spool ran out of room."""
        stored = max(0, stored_seq + 1 - self.first_seq)
        return replace(self, first_seq=self.first_seq + stored, steps=max(0, self.steps - stored))


#: Rows that are kept even when the spool runs out of room.
OutcomeRow = CallRecord | VisitRecord | DispositionRecord | OutsideRecord | DetailDropped
#: Rows that are dropped, and counted, when the spool runs out of room.
DetailRow = LegRecord | Segment | PartyRecord | AgentSpan
#: What the book of records makes of events.
Record = CallRecord | VisitRecord | DispositionRecord | OutsideRecord | DetailRow
