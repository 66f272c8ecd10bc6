"""Decisions on inputs about callers: arrival, menu, queue, hang-up."""

from __future__ import annotations

from acd.core import events as e
from acd.core import inputs as i
from acd.core.call import Call, CallState
from acd.core.commands import CancelOffer, DialTarget, PlayAnnouncement
from acd.core.decide_parties import caller_gone
from acd.core.decide_take import drop_taking
from acd.core.drill import is_called
from acd.core.events import AlertKind, CallOutcome, OfferResult, VisitOutcome
from acd.core.inputs import EndedBy, FlowEnding
from acd.core.inputs_floor import TakingResult
from acd.core.overflow import CONGESTION, enqueue
from acd.core.staffing import after_ring, after_talk
from acd.core.state import State
from acd.core.step import Step
from agents.state import AgentState

_ENDINGS = {
    FlowEnding.SELF_SERVED: CallOutcome.SELF_SERVED,
    FlowEnding.CLOSED: CallOutcome.CLOSED,
    FlowEnding.MESSAGE: CallOutcome.MESSAGE,
    FlowEnding.CALL_BACK: CallOutcome.CALL_BACK,
    FlowEnding.SENT_ELSEWHERE: CallOutcome.SENT_ELSEWHERE,
    FlowEnding.FAILED: CallOutcome.FAILED,
    FlowEnding.TRUNK_FULL: CallOutcome.BLOCKED,
}

# Looked up once: a member of an Enum costs as much as a call.
_MENU, _QUEUED, _TALKING = CallState.MENU, CallState.QUEUED, CallState.TALKING
_LEFT_IN_MENU, _ABANDONED = CallOutcome.LEFT_IN_MENU, CallOutcome.ABANDONED
_BY_CALLER, _VISIT_ABANDONED = EndedBy.CALLER, VisitOutcome.ABANDONED
_RINGING = AgentState.RINGING


def call_arrived(step: Step, happened: i.CallArrived) -> None:
    state = step.state
    told_again = happened.call in state.past_calls and not happened.adopted
    if happened.call in state.calls or told_again:
        return
    drill = state.floor.mode.drill and is_called(
        state.planned.disaster, happened.dialled, happened.caller.number
    )
    step.emit(
        e.CallOpened(
            happened.call,
            happened.switch,
            happened.channel,
            happened.trunk,
            happened.dialled,
            happened.caller,
            happened.listed,
            happened.adopted,
            drill,
        )
    )
    if not happened.listed:
        step.emit(e.AlertRaised(AlertKind.UNLISTED_NUMBER, happened.dialled))
    if len(state.calls) > state.plan.max_calls or (drill and _drill_is_full(state)):
        step.emit(e.AlertRaised(AlertKind.CALL_LIMIT, happened.switch))
        step.emit(e.FlowFinished(happened.call, CallOutcome.BLOCKED, ""))
        step.command(PlayAnnouncement(happened.call, happened.switch, happened.channel, CONGESTION))


def _drill_is_full(state: State) -> bool:
    """Whether a drill has more calls than the cap for a disaster lets in."""
    disaster = state.planned.disaster
    calls = sum(1 for call in state.calls.values() if call.drill)
    return disaster is not None and calls > disaster.max_calls


def menu_stepped(step: Step, happened: i.MenuStepped) -> None:
    if happened.call in step.state.calls:
        step.emit(e.MenuPassed(happened.call, happened.node, happened.key))


def queue_requested(step: Step, happened: i.QueueRequested) -> None:
    state = step.state
    call = state.calls.get(happened.call)
    if call is None or call.state is not _MENU:
        return
    queue_id = happened.queue
    if queue_id not in state.queues:
        step.emit(e.AlertRaised(AlertKind.UNKNOWN_QUEUE, queue_id))
        queue_id = state.plan.default_queue
    enqueue(
        step,
        call,
        queue_id,
        age_from_s=step.now - max(0.0, happened.waited_s),
        call_type=happened.call_type,
        needs=happened.needs,
        prefers=happened.prefers,
        priority=happened.priority,
        language=happened.language,
        prefer_agent=happened.prefer_agent,
    )


def flow_ended(step: Step, happened: i.FlowEnded) -> None:
    call = step.state.calls.get(happened.call)
    if call is None or call.state is not _MENU:
        return
    if happened.ending is FlowEnding.TRUNK_FULL:
        step.emit(e.AlertRaised(AlertKind.TRUNK_FULL, call.trunk))
    if happened.ending is FlowEnding.CALL_BACK:
        step.emit(e.CallBackRecorded(call.id, step.state.plan.default_queue))
    step.emit(e.FlowFinished(call.id, _ENDINGS[happened.ending], happened.detail))
    entry = step.state.directory.get(happened.detail)
    if happened.ending is FlowEnding.SENT_ELSEWHERE and entry is not None:
        step.command(DialTarget(call.id, call.switch, call.channel, entry.id, entry.dial))


def caller_hung_up(step: Step, happened: i.CallerHungUp) -> None:
    call = step.state.calls.get(happened.call)
    if call is None:
        return
    unsettled = _LEFT_IN_MENU if call.state is _MENU else _ABANDONED
    _close(step, call, _BY_CALLER, _VISIT_ABANDONED, unsettled, happened.cause)


def call_lost(step: Step, happened: i.CallLost) -> None:
    call = step.state.calls.get(happened.call)
    if call is not None:
        _close(step, call, EndedBy.SYSTEM, VisitOutcome.LOST, CallOutcome.LOST, 0)


def _close(
    step: Step,
    call: Call,
    by: EndedBy,
    visit_outcome: VisitOutcome,
    unsettled: CallOutcome,
    cause: int,
) -> None:
    """The channel is gone: end offer, talk and visit, free the operator, close the call."""
    state = step.state
    if state.floor.takings:
        drop_taking(step, call, TakingResult.CALLER_GONE)
    offer = state.offers.get(call.offer) if call.offer else None
    if state.parties or (offer is not None and offer.by_hand):
        caller_gone(step, call)
        offer = state.offers.get(call.offer) if call.offer else None
    agent = state.agents[offer.agent] if offer else None
    if offer is not None and call.state is _TALKING:
        step.emit(e.LegClosed(offer.id, call.id, offer.agent, by))
    elif offer is not None:
        step.emit(e.OfferEnded(offer.id, call.id, offer.agent, OfferResult.CALLER_GONE))
        step.command(CancelOffer(offer.id, call.id, call.switch, call.channel))
    if call.state is _QUEUED:
        step.emit(e.VisitEnded(call.id, call.visit, visit_outcome))
    step.emit(e.CallClosed(call.id, call.outcome or unsettled, cause))
    if agent is not None and agent.offer is None:
        if agent.state is _RINGING:
            after_ring(step, agent)
        else:
            after_talk(step, agent)
