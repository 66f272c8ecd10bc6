"""What the engine decided: past tense, one frozen struct each, applied to its state and journaled.

Some events move an operator as well, and no AgentChanged follows them: CallOffered (ringing),
CallAnswered (talking), TalkHeld (hold, talking), LegClosed (wrap-up). All other changes of an
operator are an AgentChanged.

Snapshot plus events restore the engine; records, live views and measures are folds over them. The
time of an event is the time of the input it answers; it travels beside the event (``at_s``).
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from acd.core.events_floor import FloorEvent
from acd.core.events_talk import TalkEvent
from acd.core.ids import AgentId, CallId, OfferId, Personal, QueueId, SwitchId, VisitId
from acd.core.inputs import Caller, EndedBy
from acd.core.plan import CallType, OverflowKind, Plan, SkillNeed, Target
from agents.state import AgentState, NotReadyReason

#: Version of the event schema, stored with every journal batch.
SCHEMA = 1


class CallOutcome(StrEnum):
    """How a call ended: exactly one for every call."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    LEFT_IN_MENU = "left_in_menu"
    SELF_SERVED = "self_served"
    CALL_BACK = "call_back"
    MESSAGE = "message"
    SENT_ELSEWHERE = "sent_elsewhere"
    CLOSED = "closed"
    BLOCKED = "blocked"
    FAILED = "failed"
    LOST = "lost"


class VisitOutcome(StrEnum):
    """How a stay in one queue ended: exactly one for every visit."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    CALL_BACK = "call_back"
    SENT_ELSEWHERE = "sent_elsewhere"
    WITHDRAWN = "withdrawn"
    LOST = "lost"


class OfferResult(StrEnum):
    """How an offer ended without a talk."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    CALLER_GONE = "caller_gone"
    ERROR = "error"
    AGENT_LEFT = "agent_left"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class RefusalReason(StrEnum):
    """Why a person's request was not carried out."""

    UNKNOWN_AGENT = "unknown_agent"
    UNKNOWN_CALL = "unknown_call"
    UNKNOWN_TARGET = "unknown_target"
    NOT_LOGGED_IN = "not_logged_in"
    ALREADY_LOGGED_IN = "already_logged_in"
    NOT_IN_A_CALL = "not_in_a_call"
    NOT_IN_WRAP_UP = "not_in_wrap_up"
    NOT_ON_HOLD = "not_on_hold"
    NO_CONSULTATION = "no_consultation"
    ANOTHER_PARTY = "another_party"
    CLOSED = "closed"
    NUMBER_NOT_ALLOWED = "number_not_allowed"
    LIMIT_REACHED = "limit_reached"
    COLLEAGUE_BUSY = "colleague_busy"
    NOBODY_FREE = "nobody_free"
    IN_A_CALL = "in_a_call"
    REASON_NOT_ALLOWED = "reason_not_allowed"
    OUT_OF_BOUNDS = "out_of_bounds"
    UNKNOWN_SKILL = "unknown_skill"
    NOT_WAITING = "not_waiting"
    NOT_TALKING = "not_talking"
    DEVICE_BUSY = "device_busy"
    SWITCH_DOWN = "switch_down"
    NOTHING_TO_CHANGE = "nothing_to_change"
    NO_DISASTER_PLAN = "no_disaster_plan"


class AlertKind(StrEnum):
    """Things that the people who run the centre should see at once."""

    UNLISTED_NUMBER = "unlisted_number"
    UNKNOWN_QUEUE = "unknown_queue"
    CALL_LIMIT = "call_limit"
    TRUNK_FULL = "trunk_full"
    LEASE_EXPIRED = "lease_expired"
    COMMAND_FAILED = "command_failed"
    MODE_CHANGED = "mode_changed"
    SWITCH_DOWN = "switch_down"
    HARASSMENT = "harassment"


class CallOpened(Struct, frozen=True, gc=False, tag="call_opened"):
    """A call exists from here on; it is offered in the sense of the measures, unless it is part
    of a drill."""

    call: CallId
    switch: SwitchId
    channel: str
    trunk: str
    dialled: str
    caller: Caller
    listed: bool
    adopted: bool
    drill: bool = False


class MenuPassed(Struct, frozen=True, gc=False, tag="menu_passed"):
    """The caller passed a node of the flow."""

    call: CallId
    node: str
    key: str


class FlowFinished(Struct, frozen=True, gc=False, tag="flow_finished"):
    """The flow settled the call's outcome itself (closed, self-served, message ...)."""

    call: CallId
    outcome: CallOutcome
    detail: str


class CallQueued(Struct, frozen=True, gc=False, tag="call_queued"):
    """A visit begins. ``age_from_s`` is the time the call's age counts from (kept on overflow).

    ``needs`` come on top of the queue's own; ``priority`` None means the queue's.
    ``prefer_agent`` is set while only that operator may take the call: for ``prefer_for_s``
    seconds, or, if that is 0, as long as the queue says.
    """

    call: CallId
    visit: VisitId
    queue: QueueId
    call_type: CallType
    language: str
    needs: tuple[SkillNeed, ...]
    prefers: tuple[SkillNeed, ...]
    priority: int | None
    age_from_s: float
    prefer_agent: AgentId | None = None
    prefer_for_s: float = 0.0


class LadderStepped(Struct, frozen=True, gc=False, tag="ladder_stepped"):
    """Step ``step`` (0-based) of the queue's ladder applies to the call from here on."""

    call: CallId
    step: int


class PreferenceDropped(Struct, frozen=True, gc=False, tag="preference_dropped"):
    """The time during which only the preferred operator could take the call is over."""

    call: CallId


