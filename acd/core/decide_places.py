"""Decisions on where an operator's telephone is, of several switches."""

from __future__ import annotations

from acd.core import events as e
from acd.core import inputs as i
from acd.core.routing import route_agent
from acd.core.step import Step


def device_moved(step: Step, happened: i.DeviceMoved) -> None:
    """Whoever could not be rung, because the switch is away, may be rung from here."""
    agent = step.state.agents.get(happened.agent)
    if agent is not None and agent.switch != happened.switch:
        step.emit(e.AgentMoved(happened.agent, happened.switch))
        route_agent(step, agent)
