"""The engine: ``handle(input, now)`` decides, ``apply(event, at)`` remembers, nothing else happens.

It never awaits, logs, reads a clock, draws unseeded chance or iterates a set: the same inputs give
the same events, commands and snapshots, to the byte, on every Python. Where the machines of call,
offer and operator meet, one rule decides who wins:

* the **caller's hang-up** wins over everything: it ends offer and talk, and frees the operator;
* a **connection** reported for an offer that was already given up loses: the caller goes back to
  wait, at the old place (the phone answered a ring that had been cancelled);
* **overflow and ladder** never touch a call that is being offered: their clock stands still until
  the offer ended (a late move would pull the caller out of a talk);
* an operator's **log-out** wins over a ring, and waits for a talk.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from acd.core import (
    decide_agents,
    decide_calls,
    decide_dial,
    decide_floor,
    decide_mode,
    decide_offers,
    decide_parties,
    decide_spy,
    decide_system,
    decide_take,
    decide_talk,
)
from acd.core import inputs as i
from acd.core import inputs_floor as f
from acd.core.apply import APPLIERS
from acd.core.call import Call
from acd.core.commands import StartTimer
from acd.core.decide_met import talk_met
from acd.core.decide_places import device_moved
from acd.core.decide_system import rung_at
from acd.core.events import Event
from acd.core.expected import ExpectedWait, expected_wait
from acd.core.ids import AgentId, CallId, SwitchId, TimerToken
from acd.core.inputs_talk import (
    DialRequested,
    LineReported,
    OutsideFailed,
    PartyJoined,
    TalkFound,
    TalkMet,
)
from acd.core.plan import Plan
from acd.core.state import State
from acd.core.step import Outcome, Step
from agents.agent import Agent

Decider = Callable[[Step, Any], None]

#: One decider for every input.
DECIDERS: dict[type, Decider] = {
    i.CallArrived: decide_calls.call_arrived,
    i.MenuStepped: decide_calls.menu_stepped,
    i.QueueRequested: decide_calls.queue_requested,
    i.FlowEnded: decide_calls.flow_ended,
    i.CallerHungUp: decide_calls.caller_hung_up,
    i.CallLost: decide_calls.call_lost,
    i.OfferAnswered: decide_offers.offer_answered,
    i.OfferFailed: decide_offers.offer_failed,
    i.CallConnected: decide_offers.call_connected,
    i.HoldStarted: decide_offers.hold_started,
    i.HoldEnded: decide_offers.hold_ended,
    i.LegEnded: decide_offers.leg_ended,
    i.AgentLoggedIn: decide_agents.agent_logged_in,
    i.AgentLoggedOut: decide_agents.agent_logged_out,
    i.AgentReadied: decide_agents.agent_readied,
    i.AgentPaused: decide_agents.agent_paused,
    i.WrapUpExtended: decide_agents.wrap_up_extended,
    i.DispositionGiven: decide_agents.disposition_given,
    i.HelpRequested: decide_agents.help_requested,
    i.TimerFired: decide_system.timer_fired,
    i.PlanChanged: decide_system.plan_changed,
    i.SwitchDown: decide_system.switch_down,
    i.SwitchUp: decide_system.switch_up,
    i.CommandFailed: decide_system.command_failed,
    i.DeviceMoved: device_moved,
    f.PriorityGiven: decide_floor.priority_given,
    f.CallMoveRequested: decide_floor.call_move_requested,
    f.TakeOverRequested: decide_take.take_over_requested,
    f.SkillGiven: decide_floor.skill_given,
    f.SpyRequested: decide_spy.spy_requested,
    f.SpyEndRequested: decide_spy.spy_end_requested,
    f.SpyLegGone: decide_spy.spy_leg_gone,
    f.ModeRequested: decide_mode.mode_requested,
    f.SurveyAsked: decide_mode.survey_asked,
    f.SurveyAnswered: decide_mode.survey_answered,
    **dict.fromkeys(decide_talk.ASKED, decide_talk.decide),
    TalkFound: decide_parties.talk_found,
    TalkMet: talk_met,
    PartyJoined: decide_parties.party_joined,
    DialRequested: decide_dial.dial_requested,
    OutsideFailed: decide_dial.outside_failed,
    LineReported: decide_dial.line_reported,
}


def _above(count: int, round_to: int) -> int:
    return (count // round_to + 1) * round_to


class Engine:
    """The routing engine of one centre. ``tz`` is the plan's time zone, handed in."""

    def __init__(self, plan: Plan, tz: tzinfo) -> None:
        self._state = State(plan, tz)

    def handle(self, happened: i.Input, now: float) -> Outcome:
        """Decide on one input at engine time ``now`` (seconds, never going back)."""
        step = Step([], [], self._state, now)
        DECIDERS[type(happened)](step, happened)
        timers = self._state.timers
        if timers.armed:
            step.commands += timers.take_armed()
        return step

    def apply(self, event: Event, at_s: float) -> None:
        """Remember an event decided earlier (restoring); timers are had by pending_timers."""
        APPLIERS[type(event)](self._state, event, at_s)
        self._state.timers.take_armed()

    def snapshot(self) -> bytes:
        """The whole memory as bytes, the same for the same history."""
        return self._state.snapshot()

    def leave_out_ids(self, round_to: int) -> None:
        """Go on with ids above the next multiple of ``round_to``: whoever led before may have given
        some that we never heard of. Belongs before the snapshot that a journal begins with."""
        counters, floor = self._state.counters, self._state.floor
        counters.offers = _above(counters.offers, round_to)
        counters.visits = _above(counters.visits, round_to)
        floor.spy_count = _above(floor.spy_count, round_to)

    @classmethod
    def restore(cls, snapshot: bytes, tz: tzinfo) -> Engine:
        """An engine that goes on where the snapshot was taken; raises StoreCorrupt."""
        engine = cls.__new__(cls)
        engine._state = State.from_snapshot(snapshot, tz)
        return engine

    def pending_timers(self) -> list[StartTimer]:
        """Every timer that is still wanted, for a clock that starts anew."""
        return self._state.timers.all_pending()

    def wants_timer(self, token: TimerToken) -> bool:
        """Whether a timer still means something (clocks may drop those that do not)."""
        return token in self._state.timers.pending

    def rung_at(self, token: TimerToken) -> SwitchId | None:
        """The switch that knows what became of the ring that a timer is for; None for others."""
        timer = self._state.timers.pending.get(token)
        return rung_at(self._state, timer) if timer is not None else None

    # -- looking, without changing anything ------------------------------------------------

    @property
    def state(self) -> State:
        """The memory itself, to be read only (explain, invariants, live views)."""
        return self._state

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self._state.plan

    @property
    def planned(self) -> Plan:
        """The plan as it was adopted, whatever the mode leaves in force of it."""
        return self._state.planned

    @property
    def calls(self) -> dict[CallId, Call]:
        """Live calls by id, in order of arrival; to be read only."""
        return self._state.calls

    @property
    def agents(self) -> dict[AgentId, Agent]:
        """Operators by id, in the order of the plan; to be read only."""
        return self._state.agents

    def position(self, call: CallId) -> int:
        """Place of a waiting call in its line: 1 = next; 0 = not waiting."""
        found = self._state.calls.get(call)
        return self._state.room.position(found) if found else 0

    def expected_wait(self, call: CallId, now: float) -> ExpectedWait | None:
        """Median and ninetieth percentile of the remaining wait; None = unsure or not waiting."""
        found = self._state.calls.get(call)
        return expected_wait(self._state, found, now) if found else None
