"""Decisions on the engine's own affairs: timers, plans, switches, failed commands."""

from __future__ import annotations

from acd.core import events as e
from acd.core import inputs as i
from acd.core.call import Call, CallState
from acd.core.decide_agents import cooldown_over, wrap_up_over
from acd.core.decide_offers import lease_expired, offer_again, ring_timed_out
from acd.core.events import AlertKind
from acd.core.ids import AgentId, CallId, OfferId
from acd.core.overflow import visit_clock
from acd.core.routing import route_agent
from acd.core.staffing import log_out
from acd.core.step import Step
from acd.core.timers import TimerKind
from agents.state import AgentState


def timer_fired(step: Step, happened: i.TimerFired) -> None:
    state = step.state
    timer = state.timers.pending.pop(happened.token, None)
    if timer is None:
        return
    kind, subject = timer.kind, timer.subject
    if kind is TimerKind.VISIT:
        visit_clock(step, state.calls[CallId(subject)])
    elif kind is TimerKind.PARKED:
        _unpark(step, state.calls[CallId(subject)])
    elif kind is TimerKind.RING:
        ring_timed_out(step, state.offers[OfferId(subject)])
    elif kind is TimerKind.LEASE:
        lease_expired(step, state.offers[OfferId(subject)])
    elif kind is TimerKind.WRAP_UP:
        wrap_up_over(step, state.agents[AgentId(subject)])
    else:
        cooldown_over(step, state.agents[AgentId(subject)])


def _unpark(step: Step, call: Call) -> None:
    step.emit(e.CallUnparked(call.id))
    offer_again(step, call)


def plan_changed(step: Step, happened: i.PlanChanged) -> None:
    """Every rule of the new plan applies at once, to waiting calls and idle operators too."""
    state = step.state
    step.emit(e.PlanAdopted(happened.plan))
    leaving = [a for a in state.agents.values() if a.retired]
    for agent in leaving:
        if agent.state in (AgentState.READY, AgentState.NOT_READY, AgentState.WRAP_UP):
            log_out(step, agent)
    for call in list(state.calls.values()):
        if call.state is CallState.QUEUED and not call.parked:
            visit_clock(step, call)
    _match_all(step)


def switch_down(step: Step, happened: i.SwitchDown) -> None:
    if happened.switch not in step.state.switches_down:
        step.emit(e.SwitchChanged(happened.switch, False))
        step.emit(e.AlertRaised(AlertKind.SWITCH_DOWN, happened.switch))


def switch_up(step: Step, happened: i.SwitchUp) -> None:
    if happened.switch in step.state.switches_down:
        step.emit(e.SwitchChanged(happened.switch, True))
        _match_all(step)


def _match_all(step: Step) -> None:
    """Match both sets anew after something that concerns many at once."""
    for agent in list(step.state.agents.values()):
        route_agent(step, agent)


def command_failed(step: Step, happened: i.CommandFailed) -> None:
    step.emit(e.AlertRaised(AlertKind.COMMAND_FAILED, happened.command))
