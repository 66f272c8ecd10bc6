"""Operators as the engine moves them: to ready, to not ready, out; and what calls gain from it."""

from __future__ import annotations

from acd.core.call import Call
from acd.core.events import AgentChanged, PreferenceDropped
from acd.core.ids import AgentId
from acd.core.overflow import nobody_left
from acd.core.routing import route_agent, route_calls
from acd.core.step import Step
from agents.agent import Agent
from agents.state import TABLE, AgentState, AgentTrigger, NotReadyReason, next_state

# Looked up once: a member of an Enum costs as much as a call.
_ON_GO_READY = TABLE.on(AgentTrigger.GO_READY)
_WRAP_UP = AgentState.WRAP_UP


def make_ready(step: Step, agent: Agent, by: str = "") -> None:
    """The operator takes calls, unless no longer in the plan; ``by`` is who else wants it."""
    if agent.retired:
        log_out(step, agent)
        return
    state = _ON_GO_READY[agent.state]
    step.emit(AgentChanged(agent.id, state, None, step.now, by))  # type: ignore[arg-type]
    route_agent(step, agent)


def make_not_ready(
    step: Step,
    agent: Agent,
    reason: NotReadyReason,
    trigger: AgentTrigger = AgentTrigger.GO_NOT_READY,
    rang_for: Call | None = None,
    by: str = "",
) -> None:
    """The operator takes no calls, for this reason; ``rang_for`` looks for somebody else."""
    if agent.retired:
        log_out(step, agent, rang_for=rang_for)
        return
    step.emit(AgentChanged(AgentId(agent.id), next_state(agent.state, trigger), reason, by=by))
    _release_waiting_for(step, agent, rang_for)


def log_out(step: Step, agent: Agent, by: str = "", rang_for: Call | None = None) -> None:
    """The operator goes home; calls that nobody can serve any more may overflow."""
    state = next_state(agent.state, AgentTrigger.LOG_OUT)
    lines = step.state.room.lines_of(agent)
    step.emit(AgentChanged(AgentId(agent.id), state, by=by))
    _release_waiting_for(step, agent, rang_for)
    nobody_left(step, lines)


def _release_waiting_for(step: Step, agent: Agent, rang_for: Call | None) -> None:
    """Calls that waited for this operator alone are open to all from now on. Together with the
    call that rang they are routed in the global order, lest one overtakes another."""
    released = step.state.room.waiting_for(AgentId(agent.id))
    for call in released:
        step.emit(PreferenceDropped(call.id))
    if rang_for is not None and rang_for not in released:
        released.append(rang_for)
    route_calls(step, released)


def take_reserved_state(step: Step, agent: Agent) -> None:
    """After wrap-up, or a ring withdrawn: what the operator reserved, else ready."""
    reserved = agent.next_state
    if reserved is None:
        make_ready(step, agent)
    elif reserved is AgentState.LOGGED_OUT:
        log_out(step, agent)
    else:
        make_not_ready(step, agent, agent.next_reason or NotReadyReason.OTHER_WORK)


def after_ring(step: Step, agent: Agent, *, as_if_not_rung: bool = True) -> None:
    """A ring came to nothing, and nothing says that the operator is away.

    The idle time is as if it had not rung; or else it begins anew, so that a device that fails for
    a reason of its own does not take one call after another from the others.
    """
    reserved, reason = agent.next_state, agent.next_reason
    state = next_state(agent.state, AgentTrigger.OFFER_WITHDRAWN)
    idle_from_s = agent.idle_from_s if as_if_not_rung else step.now
    step.emit(AgentChanged(AgentId(agent.id), state, idle_from_s=idle_from_s))
    if agent.retired or reserved is AgentState.LOGGED_OUT:
        log_out(step, agent)
    elif reserved is AgentState.NOT_READY:
        make_not_ready(step, agent, reason or NotReadyReason.OTHER_WORK)
    else:
        route_agent(step, agent)


def after_talk(step: Step, agent: Agent) -> None:
    """A talk ended: no wrap-up where the queue grants none."""
    if agent.state is _WRAP_UP and agent.wrap_up_until_s <= step.now:
        take_reserved_state(step, agent)
