"""Decisions on taking a call over: it goes to the supervisor's own phone, whoever had it.

A call that waits or rings is offered there at once. A talk goes on while that phone rings, and the
caller changes over when it is answered; nobody there: nothing has changed. Where the two meet:

* the **caller's hang-up** ends the ring, as it ends everything;
* an **operator who hangs up** first leaves the caller to the phone that rings: an offer like any
  other from then on;
* an operator who sends the call **elsewhere** ends the ring: the supervisor sees where it went.
"""

from __future__ import annotations

from acd.core import events as e
from acd.core import events_floor as f
from acd.core import inputs as i
from acd.core.apply_floor import GUEST
from acd.core.call import Call, CallState
from acd.core.commands import CancelOffer, HangUpLeg, OfferCall
from acd.core.commands_floor import StopSpying
from acd.core.decide_floor import queue_again, refuse, take_back
from acd.core.decide_parties import drop_party, parties_of
from acd.core.events import RefusalReason
from acd.core.floor_memory import Taking
from acd.core.ids import AgentId, OfferId, offer_id
from acd.core.inputs import EndedBy
from acd.core.inputs_floor import TakeOverRequested, TakingResult
from acd.core.offer import Offer
from acd.core.overflow import MAX_VISITS
from acd.core.routing import offer_to
from acd.core.staffing import after_ring, after_talk
from acd.core.state import OUTSIDE_RING_S, WAITING, State
from acd.core.step import Step
from agents.agent import Agent
from agents.state import AgentState, NotReadyReason

#: States in which somebody can be given a call.
_FREE = (AgentState.READY, AgentState.NOT_READY)


def take_over_requested(step: Step, happened: TakeOverRequested) -> None:
    """The call goes to the supervisor's phone; who is rung for it is freed at once, who talks
    with the caller when the phone is answered."""
    state = step.state
    call = state.calls.get(happened.call)
    reason = None
    if call is None:
        reason = RefusalReason.UNKNOWN_CALL
    elif call.state not in (*WAITING, CallState.TALKING):
        reason = RefusalReason.NOT_WAITING
    elif call.switch in state.switches_down:
        reason = RefusalReason.SWITCH_DOWN
    elif call.state is CallState.TALKING and call.visits >= MAX_VISITS:
        reason = RefusalReason.OUT_OF_BOUNDS
    elif state.floor.taking_of(call.id) is not None:
        reason = RefusalReason.ANOTHER_PARTY
    taker = _taker(state, happened.device)
    if reason is not None or call is None:
        refuse(step, happened.call, happened, reason or RefusalReason.UNKNOWN_CALL)
    elif taker is None:
        refuse(step, happened.call, happened, RefusalReason.DEVICE_BUSY)
    elif call.state is CallState.TALKING:
        _ring_for_talk(step, happened, call, taker)
    else:
        _take_waiting(step, happened, call, taker)


def _taker(state: State, device: str) -> AgentId | None:
    """Who sits at a telephone: the operator logged in there, else a guest; None = not free."""
    if state.floor.rings_at(device):
        return None
    for agent in state.agents.values():
        if agent.device == device and agent.state is not AgentState.LOGGED_OUT:
            return AgentId(agent.id) if agent.state in _FREE and not agent.retired else None
    return AgentId(GUEST + device)


def _away_for(agent: Agent | None) -> NotReadyReason | None:
    """What somebody who was away will be away for again afterwards."""
    if agent is None or agent.state is not AgentState.NOT_READY:
        return None
    return agent.reason or NotReadyReason.OTHER_WORK


def _away_again(step: Step, taker: AgentId, reason: NotReadyReason | None) -> None:
    if reason is not None:
        step.emit(e.NextStateReserved(taker, AgentState.NOT_READY, reason))


def _take_waiting(step: Step, happened: TakeOverRequested, call: Call, taker: AgentId) -> None:
    state = step.state
    step.emit(f.CallTakenOver(call.id, taker, happened.device, happened.by))
    freed = take_back(step, call)
    if call.parked:
        step.emit(e.CallUnparked(call.id))
    if call.prefer_agent is not None:
        step.emit(e.PreferenceDropped(call.id))
    agent = state.agents[taker]
    before = _away_for(agent)
    offer_to(step, call, agent)
    _away_again(step, taker, before)
    if freed is not None:
        after_ring(step, freed)


# -- a talk -----------------------------------------------------------------------------------


def _ring_for_talk(step: Step, happened: TakeOverRequested, call: Call, taker: AgentId) -> None:
    state, device = step.state, happened.device
    spy = state.floor.spy_at(device)
    if spy is not None:
        # The telephone is needed for the talk itself now.
        step.emit(f.SpyEnded(spy.id, state.offers[spy.offer].call, happened.by))
        step.command(StopSpying(spy.id, spy.switch))
    before = _away_for(state.agents.get(taker))
    offer = offer_id(state.counters.offers + 1)
    ring_s = _ring_s(state, call, device)
    step.emit(f.TakingStarted(offer, call.id, taker, device, ring_s, happened.by))
    _away_again(step, taker, before)
    _ring(step, step.state.floor.takings[offer], in_talk=True)


