"""What an operator's answer changes, whether a call was offered or a colleague left it."""

from __future__ import annotations

from acd.core.call import Call
from acd.core.hours import next_midnight
from acd.core.ids import AgentId
from acd.core.state import LAST_AGENTS, LastAgent, State
from agents.agent import Agent


def took_call(state: State, agent: Agent, call: Call, at: float) -> None:
    """The operator has one call more, now and, unless it is a drill's, of today."""
    agent.calls_taken += 1
    if at >= agent.day_until_s:
        open_day(state, agent, at)
    if not call.drill:
        agent.day_calls += 1


def open_day(state: State, agent: Agent, at: float) -> None:
    """Begin the figures of a new day, with the first call or change of state in it."""
    agent.day_until_s = next_midnight(at, state.tz)
    agent.day_calls, agent.day_handled, agent.day_busy_s = 0, 0, 0.0


def remember(state: State, call: Call, agent: AgentId, at: float) -> None:
    """This caller spoke with this operator last."""
    if call.caller.number:
        state.last_agents.pop(call.caller.number, None)
        state.last_agents[call.caller.number] = LastAgent(agent, at)
        if len(state.last_agents) > LAST_AGENTS:
            state.last_agents.popitem(last=False)
