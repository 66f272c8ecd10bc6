"""Decisions on a talk that somebody else began: whoever led before died before it could say so.

The switch is right: operator and caller are together. What was believed of both is brought to that
in the events that a talk always begins with, so that the ledger and everybody's screens have it
like any other; it only began a moment later. Nothing is rung and nobody is moved.
"""

from __future__ import annotations

from acd.core import events as e
from acd.core.call import Call, CallState
from acd.core.commands import CancelOffer
from acd.core.decide_parties import drop_party, parties_of
from acd.core.decide_take import drop_taking
from acd.core.events import OfferResult
from acd.core.events_talk import TalkRecovered
from acd.core.ids import AgentId, OfferId, QueueId, visit_id
from acd.core.inputs import EndedBy
from acd.core.inputs_talk import TalkMet
from acd.core.offer import Offer, OfferState
from acd.core.overflow import MAX_VISITS
from acd.core.routing import route_call
from acd.core.staffing import after_ring, after_talk
from acd.core.state import WAITING, State
from acd.core.step import Step
from agents.agent import Agent
from agents.state import AgentState, NotReadyReason


def talk_met(step: Step, happened: TalkMet) -> None:
    """Caller and operator talk, unless the operator is known to be with somebody else."""
    state = step.state
    call, agent = state.calls.get(happened.call), state.agents.get(happened.agent)
    if call is None or agent is None or _is_known(state, happened.offer):
        return
    if agent.retired or (call.visits >= MAX_VISITS and call.state not in WAITING):
        return
    busy = agent.offer is not None and agent.offer != call.offer
    other = state.offers.get(OfferId(agent.offer or "")) if busy else None
    if busy and not _is_over(state, other, call):
        return
    rung = _leave_the_other(step, other, call) if other is not None else None
    freed = _leave_what_was(step, call)
    if call.state is not CallState.QUEUED:
        _begin_visit(step, call, happened.queue)
    _take_up_work(step, agent)
    step.emit(TalkRecovered(call.id, happened.agent))
    step.emit(e.CallOffered(happened.offer, call.id, happened.agent))
    step.emit(e.CallAnswered(happened.offer, call.id, happened.agent, call.visit))
    if happened.apart:
        step.emit(e.TalkHeld(happened.offer, True, apart=True))
    if freed is not None and freed is not agent:
        (after_ring if freed.state is AgentState.RINGING else after_talk)(step, freed)
    if rung is not None:
        route_call(step, rung)


def _is_known(state: State, offer: OfferId) -> bool:
    """Whether the leg is something else, or a ring that was given up."""
    found = (state.offers, state.parties, state.dials, state.floor.takings, state.past_offers)
    return any(offer in each for each in found)


def _is_over(state: State, other: Offer | None, call: Call) -> bool:
    """Whether what else the operator was in, as far as was known, cannot be: a ring that nobody has
    answered, or a talk at another switch, which has not been heard since."""
    if other is None:
        return False
    there = state.calls[other.call].switch
    unheard = there != call.switch and there in state.switches_down
    return unheard or other.state is OfferState.RINGING


def _leave_the_other(step: Step, other: Offer, call: Call) -> Call | None:
    """That one was over before this talk began, or rings in vain: who is to be rung for anew."""
    before, away = step.state.calls[other.call], step.state.switches_down
    if before.switch not in away or before.switch == call.switch:
        step.command(CancelOffer(other.id, before.id, before.switch, before.channel))
    _leave_what_was(step, before)
    return before if before.switch not in away else None


def _leave_what_was(step: Step, call: Call) -> Agent | None:
    """What the call was in, as far as was known, is over: the caller is elsewhere by now. Returns
    the operator who is free by that."""
    state = step.state
    drop_taking(step, call)
    for party in parties_of(state, call):
        drop_party(step, party)
    offer = state.offers.get(call.offer) if call.offer else None
    if offer is not None and call.state is CallState.TALKING:
        step.emit(e.LegClosed(offer.id, call.id, offer.agent, EndedBy.SYSTEM))
    elif offer is not None:
        step.emit(e.OfferEnded(offer.id, call.id, offer.agent, OfferResult.WITHDRAWN))
    if call.parked:
        step.emit(e.CallUnparked(call.id))
    if call.state is CallState.QUEUED and call.prefer_agent is not None:
        step.emit(e.PreferenceDropped(call.id))
    return state.agents[offer.agent] if offer is not None else None


def _begin_visit(step: Step, call: Call, queue: QueueId) -> None:
    """The caller came into a queue, and left it for the operator at once."""
    state = step.state
    queue = queue if queue in state.queues else state.plan.default_queue
    visit = visit_id(state.counters.visits + 1)
    kind = state.queues[queue].call_type
    age_from_s = call.age_from_s if call.visits else call.arrived_s
    step.emit(e.CallQueued(call.id, visit, queue, kind, call.language, (), (), None, age_from_s))


def _take_up_work(step: Step, agent: Agent) -> None:
    """Who talks was at work and ready: that, too, nobody said."""
    id_ = AgentId(agent.id)
    if agent.state is AgentState.LOGGED_OUT:
        step.emit(e.AgentChanged(id_, AgentState.NOT_READY, NotReadyReason.LOGGED_IN))
    if agent.state is not AgentState.READY:
        step.emit(e.AgentChanged(id_, AgentState.READY, None, step.now))
