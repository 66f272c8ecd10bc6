"""What happened outside the engine: past tense, one frozen struct each.

The controller stamps each with engine time, hands it to :meth:`acd.core.engine.Engine.handle` and
writes it to the journal. Inputs may be late, doubled or about things long gone: the engine then
answers with no events, or with :class:`acd.core.events.RequestRefused` where a person asked.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from acd.core.ids import AgentId, CallId, OfferId, Personal, QueueId, SwitchId, TimerToken
from acd.core.inputs_floor import FloorInput
from acd.core.inputs_talk import TalkInput
from acd.core.plan import CallType, Plan, SkillNeed, Target
from agents.state import NotReadyReason


class CallerKind(StrEnum):
    """What the network told about the caller (municipal wording in docs/glossary)."""

    NUMBER = "number"
    WITHHELD = "withheld"
    PAYPHONE = "payphone"
    UNAVAILABLE = "unavailable"


class Caller(Struct, frozen=True):
    """Who calls. ``number`` is empty unless ``kind`` is NUMBER: a withheld one is never kept."""

    kind: CallerKind
    number: Personal = ""


class OfferFailure(StrEnum):
    """Why ringing an operator did not lead to a talk."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    CALLER_GONE = "caller_gone"
    ERROR = "error"


class FlowEnding(StrEnum):
    """How a menu ended a call without a queue."""

    SELF_SERVED = "self_served"
    CLOSED = "closed"
    MESSAGE = "message"
    CALL_BACK = "call_back"
    SENT_ELSEWHERE = "sent_elsewhere"
    FAILED = "failed"
    TRUNK_FULL = "trunk_full"


class EndedBy(StrEnum):
    """Who ended a talk, as far as the switch can tell."""

    CALLER = "caller"
    AGENT = "agent"
    TRANSFER = "transfer"
    TAKEN_OVER = "taken_over"
    SYSTEM = "system"


class LossReason(StrEnum):
    """Why a call was lost although nobody hung up."""

    SWITCH_DOWN = "switch_down"
    NOT_FOUND = "not_found"


class CallArrived(Struct, frozen=True, gc=False, tag="call_arrived"):
    """A call reached one of our numbers. ``listed`` is false for a number not in the plan;
    ``adopted`` is true for a call that came while no controller ran and was found later."""

    call: CallId
    switch: SwitchId
    channel: str
    trunk: str
    dialled: str
    caller: Caller
    listed: bool = True
    adopted: bool = False


class MenuStepped(Struct, frozen=True, gc=False, tag="menu_stepped"):
    """The caller passed a node of the flow; ``key`` is what was pressed there (may be empty)."""

    call: CallId
    node: str
    key: str = ""


class QueueRequested(Struct, frozen=True, gc=False, tag="queue_requested"):
    """The flow wants an operator for the caller. ``None`` means: as the queue's plan says.

    ``waited_s`` is how long the caller has waited already without a controller."""

    call: CallId
    queue: QueueId
    call_type: CallType | None = None
    language: str = "ja"
    needs: tuple[SkillNeed, ...] = ()
    prefers: tuple[SkillNeed, ...] = ()
    priority: int | None = None
    prefer_agent: AgentId | None = None
    waited_s: float = 0.0


class FlowEnded(Struct, frozen=True, gc=False, tag="flow_ended"):
    """The flow ended the call itself; the hang-up follows as CallerHungUp."""

    call: CallId
    ending: FlowEnding
    detail: str = ""


class CallerHungUp(Struct, frozen=True, gc=False, tag="caller_hung_up"):
    """The caller's channel is gone: always the last word on a call. ``cause`` is Q.850."""

    call: CallId
    cause: int = 16


class CallLost(Struct, frozen=True, gc=False, tag="call_lost"):
    """The call is gone without a hang-up seen by anybody (found by reconciling)."""

    call: CallId
    reason: LossReason


class OfferAnswered(Struct, frozen=True, gc=False, tag="offer_answered"):
    """The operator picked up; the caller is not connected yet."""

    offer: OfferId


class OfferFailed(Struct, frozen=True, gc=False, tag="offer_failed"):
    """The operator's device did not lead to a talk."""

    offer: OfferId
    reason: OfferFailure


class CallConnected(Struct, frozen=True, gc=False, tag="call_connected"):
    """Operator and caller are in one bridge."""

    offer: OfferId


