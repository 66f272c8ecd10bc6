"""How events of the supervisor's floor change the state (see :mod:`acd.core.apply`)."""

from __future__ import annotations

from typing import Any

from acd.core import events_floor as f
from acd.core.apply_waiting import place_anew, under_plan
from acd.core.call import CallState
from acd.core.floor_memory import ModeNow, Spy, Taking
from acd.core.ids import TimerToken
from acd.core.inputs_floor import TakingResult
from acd.core.state import State
from acd.core.timers import NO_TIMER, TimerKind
from agents.agent import Agent
from agents.state import TABLE as AGENT_TABLE
from agents.state import AgentState, AgentTrigger

#: Ids of guests begin with this; no operator's does.
GUEST = "@"


def priority_changed(state: State, event: f.PriorityChanged, at: float) -> None:
    call = state.calls[event.call]
    call.own_priority = event.own
    if call.state is CallState.QUEUED and not call.parked:
        place_anew(state, call, at)


def call_taken_over(state: State, event: f.CallTakenOver, at: float) -> None:
    if not event.agent.startswith(GUEST):
        return
    # A guest is treated as an operator who left the plan: serves no line, and is gone afterwards.
    switch = state.calls[event.call].switch
    guest = Agent(event.agent, event.device, switch, len(state.agents), AgentState.READY)
    guest.since_s = guest.idle_from_s = guest.login_s = at
    guest.retired = guest.own_device = True
    state.agents[event.agent] = guest
    state.room.admit(guest)


def taking_started(state: State, event: f.TakingStarted, at: float) -> None:
    state.counters.offers += 1
    taking = Taking(event.offer, event.call, event.agent, event.device, event.by)
    taking.timer = state.timers.arm(TimerKind.TAKING, event.offer, at + event.ring_s)
    state.floor.takings[event.offer] = taking
    agent = state.agents.get(event.agent)
    if agent is None:
        return
    taking.before = agent.state
    agent.state = AGENT_TABLE[agent.state, AgentTrigger.OFFER]
    if agent.available:
        state.room.agent_taken(agent)
        agent.available = False
    state.timers.forget(TimerToken(agent.timer))
    agent.timer = NO_TIMER
    agent.offer, agent.since_s = event.offer, at


def taking_picked_up(state: State, event: f.TakingPickedUp, at: float) -> None:
    taking = state.floor.takings[event.offer]
    taking.picked_up = True
    state.timers.forget(taking.timer)
    until_s = at + state.plan.offer_lease_s
    taking.timer = state.timers.arm(TimerKind.TAKING, event.offer, until_s)


#: The offer that is made of it in the same step reserves the operator again.
_GOES_ON = (TakingResult.TAKEN, TakingResult.OFFERED)


def taking_ended(state: State, event: f.TakingEnded, at: float) -> None:
    taking = state.floor.takings.pop(event.offer)
    state.timers.forget(taking.timer)
    agent = state.agents.get(event.agent)
    if agent is None or taking.before is None:
        return
    agent.offer = None
    if event.result in _GOES_ON:
        agent.state = taking.before


def skill_changed(state: State, event: f.SkillChanged, at: float) -> None:
    floor = state.floor
    held = floor.skills.setdefault(event.agent, {})
    if event.level is None:
        held.pop(event.skill, None)
    else:
        held[event.skill] = event.level
    if not held:
        del floor.skills[event.agent]
    state.timers.forget(floor.midnight)
    floor.midnight = NO_TIMER
    if floor.skills:
        floor.midnight = state.timers.arm(TimerKind.MIDNIGHT, "", event.until_s)
    state.adopt(state.planned)


def skills_of_today_ended(state: State, event: f.SkillsOfTodayEnded, at: float) -> None:
    state.timers.forget(state.floor.midnight)
    state.floor.midnight = NO_TIMER
    state.floor.skills = {}
    state.adopt(state.planned)


def spy_started(state: State, event: f.SpyStarted, at: float) -> None:
    floor = state.floor
    if event.spy not in floor.spies:
        floor.spy_count += 1
    switch = state.calls[event.call].switch
    floor.spies[event.spy] = Spy(event.spy, event.device, switch, event.offer, event.mode, event.by)


def spy_ended(state: State, event: f.SpyEnded, at: float) -> None:
    state.floor.spies.pop(event.spy, None)


def mode_changed(state: State, event: f.ModeChanged, at: float) -> None:
    state.floor.mode = ModeNow(event.mode, event.drill, at, event.by, event.reason)
    under_plan(state, state.planned, at)


def survey_offered(state: State, event: f.SurveyOffered, at: float) -> None:
    state.calls[event.call].survey_asked = True


def survey_given(state: State, event: f.SurveyGiven, at: float) -> None:
    state.calls[event.call].survey = event.answer


def _nothing(state: State, event: Any, at: float) -> None:
    """The events that follow in the same step change the state."""


#: One applier for every event of the floor.
FLOOR_APPLIERS: dict[type, Any] = {
    f.PriorityChanged: priority_changed,
    f.CallMoved: _nothing,
    f.CallTakenOver: call_taken_over,
    f.TakingStarted: taking_started,
    f.TakingPickedUp: taking_picked_up,
    f.TakingEnded: taking_ended,
    f.SkillChanged: skill_changed,
    f.SkillsOfTodayEnded: skills_of_today_ended,
    f.SpyStarted: spy_started,
    f.SpyEnded: spy_ended,
    f.ModeChanged: mode_changed,
    f.SurveyOffered: survey_offered,
    f.SurveyGiven: survey_given,
}
