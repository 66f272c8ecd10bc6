"""Events that concern all at once: another plan, a switch that came or went, what rang there."""

from __future__ import annotations

from acd.core import events as e
from acd.core.apply_waiting import under_plan
from acd.core.call import CallState
from acd.core.dial import Dial
from acd.core.floor_memory import Taking
from acd.core.ids import OfferId
from acd.core.offer import Offer
from acd.core.party import Party
from acd.core.state import State
from agents.agent import Agent
from agents.state import AgentState


def plan_adopted(state: State, event: e.PlanAdopted, at: float) -> None:
    under_plan(state, event.plan, at)


def agent_moved(state: State, event: e.AgentMoved, at: float) -> None:
    agent = state.agents[event.agent]
    agent.switch, agent.moved = event.switch, True
    _set_available(state, agent, event.switch not in state.switches_down)


def _set_available(state: State, agent: Agent, there: bool) -> None:
    """The telephone of an operator, who may be ready, is there or is not."""
    if agent.state is not AgentState.READY or agent.available is there:
        return
    agent.available = there
    if there:
        state.room.agent_idle(agent)
    else:
        state.room.agent_taken(agent)


def switch_changed(state: State, event: e.SwitchChanged, at: float) -> None:
    if event.up:
        state.switches_down.pop(event.switch, None)
    else:
        state.switches_down[event.switch] = True
    for call in state.calls.values():
        if call.switch == event.switch and call.state is CallState.QUEUED:
            state.room.remove(call)
            state.place(call)
    for agent in state.agents.values():
        if agent.switch == event.switch:
            _set_available(state, agent, event.up)


def ring_unseen(state: State, event: e.OfferUnseen, at: float) -> None:
    """The timer goes on, whatever it is for."""
    ring = _ring_of(state, event.offer)
    kind = state.timers.pending[ring.timer].kind
    state.timers.forget(ring.timer)
    ring.timer = state.timers.arm(kind, ring.id, event.again_s)


def _ring_of(state: State, id_: OfferId) -> Offer | Party | Taking | Dial:
    """Whatever rings by this id: they share their numbers."""
    found = state.offers.get(id_) or state.parties.get(id_) or state.floor.takings.get(id_)
    return found or state.dials[id_]
