"""Events that concern all at once: another plan, a switch that went or came."""

from __future__ import annotations

from acd.core import events as e
from acd.core.apply_waiting import under_plan
from acd.core.call import CallState
from acd.core.state import State
from agents.state import AgentState


def plan_adopted(state: State, event: e.PlanAdopted, at: float) -> None:
    under_plan(state, event.plan, at)


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
        if agent.switch == event.switch and agent.state is AgentState.READY:
            if event.up and not agent.available:
                agent.available = True
                state.room.agent_idle(agent)
            elif not event.up and agent.available:
                agent.available = False
                state.room.agent_taken(agent)
