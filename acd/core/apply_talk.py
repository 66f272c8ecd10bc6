"""How events about parties change the state (see :mod:`acd.core.apply`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acd.core import events_talk as t
from acd.core.apply_people import remember, took_call
from acd.core.call import CallTrigger
from acd.core.call import next_state as next_call_state
from acd.core.dial import Dial
from acd.core.hours import next_midnight
from acd.core.ids import AgentId, OfferId, TimerToken
from acd.core.offer import Offer, OfferState
from acd.core.outbound import OutboundCount
from acd.core.party import Party
from acd.core.plan import TargetKind
from acd.core.state import State
from acd.core.timers import NO_TIMER, TimerKind
from agents.agent import Agent
from agents.state import CHOSEN_REASONS, AgentState, AgentTrigger, NotReadyReason, next_state


def party_asked(state: State, event: t.PartyAsked, at: float) -> None:
    state.counters.offers += 1
    party = state.parties[event.party] = Party(
        event.party, event.call, event.agent, event.kind, event.target, at, event.number
    )
    party.colleague, party.queue = event.colleague, event.queue
    if event.colleague:
        _rings(state, state.agents[event.colleague], event.party, at)
    party.timer = state.timers.arm(TimerKind.PARTY, event.party, at + event.ring_s)
    if event.target.kind is TargetKind.OUTSIDE:
        _count_outside(state, event.agent, at)


def _count_outside(state: State, agent: AgentId, at: float) -> None:
    count = state.outbound
    if at >= count.until_s:
        state.outbound = count = OutboundCount(next_midnight(at, state.tz))
    count.centre += 1
    count.agents[agent] = count.agents.get(agent, 0) + 1


def party_answered(state: State, event: t.PartyAnswered, at: float) -> None:
    party = state.parties[event.party]
    party.answered_s = at
    state.timers.forget(party.timer)
    party.timer = NO_TIMER
    if party.colleague:
        agent = state.agents[party.colleague]
        agent.state = next_state(agent.state, AgentTrigger.CONNECT)
        agent.since_s = agent.busy_from_s = at


def party_moved(state: State, event: t.PartyMoved, at: float) -> None:
    state.parties[event.party].kind = event.kind


def party_ended(state: State, event: t.PartyEnded, at: float) -> None:
    party = state.parties.pop(event.party)
    state.timers.forget(party.timer)
    if party.colleague:
        _no_call(state.agents[party.colleague], bool(party.answered_s), at)


def talk_taken_up(state: State, event: t.TalkTakenUp, at: float) -> None:
    party, call = state.parties.pop(event.offer), state.calls[event.call]
    agent = state.agents[event.agent]
    state.offers[event.offer] = Offer(
        event.offer,
        event.call,
        event.agent,
        event.queue,
        event.visit,
        party.asked_s,
        OfferState.CONNECTED,
        at,
        by_hand=True,
    )
    call.state = next_call_state(call.state, CallTrigger.CONNECT)
    call.offer = event.offer
    agent.ring_s = 0.0
    took_call(state, agent, call, at)
    remember(state, call, event.agent, at)


def _rings(state: State, agent: Agent, leg: OfferId, at: float) -> None:
    """An operator's telephone rings for something that is no offer: nothing is offered
    meanwhile."""
    agent.state = next_state(agent.state, AgentTrigger.OFFER)
    if agent.available:
        state.room.agent_taken(agent)
        agent.available = False
    state.timers.forget(TimerToken(agent.timer))
    agent.timer = NO_TIMER
    agent.offer, agent.since_s = leg, at


def _no_call(agent: Agent, talked: bool, at: float) -> None:
    """What rang, or was talked about, is over: there is nothing to write up."""
    agent.offer = None
    if talked:
        agent.state = next_state(agent.state, AgentTrigger.TALK_ENDED)
        agent.since_s = agent.wrap_up_until_s = at


def dial_started(state: State, event: t.DialStarted, at: float) -> None:
    agent = state.agents[event.agent]
    state.counters.offers += 1
    _count_outside(state, event.agent, at)
    if agent.state is AgentState.NOT_READY and agent.next_state is None:
        # Who calls during a break is on the break again afterwards.
        chosen = agent.reason in CHOSEN_REASONS
        agent.next_state = AgentState.NOT_READY
        agent.next_reason = agent.reason if chosen else NotReadyReason.OTHER_WORK
    _rings(state, agent, event.dial, at)
    dial = state.dials[event.dial] = Dial(
        event.dial, event.agent, event.number, at, switch=agent.switch
    )
    dial.timer = state.timers.arm(TimerKind.DIAL, event.dial, at + event.ring_s)


def dial_picked_up(state: State, event: t.DialPickedUp, at: float) -> None:
    dial, agent = state.dials[event.dial], state.agents[event.agent]
    dial.picked_up_s = at
    state.timers.forget(dial.timer)
    dial.timer = state.timers.arm(TimerKind.DIAL, event.dial, event.until_s)
    agent.state = next_state(agent.state, AgentTrigger.CONNECT)
    agent.since_s = agent.busy_from_s = at


def dial_answered(state: State, event: t.DialAnswered, at: float) -> None:
    dial = state.dials[event.dial]
    dial.answered_s = at
    state.timers.forget(dial.timer)
    dial.timer = NO_TIMER


def dial_failed(state: State, event: t.DialFailed, at: float) -> None:
    state.dials[event.dial].failed = event.outcome


def dial_ended(state: State, event: t.DialEnded, at: float) -> None:
    dial, agent = state.dials.pop(event.dial), state.agents[event.agent]
    state.timers.forget(dial.timer)
    _no_call(agent, bool(dial.picked_up_s), at)


def line_taken(state: State, event: t.LineTaken, at: float) -> None:
    """Nothing is decided by it later: it is kept in the journal and in the ledger's rows."""


def talk_recovered(state: State, event: t.TalkRecovered, at: float) -> None:
    """What changes is in the events that follow it."""


TALK_APPLIERS: dict[type, Callable[[State, Any, float], None]] = {
    t.PartyAsked: party_asked,
    t.PartyAnswered: party_answered,
    t.PartyMoved: party_moved,
    t.PartyEnded: party_ended,
    t.TalkTakenUp: talk_taken_up,
    t.DialStarted: dial_started,
    t.DialPickedUp: dial_picked_up,
    t.DialAnswered: dial_answered,
    t.DialFailed: dial_failed,
    t.DialEnded: dial_ended,
    t.LineTaken: line_taken,
    t.TalkRecovered: talk_recovered,
}
