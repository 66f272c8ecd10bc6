"""Why an offer was made: why this caller, why this operator, and why not each of the others.

Nothing is recorded for it. An engine restored to just before the step in which the offer was made
knows everything that the decision knew, so the reasons are worked out when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct, structs

from acd.core.call import Call, CallState
from acd.core.engine import Engine
from acd.core.events import CallOffered, Event
from acd.core.events_floor import CallTakenOver
from acd.core.events_talk import TalkRecovered
from acd.core.ids import AgentId, CallId, OfferId, QueueId
from acd.core.plan import SkillNeed, Strategy
from acd.core.state import State, requirements
from acd.core.strategies import KEYS
from acd.errors import NotFound
from agents.agent import Agent
from agents.skills import preferences_met
from agents.state import AgentState, NotReadyReason


class WhyNotAgent(StrEnum):
    """Why an operator was not offered the call."""

    NOT_READY = "not_ready"
    SWITCH_DOWN = "switch_down"
    LEFT_PLAN = "left_plan"
    LACKS_SKILL = "lacks_skill"
    CALLER_WAITS_FOR_ANOTHER = "caller_waits_for_another"
    FEWER_WISHES_MET = "fewer_wishes_met"
    STRATEGY = "strategy"
    IDLE_SHORTER = "idle_shorter"
    DRAWN = "drawn"


class WhyNotCall(StrEnum):
    """Why a call that stands before this one in the global order was not offered instead."""

    NEEDS_OTHER_SKILLS = "needs_other_skills"
    WAITS_FOR_ANOTHER = "waits_for_another"
    RESTS = "rests"
    SWITCH_DOWN = "switch_down"


class Missing(Struct, frozen=True):
    """A skill that is needed at ``needed`` and held at ``held`` (0 = not at all)."""

    skill: str
    needed: int
    held: int


class OtherAgent(Struct, frozen=True):
    """An operator who was not offered the call. ``value`` is the strategy's measure (smaller is
    better); ``idle_s`` is set for idle operators."""

    agent: AgentId
    why: WhyNotAgent
    state: AgentState
    reason: NotReadyReason | None = None
    missing: tuple[Missing, ...] = ()
    wishes_met: int = 0
    value: float = 0.0
    idle_s: float = 0.0


class OtherCall(Struct, frozen=True):
    """A call before this one in the global order, which the operator could not be offered."""

    call: CallId
    queue: QueueId
    why: WhyNotCall
    missing: tuple[Missing, ...] = ()
    waits_for: AgentId | None = None


class TodaySkill(Struct, frozen=True):
    """A level that a supervisor gave an operator until midnight."""

    agent: str
    skill: str
    level: int


class Explanation(Struct, frozen=True):
    """The whole reason for one offer. Times in seconds; no personal data.

    ``age_s`` counts from the call's first queue, ``rank_s`` is the age with the priority's worth
    added: the larger, the earlier. ``needs`` lists the ways in which the call could be served.
    ``could_serve`` counts the waiting calls that the operator could have been offered, this one
    included, ``candidates`` the idle operators who could have been offered the call.

    ``taken_by`` is the supervisor who took the call over: nothing else counted then; nor for one
    that was ``recovered``, a talk that another controller had begun. ``today`` are levels that hold
    for this day only, of skills that the call asks for.
    """

    offer: OfferId
    at_s: float
    call: CallId
    queue: QueueId
    queue_ja: str
    queue_en: str
    waited_s: float
    age_s: float
    priority: int
    rank_s: float
    ladder_steps: int
    needs: tuple[tuple[SkillNeed, ...], ...]
    waiting: int
    could_serve: int
    ahead: tuple[OtherCall, ...]
    agent: AgentId
    asked_for: bool
    strategy: Strategy
    value: float
    idle_s: float
    wishes: int
    wishes_met: int
    candidates: int
    others: tuple[OtherAgent, ...]
    taken_by: str = ""
    today: tuple[TodaySkill, ...] = ()
    recovered: bool = False


def explain(engine: Engine, events: Sequence[Event], at_s: float, offer: OfferId) -> Explanation:
    """Explain an offer made by a step.

    ``engine`` is in the state before the step and is used up: it is moved on to the moment of the
    offer. ``events`` are the step's, ``at_s`` its time. Raises NotFound when the step made no such
    offer.
    """
    taken: dict[CallId, str] = {}
    recovered: set[CallId] = set()
    for event in events:
        if isinstance(event, CallOffered) and event.offer == offer:
            found = _Reasons(engine.state, event, at_s).explanation()
            by, begun = taken.get(event.call, ""), event.call in recovered
            if by or begun:
                found = structs.replace(found, ahead=(), others=(), could_serve=1, candidates=1)
            return structs.replace(found, taken_by=by, recovered=begun)
        if isinstance(event, CallTakenOver):
            taken[event.call] = event.by
        elif isinstance(event, TalkRecovered):
            recovered.add(event.call)
        engine.apply(event, at_s)
    raise NotFound(f"offer {offer} was not made in this step", code="unknown_offer")


def missing_for(
    levels: dict[str, int], ways: Iterable[tuple[SkillNeed, ...]]
) -> tuple[Missing, ...]:
    """What is lacking for the way that lacks least; empty when one way does."""
    lacking = [
        tuple(
            Missing(need.skill, need.level, levels.get(need.skill, 0))
            for need in way
            if levels.get(need.skill, 0) < need.level
        )
        for way in ways
    ]
    return min(lacking, key=len)


class _Reasons:
    """One offer's circumstances, the moment before it was made."""

    def __init__(self, state: State, offered: CallOffered, at_s: float) -> None:
        self.state = state
        self.offered = offered
        self.at_s = at_s
        self.call = state.calls[offered.call]
        self.agent = state.agents[offered.agent]
        self.queue = state.queue_of(self.call)
        self.ways = tuple(requirements(state, self.call))

    def explanation(self) -> Explanation:
        state, call, agent, queue = self.state, self.call, self.agent, self.queue
        waiting = [c for c in state.calls.values() if c.state is CallState.QUEUED]
        age_s = self.at_s - call.age_from_s
        priority = state.priority(call)
        others = tuple(self._other(a) for a in state.agents.values() if a is not agent)
        return Explanation(
            self.offered.offer,
            self.at_s,
            call.id,
            call.queue,
            queue.name_ja or queue.id,
            queue.name_en or queue.id,
            self.at_s - call.visit_from_s,
            age_s,
            priority,
            age_s + priority * state.plan.priority_step_s,
            call.ladder_done,
            self.ways,
            len(waiting),
            sum(1 for other in waiting if self._why_not_call(other) is None),
            tuple(self._ahead(waiting)),
            AgentId(agent.id),
            call.prefer_agent == agent.id,
            queue.strategy,
            self._value(agent),
            self.at_s - agent.idle_from_s,
            len(call.prefers),
            self._wishes_met(agent),
            1 + sum(1 for other in others if other.why in _WAS_CANDIDATE),
            others,
            today=self._today(),
        )

    def _today(self) -> tuple[TodaySkill, ...]:
        asked = {need.skill for way in self.ways for need in way}
        return tuple(
            TodaySkill(agent, skill, level)
            for agent, held in self.state.floor.skills.items()
            for skill, level in held.items()
            if skill in asked
        )

    # -- the others who wait ----------------------------------------------------------------

    def _ahead(self, waiting: Iterable[Call]) -> Iterable[OtherCall]:
        """Those who stand before this call, in the global order."""
        own = self._key(self.call)
        for other in sorted(waiting, key=self._key):
            why = self._why_not_call(other)
            if self._key(other) < own and why is not None:
                levels = self.state.room.levels[self.agent.id]
                lacking = missing_for(levels, requirements(self.state, other))
                yield OtherCall(other.id, other.queue, why, lacking, other.prefer_agent)

    def _key(self, call: Call) -> tuple[float, int]:
        worth_s = self.state.priority(call) * self.state.plan.priority_step_s
        return call.age_from_s - worth_s, call.number

    def _why_not_call(self, call: Call) -> WhyNotCall | None:
        """None: the operator could have been offered it."""
        if call.switch in self.state.switches_down:
            return WhyNotCall.SWITCH_DOWN
        if call.parked:
            return WhyNotCall.RESTS
        if call.prefer_agent is not None:
            mine = call.prefer_agent == self.agent.id
            return None if mine else WhyNotCall.WAITS_FOR_ANOTHER
        levels = self.state.room.levels[self.agent.id]
        lacking = missing_for(levels, requirements(self.state, call))
        return WhyNotCall.NEEDS_OTHER_SKILLS if lacking else None

    # -- the other operators ------------------------------------------------------------------

    def _value(self, agent: Agent) -> float:
        key = KEYS.get(self.queue.strategy)
        levels = self.state.room.levels[agent.id]
        return key(agent, levels, self.ways[0], self.at_s) if key else 0.0

    def _wishes_met(self, agent: Agent) -> int:
        return preferences_met(self.state.room.levels[agent.id], self.call.prefers)

    def _other(self, other: Agent) -> OtherAgent:
        lacking = missing_for(self.state.room.levels[other.id], self.ways)
        return OtherAgent(
            AgentId(other.id),
            self._why_not_agent(other, lacking),
            other.state,
            other.reason,
            lacking,
            self._wishes_met(other),
            self._value(other),
            self.at_s - other.idle_from_s if other.available else 0.0,
        )

    def _why_not_agent(self, other: Agent, lacking: tuple[Missing, ...]) -> WhyNotAgent:
        if other.retired:
            return WhyNotAgent.LEFT_PLAN
        if lacking:
            return WhyNotAgent.LACKS_SKILL
        if other.state is not AgentState.READY:
            return WhyNotAgent.NOT_READY
        if not other.available:
            return WhyNotAgent.SWITCH_DOWN
        if self.call.prefer_agent is not None:
            return WhyNotAgent.CALLER_WAITS_FOR_ANOTHER
        if self._wishes_met(other) < self._wishes_met(self.agent):
            return WhyNotAgent.FEWER_WISHES_MET
        if self.queue.strategy is Strategy.RANDOM:
            return WhyNotAgent.DRAWN
        if self._value(other) > self._value(self.agent):
            return WhyNotAgent.STRATEGY
        return WhyNotAgent.IDLE_SHORTER


_WAS_CANDIDATE = (
    WhyNotAgent.FEWER_WISHES_MET,
    WhyNotAgent.STRATEGY,
    WhyNotAgent.IDLE_SHORTER,
    WhyNotAgent.DRAWN,
)