class HoldStarted(Struct, frozen=True, gc=False, tag="hold_started"):
    """The operator put the caller on hold."""

    offer: OfferId


class HoldEnded(Struct, frozen=True, gc=False, tag="hold_ended"):
    """The operator came back to the caller."""

    offer: OfferId


class LegEnded(Struct, frozen=True, gc=False, tag="leg_ended"):
    """The operator's channel is gone."""

    offer: OfferId
    by: EndedBy = EndedBy.AGENT


class AgentLoggedIn(Struct, frozen=True, gc=False, tag="agent_logged_in"):
    """An operator logs in; ``device`` replaces the plan's when not empty."""

    agent: AgentId
    device: str = ""


class AgentLoggedOut(Struct, frozen=True, gc=False, tag="agent_logged_out"):
    """An operator logs out or is logged out by a supervisor; after the talk if there is one."""

    agent: AgentId
    by: str = ""


class AgentReadied(Struct, frozen=True, gc=False, tag="agent_readied"):
    """An operator wants calls: now, or, in a call, after it (the next state is reserved).
    ``by`` is set when somebody else asked for it."""

    agent: AgentId
    by: str = ""


class AgentPaused(Struct, frozen=True, gc=False, tag="agent_paused"):
    """An operator wants no calls: now, or, in a call, after it (the next state is reserved).
    ``by`` is set when somebody else asked for it."""

    agent: AgentId
    reason: NotReadyReason
    by: str = ""


class WrapUpExtended(Struct, frozen=True, gc=False, tag="wrap_up_extended"):
    """An operator needs ``extra_s`` more seconds of wrap-up."""

    agent: AgentId
    extra_s: float


class DispositionGiven(Struct, frozen=True, gc=False, tag="disposition_given"):
    """What the call was about and whether it was settled, as the operator classifies it."""

    agent: AgentId
    call: CallId
    code: str
    resolved: bool | None = None
    call_type: CallType | None = None
    note: Personal = ""


class HelpRequested(Struct, frozen=True, gc=False, tag="help_requested"):
    """The operator is threatened or insulted in the present call and wants the supervisor."""

    agent: AgentId


class TransferRequested(Struct, frozen=True, gc=False, tag="transfer_requested"):
    """Blind transfer of the agent's present talk to a queue or a directory entry."""

    agent: AgentId
    target: Target


class HangUpRequested(Struct, frozen=True, gc=False, tag="hang_up_requested"):
    """The agent ends the present talk."""

    agent: AgentId


class TimerFired(Struct, frozen=True, gc=False, tag="timer_fired"):
    """A timer that the engine started is due."""

    token: TimerToken


class PlanChanged(Struct, frozen=True, tag="plan_changed"):
    """A new plan, already validated whole, applies from now, to waiting calls too."""

    plan: Plan


class SwitchDown(Struct, frozen=True, gc=False, tag="switch_down"):
    """The controller lost a switch: nothing can be offered there, talks go on."""

    switch: SwitchId


class SwitchUp(Struct, frozen=True, gc=False, tag="switch_up"):
    """A switch is back and has been reconciled."""

    switch: SwitchId


class DeviceMoved(Struct, frozen=True, gc=False, tag="device_moved"):
    """The operator's telephone registered at another switch: it is rung from there."""

    agent: AgentId
    switch: SwitchId


class CommandFailed(Struct, frozen=True, gc=False, tag="command_failed"):
    """A command other than an offer could not be carried out; ``command`` is its tag."""

    command: str
    subject: str
    reason: str


CallInput = (
    CallArrived
    | MenuStepped
    | QueueRequested
    | FlowEnded
    | CallerHungUp
    | CallLost
    | OfferAnswered
    | OfferFailed
    | CallConnected
    | HoldStarted
    | HoldEnded
    | LegEnded
)
AgentInput = (
    AgentLoggedIn
    | AgentLoggedOut
    | AgentReadied
    | AgentPaused
    | WrapUpExtended
    | DispositionGiven
    | HelpRequested
    | TransferRequested
    | HangUpRequested
    | TalkInput
)
SystemInput = TimerFired | PlanChanged | SwitchDown | SwitchUp | CommandFailed | DeviceMoved
Input = CallInput | AgentInput | SystemInput | FloorInput