class CallOffered(Struct, frozen=True, gc=False, tag="call_offered"):
    """Call and operator are reserved for one another, and the operator's device rings."""

    offer: OfferId
    call: CallId
    agent: AgentId


class OfferPickedUp(Struct, frozen=True, gc=False, tag="offer_picked_up"):
    """The operator answered the device; the caller is about to be connected."""

    offer: OfferId


class OfferUnseen(Struct, frozen=True, gc=False, tag="offer_unseen"):
    """The ring (of an offer, a party, a taking or an outside call: they share their numbers) should
    be over, but the switch is away: what became of it is asked again."""

    offer: OfferId
    again_s: float


class OfferEnded(Struct, frozen=True, gc=False, tag="offer_ended"):
    """The offer came to nothing; the call keeps place and age."""

    offer: OfferId
    call: CallId
    agent: AgentId
    result: OfferResult


class CallAnswered(Struct, frozen=True, gc=False, tag="call_answered"):
    """Operator and caller talk; the visit ended as answered."""

    offer: OfferId
    call: CallId
    agent: AgentId
    visit: VisitId


class TalkHeld(Struct, frozen=True, gc=False, tag="talk_held"):
    """The caller is on hold (``on``) or back in the talk. ``apart``: the switch holds caller and
    operator apart, so that the operator can ask somebody; else the phone holds by itself."""

    offer: OfferId
    on: bool
    apart: bool = False


class LegClosed(Struct, frozen=True, gc=False, tag="leg_closed"):
    """The talk between this operator and the caller is over."""

    offer: OfferId
    call: CallId
    agent: AgentId
    by: EndedBy


class VisitEnded(Struct, frozen=True, gc=False, tag="visit_ended"):
    """A visit ended other than by an answer; ``rule`` says which overflow rule moved it."""

    call: CallId
    visit: VisitId
    outcome: VisitOutcome
    rule: OverflowKind | None = None
    target: Target | None = None


class TransferStarted(Struct, frozen=True, gc=False, tag="transfer_started"):
    """The operator sent the caller on; the leg closes with ``EndedBy.TRANSFER``."""

    offer: OfferId
    call: CallId
    target: Target


class CallBackRecorded(Struct, frozen=True, gc=False, tag="call_back_recorded"):
    """The caller is to be called back (the request is recorded; a person does it for now)."""

    call: CallId
    queue: QueueId


class CallClosed(Struct, frozen=True, gc=False, tag="call_closed"):
    """The caller's channel is gone; the one outcome of the call is final."""

    call: CallId
    outcome: CallOutcome
    cause: int


class AgentChanged(Struct, frozen=True, gc=False, tag="agent_changed"):
    """An operator's state changed. ``idle_from_s`` is set when the state is READY: it may lie
    in the past, when a ring came to nothing through no fault of the operator."""

    agent: AgentId
    state: AgentState
    reason: NotReadyReason | None = None
    idle_from_s: float = 0.0
    by: str = ""
    device: str = ""


class NextStateReserved(Struct, frozen=True, gc=False, tag="next_state_reserved"):
    """What the operator will be after the present call (READY cancels a reservation)."""

    agent: AgentId
    state: AgentState
    reason: NotReadyReason | None = None
    by: str = ""


class WrapUpProlonged(Struct, frozen=True, gc=False, tag="wrap_up_prolonged"):
    """The wrap-up ends at ``until_s`` instead."""

    agent: AgentId
    until_s: float


class DispositionRecorded(Struct, frozen=True, gc=False, tag="disposition_recorded"):
    """The operator's classification of a call."""

    agent: AgentId
    call: CallId
    code: str
    resolved: bool | None
    call_type: CallType | None
    note: Personal = ""


class PlanAdopted(Struct, frozen=True, tag="plan_adopted"):
    """The engine works under this plan from here on."""

    plan: Plan


class SwitchChanged(Struct, frozen=True, gc=False, tag="switch_changed"):
    """A switch became usable or unusable for offers."""

    switch: SwitchId
    up: bool


class AgentMoved(Struct, frozen=True, gc=False, tag="agent_moved"):
    """The operator's telephone is at this switch now."""

    agent: AgentId
    switch: SwitchId


class RequestRefused(Struct, frozen=True, gc=False, tag="request_refused"):
    """A person's request changed nothing, and why."""

    subject: str
    request: str
    reason: RefusalReason


class AlertRaised(Struct, frozen=True, gc=False, tag="alert_raised"):
    """Something that the people who run the centre should see; ``subject`` is no personal data."""

    kind: AlertKind
    subject: str


class VisitTimed(Struct, frozen=True, gc=False, tag="visit_timed"):
    """A waiting call's clock rang without anything to decide; it is set anew."""

    call: CallId


class CallParked(Struct, frozen=True, gc=False, tag="call_parked"):
    """The call keeps its place but is not offered until ``until_s`` (its caller seemed gone)."""

    call: CallId
    until_s: float


class CallUnparked(Struct, frozen=True, gc=False, tag="call_unparked"):
    """The call may be offered again."""

    call: CallId


Event = (
    CallOpened
    | MenuPassed
    | FlowFinished
    | CallQueued
    | LadderStepped
    | PreferenceDropped
    | CallOffered
    | OfferPickedUp
    | OfferUnseen
    | OfferEnded
    | CallAnswered
    | TalkHeld
    | LegClosed
    | VisitEnded
    | TransferStarted
    | CallBackRecorded
    | CallClosed
    | AgentChanged
    | NextStateReserved
    | WrapUpProlonged
    | DispositionRecorded
    | PlanAdopted
    | SwitchChanged
    | RequestRefused
    | AlertRaised
    | VisitTimed
    | CallParked
    | CallUnparked
    | AgentMoved
    | FloorEvent
    | TalkEvent
)
