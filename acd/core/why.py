"""Why a waiting call still waits: worked out from the engine's memory when somebody asks."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from acd.core.call import Call, CallState
from acd.core.engine import Engine
from acd.core.ids import AgentId, CallId
from acd.core.plan import SkillNeed
from acd.core.state import State, requirements
from acd.core.timers import TimerKind
from acd.errors import NotFound, Refused
from agents.agent import Agent
from agents.skills import can_serve
from agents.state import AgentState, NotReadyReason


class WhyWaits(StrEnum):
    """The one reason that comes first."""

    RINGING = "ringing"
    SWITCH_DOWN = "switch_down"
    RESTS = "rests"
    WAITS_FOR_OPERATOR = "waits_for_operator"
    NOBODY_HAS_SKILL = "nobody_has_skill"
    NOBODY_LOGGED_IN = "nobody_logged_in"
    ALL_AWAY = "all_away"
    ALL_BUSY = "all_busy"


class Able(Struct, frozen=True):
    """An operator who could serve the call, and what keeps them from it. ``ready_in_s`` is when
    they are ready by themselves, where a timer says so (wrap-up, cool-down)."""

    agent: AgentId
    state: AgentState
    reason: NotReadyReason | None = None
    ready_in_s: float | None = None


class Waits(Struct, frozen=True):
    """Why a call waits. Times in seconds; no personal data.

    ``ahead`` counts the calls before it in its longest line. ``needs`` are the ways in which it
    could be served. ``agent`` is who is being rung, or waited for. ``next_step_in_s`` is when the
    ladder makes it easier, None = never. ``able`` are at work or not; in the order of the plan.
    """

    call: CallId
    why: WhyWaits
    queue_ja: str
    queue_en: str
    waited_s: float
    priority: int
    ahead: int
    needs: tuple[tuple[SkillNeed, ...], ...]
    agent: AgentId | None
    for_s: float
    next_step_in_s: float | None
    able: tuple[Able, ...]


#: Operators at work who will be free when they have finished what they do.
_AT_IT = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP)


def why_waits(engine: Engine, call_id: CallId, now_s: float) -> Waits:
    """Why this call waits now; raises NotFound for no such call, Refused for one that does not."""
    call = engine.calls.get(call_id)
    if call is None:
        raise NotFound("there is no such call", code="unknown_call")
    if call.state not in (CallState.QUEUED, CallState.OFFERED):
        raise Refused("the call does not wait", code="not_waiting")
    state = engine.state
    ways = tuple(requirements(state, call))
    able = tuple(_able(state, agent, now_s) for agent in _people(state, ways))
    queue = state.queue_of(call)
    offer = state.offers.get(call.offer) if call.offer else None
    step = queue.ladder[call.ladder_done] if call.ladder_done < len(queue.ladder) else None
    return Waits(
        call.id,
        _reason(state, call, able),
        queue.name_ja or queue.id,
        queue.name_en or queue.id,
        now_s - call.age_from_s,
        state.priority(call),
        max(0, state.room.position(call) - 1),
        ways,
        offer.agent if offer is not None else call.prefer_agent,
        now_s - offer.offered_s if offer is not None else 0.0,
        max(0.0, call.visit_from_s + step.after_s - now_s) if step is not None else None,
        able,
    )


def _people(state: State, ways: tuple[tuple[SkillNeed, ...], ...]) -> list[Agent]:
    levels = state.room.levels
    return [
        agent
        for agent in state.agents.values()
        if not agent.retired and any(can_serve(levels[agent.id], way) for way in ways)
    ]


def _able(state: State, agent: Agent, now_s: float) -> Able:
    ready_in_s: float | None = None
    timer = state.timers.pending.get(agent.timer) if agent.timer else None  # type: ignore[call-overload]
    if timer is not None and timer.kind in (TimerKind.WRAP_UP, TimerKind.COOLDOWN):
        ready_in_s = max(0.0, timer.at_s - now_s)
    return Able(AgentId(agent.id), agent.state, agent.reason, ready_in_s)


def _reason(state: State, call: Call, able: tuple[Able, ...]) -> WhyWaits:
    if call.state is CallState.OFFERED:
        return WhyWaits.RINGING
    if call.switch in state.switches_down:
        return WhyWaits.SWITCH_DOWN
    if call.parked:
        return WhyWaits.RESTS
    if call.prefer_agent is not None:
        return WhyWaits.WAITS_FOR_OPERATOR
    if not able:
        return WhyWaits.NOBODY_HAS_SKILL
    if all(each.state is AgentState.LOGGED_OUT for each in able):
        return WhyWaits.NOBODY_LOGGED_IN
    if any(each.state in _AT_IT for each in able):
        return WhyWaits.ALL_BUSY
    return WhyWaits.ALL_AWAY
