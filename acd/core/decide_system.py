"""Decisions on the engine's own affairs: timers, plans, switches, failed commands."""

from __future__ import annotations

from acd.core import events as e
from acd.core import inputs as i
from acd.core.call import Call, CallState
from acd.core.commands import DialTarget, HangUpCaller, PlayAnnouncement, SwitchCommand
from acd.core.decide_agents import cooldown_over, wrap_up_over
from acd.core.decide_dial import give_up, switch_of
from acd.core.decide_floor import midnight
from acd.core.decide_offers import lease_expired, ring_timed_out
from acd.core.decide_parties import party_timed_out, talk_command_failed
from acd.core.decide_spy import gone as spy_gone
from acd.core.decide_take import taking_timed_out
from acd.core.events import AlertKind
from acd.core.ids import AgentId, CallId, OfferId, SpyId, SwitchId
from acd.core.overflow import CONGESTION, climb, leave_if_overdue, visit_clock
from acd.core.routing import route_call
from acd.core.rules_changed import asked_so_far, leave_by_rules, match_all, rules_changed
from acd.core.staffing import log_out
from acd.core.state import State
from acd.core.step import Step
from acd.core.timers import Timer, TimerKind
from agents.state import AgentState

#: States in which an operator who left the plan can be logged out at once.
_CAN_GO = (AgentState.READY, AgentState.NOT_READY, AgentState.WRAP_UP)

#: Timers of a ring wait while its switch is away, and look again after so long.
UNSEEN_S = 2.0


def timer_fired(step: Step, happened: i.TimerFired) -> None:
    state = step.state
    timer = state.timers.pending.get(happened.token)
    if timer is None:
        return
    kind, subject = timer.kind, timer.subject
    if state.switches_down and rung_at(state, timer) in state.switches_down:
        # Nobody can say what became of it: the operator may be talking by now, and a talk is never
        # cut for a ring that was too long.
        step.emit(e.OfferUnseen(OfferId(subject), step.now + UNSEEN_S))
        return
    state.timers.forget(happened.token)
    if kind is TimerKind.VISIT:
        visit_clock(step, state.calls[CallId(subject)])
    elif kind is TimerKind.PARKED:
        _unpark(step, state.calls[CallId(subject)])
    elif kind is TimerKind.RING:
        ring_timed_out(step, state.offers[OfferId(subject)])
    elif kind is TimerKind.LEASE:
        lease_expired(step, state.offers[OfferId(subject)])
    elif kind is TimerKind.DIAL:
        give_up(step, state.dials[OfferId(subject)])
    elif kind is TimerKind.PARTY:
        party_timed_out(step, state.parties[OfferId(subject)])
    elif kind is TimerKind.WRAP_UP:
        wrap_up_over(step, state.agents[AgentId(subject)])
    elif kind is TimerKind.TAKING:
        taking_timed_out(step, state.floor.takings[OfferId(subject)])
    elif kind is TimerKind.MIDNIGHT:
        midnight(step)
    else:
        cooldown_over(step, state.agents[AgentId(subject)])


def rung_at(state: State, timer: Timer) -> SwitchId | None:
    """The switch that knows what became of the ring that a timer is for; None for other timers."""
    subject = OfferId(timer.subject)
    match timer.kind:
        case TimerKind.RING | TimerKind.LEASE:
            return state.calls[state.offers[subject].call].switch
        case TimerKind.PARTY:
            return state.calls[state.parties[subject].call].switch
        case TimerKind.TAKING:
            return state.calls[state.floor.takings[subject].call].switch
        case TimerKind.DIAL:
            return switch_of(state, state.dials[subject])
        case _:
            return None


def _unpark(step: Step, call: Call) -> None:
    step.emit(e.CallUnparked(call.id))
    climb(step, call)
    route_call(step, call)
    leave_if_overdue(step, call)


def plan_changed(step: Step, happened: i.PlanChanged) -> None:
    """Every rule of the new plan applies at once, to waiting calls and idle operators too."""
    asked = asked_so_far(step.state, step.now)
    step.emit(e.PlanAdopted(happened.plan))
    waiting = match_all(step)
    for agent in list(step.state.agents.values()):
        if agent.retired and agent.state in _CAN_GO:
            log_out(step, agent)
    leave_by_rules(step, waiting, asked)


def switch_down(step: Step, happened: i.SwitchDown) -> None:
    if happened.switch not in step.state.switches_down:
        step.emit(e.SwitchChanged(happened.switch, False))
        step.emit(e.AlertRaised(AlertKind.SWITCH_DOWN, happened.switch))


def switch_up(step: Step, happened: i.SwitchUp) -> None:
    if happened.switch in step.state.switches_down:
        step.emit(e.SwitchChanged(happened.switch, True))
        rules_changed(step)


def command_failed(step: Step, happened: i.CommandFailed) -> None:
    """A caller who cannot be sent where the plan says hears that we are sorry, and if even that
    fails is let go, rather than left to listen to music for ever."""
    step.emit(e.AlertRaised(AlertKind.COMMAND_FAILED, happened.command))
    if spy_gone(step, SpyId(happened.subject)):
        return
    call = step.state.calls.get(CallId(happened.subject))
    if call is not None and call.state in (CallState.TALKING, CallState.LEAVING):
        talk_command_failed(step, happened, call)
    if call is None or call.state is not CallState.LEAVING:
        return
    if happened.command == _tag(DialTarget):
        step.command(PlayAnnouncement(call.id, call.switch, call.channel, CONGESTION))
    elif happened.command == _tag(PlayAnnouncement):
        step.command(HangUpCaller(call.id, call.switch, call.channel))


def _tag(command: type[SwitchCommand]) -> str:
    return str(command.__struct_config__.tag)
