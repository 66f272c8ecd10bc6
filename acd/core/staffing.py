"""Operators as the engine moves them: to ready, to not ready, out; and what calls gain from it."""

from __future__ import annotations

from acd.core.events import AgentChanged, PreferenceDropped
from acd.core.ids import AgentId
from acd.core.overflow import nobody_left
from acd.core.routing import route_agent, route_call
from acd.core.step import Step
from agents.agent import Agent
from agents.state import AgentState, AgentTrigger, NotReadyReason, next_state


def make_ready(step: Step, agent: Agent, trigger: AgentTrigger = AgentTrigger.GO_READY) -> None:
    """The operator takes calls; a ring that came to nothing keeps the old idle time."""
    state = next_state(agent.state, trigger)
    idle_from_s = agent.idle_from_s if trigger is AgentTrigger.OFFER_WITHDRAWN else step.now
    step.emit(AgentChanged(AgentId(agent.id), state, idle_from_s=idle_from_s))
    route_agent(step, agent)


def make_not_ready(
    step: Step,
    agent: Agent,
    reason: NotReadyReason,
    trigger: AgentTrigger = AgentTrigger.GO_NOT_READY,
) -> None:
    """The operator takes no calls, for this reason."""
    step.emit(AgentChanged(AgentId(agent.id), next_state(agent.state, trigger), reason))
    _release_waiting_for(step, agent)


def log_out(step: Step, agent: Agent, by: str = "") -> None:
    """The operator goes home; calls that nobody can serve any more may overflow."""
    state = next_state(agent.state, AgentTrigger.LOG_OUT)
    lines = step.state.room.lines_of(agent)
    step.emit(AgentChanged(AgentId(agent.id), state, by=by))
    _release_waiting_for(step, agent)
    nobody_left(step, lines)


def _release_waiting_for(step: Step, agent: Agent) -> None:
    """Calls that waited for this operator alone are open to all from now on."""
    for call in step.state.room.waiting_for(AgentId(agent.id)):
        step.emit(PreferenceDropped(call.id))
        route_call(step, call)


def take_reserved_state(step: Step, agent: Agent) -> None:
    """After wrap-up, or a ring withdrawn: what the operator reserved, else ready."""
    if agent.next_state is AgentState.LOGGED_OUT or agent.retired:
        log_out(step, agent)
    elif agent.next_state is AgentState.NOT_READY:
        make_not_ready(step, agent, agent.next_reason or NotReadyReason.OTHER_WORK)
    else:
        make_ready(step, agent)


def after_ring(step: Step, agent: Agent) -> None:
    """A ring came to nothing through no fault of the operator: idle as if it had not rung."""
    if agent.next_state is None and not agent.retired:
        make_ready(step, agent, AgentTrigger.OFFER_WITHDRAWN)
        return
    reserved, reason = agent.next_state, agent.next_reason
    step.emit(
        AgentChanged(
            AgentId(agent.id),
            next_state(agent.state, AgentTrigger.OFFER_WITHDRAWN),
            idle_from_s=agent.idle_from_s,
        )
    )
    if reserved is AgentState.NOT_READY:
        make_not_ready(step, agent, reason or NotReadyReason.OTHER_WORK)
    else:
        log_out(step, agent)


def after_talk(step: Step, agent: Agent) -> None:
    """A talk ended: no wrap-up where the queue grants none."""
    if agent.state is AgentState.WRAP_UP and agent.wrap_up_until_s <= step.now:
        take_reserved_state(step, agent)