def _ring(step: Step, taking: Taking, *, in_talk: bool) -> None:
    """Nothing is said to who picks up: every word would let the caller wait for the change."""
    state, call = step.state, step.state.calls[taking.call]
    outside = state.outside.get(taking.device, "")
    step.command(
        OfferCall(
            taking.id,
            call.id,
            taking.agent,
            call.switch,
            call.channel,
            taking.device,
            _ring_s(state, call, taking.device),
            call.queue,
            "",
            outside,
            state.plan.talk.shown if outside else "",
            in_talk,
        )
    )


def _ring_s(state: State, call: Call, device: str) -> float:
    ring_s = state.queue_of(call).ring_timeout_s
    return max(ring_s, OUTSIDE_RING_S) if device in state.outside else ring_s


def taking_heard(step: Step, happened: i.OfferAnswered | i.OfferFailed | i.CallConnected) -> bool:
    """What the switch says of a phone that rings for a talk; whether it is one."""
    taking = step.state.floor.takings.get(happened.offer)
    if taking is None:
        return False
    if isinstance(happened, i.CallConnected):
        _change_over(step, taking)
    elif isinstance(happened, i.OfferFailed):
        gone = happened.reason is i.OfferFailure.NO_ANSWER
        _end(step, taking, TakingResult.NO_ANSWER if gone else TakingResult.FAILED)
    elif not taking.picked_up and taking.device not in step.state.outside:
        # Outside it may be an answering machine: only the key says that somebody is there.
        step.emit(f.TakingPickedUp(taking.id))
    return True


def taking_timed_out(step: Step, taking: Taking) -> None:
    """Nobody picked up in time, or did and came to nothing."""
    _end(step, taking, TakingResult.NO_ANSWER)


def taking_of(step: Step, agent: Agent) -> Taking | None:
    """The ring for a talk that an operator who is logged in is busy with."""
    return step.state.floor.takings.get(OfferId(agent.offer)) if agent.offer else None


def drop_taking(
    step: Step, call: Call, result: TakingResult = TakingResult.DROPPED, *, logs_out: bool = False
) -> None:
    """The phone that rings for this talk, if one does, stops: there is no such talk any more.
    ``logs_out``: whom it rang goes home, and is moved on by whoever asks."""
    taking = step.state.floor.taking_of(call.id)
    if taking is not None:
        _end(step, taking, result, logs_out=logs_out)


def _end(step: Step, taking: Taking, result: TakingResult, *, logs_out: bool = False) -> None:
    """It came to nothing: the talk goes on as if nobody had asked."""
    call, agent = step.state.calls[taking.call], step.state.agents.get(taking.agent)
    step.emit(f.TakingEnded(taking.id, call.id, taking.agent, result))
    step.command(CancelOffer(taking.id, call.id, call.switch, call.channel, in_talk=True))
    if agent is not None and taking.before is not None and not logs_out:
        after_ring(step, agent)


def _change_over(step: Step, taking: Taking) -> None:
    """The phone was answered, and the caller is there already."""
    call, offer = _as_offer(step, taking, TakingResult.TAKEN, EndedBy.TAKEN_OVER)
    # Who is left of a talk of more than two hears nobody.
    step.command(HangUpLeg(offer.id, call.switch))
    step.emit(e.CallAnswered(taking.id, call.id, taking.agent, call.visit))
    after_talk(step, step.state.agents[offer.agent])


def operator_left(step: Step, offer: Offer, by: EndedBy) -> bool:
    """The operator of a talk is gone while a supervisor's phone rings for it; whether the caller
    is left to that phone. The switch knows: the token that it bears sends a caller back to wait."""
    call = step.state.calls[offer.call]
    taking = step.state.floor.taking_of(call.id)
    if taking is None:
        return False
    hung_up = by is EndedBy.CALLER and not taking.picked_up
    if offer.apart or parties_of(step.state, call) or hung_up:
        drop_taking(step, call)
        return False
    picked_up = taking.picked_up
    _as_offer(step, taking, TakingResult.OFFERED, by)
    if picked_up:
        step.emit(e.OfferPickedUp(taking.id))
    _ring(step, taking, in_talk=False)
    after_talk(step, step.state.agents[offer.agent])
    return True


def _as_offer(step: Step, taking: Taking, result: TakingResult, by: EndedBy) -> tuple[Call, Offer]:
    """The talk with the operator is over, and what rang for it is an offer like any other: a new
    visit, at the old age. Returns the call and the operator's offer."""
    state = step.state
    call = state.calls[taking.call]
    assert call.offer is not None
    offer = state.offers[call.offer]
    step.emit(f.TakingEnded(taking.id, call.id, taking.agent, result))
    step.emit(f.CallTakenOver(call.id, taking.agent, taking.device, taking.by))
    for party in parties_of(state, call):
        drop_party(step, party)
    step.emit(e.LegClosed(offer.id, call.id, offer.agent, by))
    queue_again(step, call, call.queue if call.queue in state.queues else state.plan.default_queue)
    step.emit(e.CallOffered(taking.id, call.id, taking.agent))
    return call, offer
