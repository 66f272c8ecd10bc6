"""The two decisions: an operator for a call, a call for an operator. Both look at heads only."""

from __future__ import annotations

from collections.abc import Iterable

from acd.core.call import Call, CallState
from acd.core.commands import OfferCall
from acd.core.events import CallOffered
from acd.core.ids import AgentId, offer_id
from acd.core.plan import QueuePlan, SkillNeed, Strategy
from acd.core.queue import Entry, Line
from acd.core.state import State, needs_of
from acd.core.step import Step
from acd.core.strategies import KEYS, draw
from agents.agent import Agent
from agents.skills import preferences_met

# Looked up once: a member of an Enum costs as much as a call.
_QUEUED, _LONGEST_IDLE_FIRST = CallState.QUEUED, Strategy.LONGEST_IDLE


def select_agent(state: State, call: Call, now: float) -> Agent | None:
    """The operator for a waiting call, or None.

    Of the idle operators of its lines: those who meet most of its preferences, of these the best
    by the queue's strategy, of these the longest idle.
    """
    held = state.room.placed.get(call.id)
    if held is None:
        return None
    lines = held[1]
    strategy = state.queue_of(call).strategy
    if strategy is _LONGEST_IDLE_FIRST:
        if call.prefers:
            return _first_preferred(state, call.prefers, lines)
        return _longest_idle(lines)
    candidates = idle_candidates(lines)
    if not candidates:
        return None
    if call.prefers:
        met = [preferences_met(state.room.levels[a.id], call.prefers) for a in candidates]
        best = max(met)
        candidates = [a for a, m in zip(candidates, met, strict=True) if m == best]
    return _best(state, strategy, candidates, lines[0], now)


def select_for_queue(state: State, queue: QueuePlan, now: float) -> Agent | None:
    """The operator whom a queue's next call would be offered to, or None if nobody is idle."""
    line = state.room.line(needs_of(queue), state.agents.values())
    candidates = list(line.idle.values())
    return _best(state, queue.strategy, candidates, line, now) if candidates else None


def _best(
    state: State, strategy: Strategy, candidates: list[Agent], line: Line, now: float
) -> Agent:
    """The best of some idle operators by the strategy; the first is the longest idle."""
    if strategy is Strategy.RANDOM:
        return candidates[draw(state.plan.seed, state.counters.offers, len(candidates))]
    key = KEYS.get(strategy)
    if key is None:
        return candidates[0]
    levels, needs = state.room.levels, line.needs
    return min(candidates, key=lambda a: (key(a, levels[a.id], needs, now), a.idle_number))


def _longest_idle(lines: list[Line]) -> Agent | None:
    best: Agent | None = None
    for line in lines:
        if line.idle:
            first = next(iter(line.idle.values()))
            if best is None or first.idle_number < best.idle_number:
                best = first
    return best


def _first_preferred(
    state: State, prefers: tuple[SkillNeed, ...], lines: list[Line]
) -> Agent | None:
    """The longest idle of those who meet most of the preferences."""
    levels, every, most = state.room.levels, len(prefers), -1
    best: Agent | None = None
    idle = lines[0].idle.values() if len(lines) == 1 else idle_candidates(lines)
    for agent in idle:
        met = preferences_met(levels[agent.id], prefers)
        if met > most:
            best, most = agent, met
            if met == every:
                break
    return best


def idle_candidates(lines: list[Line]) -> list[Agent]:
    """Idle operators of some lines, longest idle first, each once."""
    if len(lines) == 1:
        return list(lines[0].idle.values())
    found = {agent.id: agent for line in lines for agent in line.idle.values()}
    return sorted(found.values(), key=lambda a: a.idle_number)


def select_call(state: State, agent: Agent) -> Call | None:
    """The call for an operator who became idle: the first of all that he or she can serve."""
    best: Entry | None = None
    for line in state.room.lines_of(agent):
        waiting = line.waiting
        if waiting and (best is None or waiting[0] < best):
            best = waiting[0]
    return best[2] if best is not None else None


def route_call(step: Step, call: Call) -> None:
    """Offer a waiting call to an operator if there is one."""
    if call.state is _QUEUED:
        agent = select_agent(step.state, call, step.now)
        if agent is not None:
            offer_to(step, call, agent)


def route_agent(step: Step, agent: Agent) -> None:
    """Offer a waiting call to an idle operator if there is one."""
    if agent.available:
        call = select_call(step.state, agent)
        if call is not None:
            offer_to(step, call, agent)


def route_calls(step: Step, calls: Iterable[Call]) -> None:
    """Offer several waiting calls to operators, in the global order."""
    placed = step.state.room.placed
    entries = [placed[call.id][0] for call in calls if call.id in placed]
    for _key, _number, call in sorted(entries):
        route_call(step, call)


def offer_to(step: Step, call: Call, agent: Agent) -> None:
    """Reserve call and operator for each other, and ring."""
    state = step.state
    offer = offer_id(state.counters.offers + 1)
    agent_id: AgentId = agent.id  # type: ignore[assignment]
    step.emit(CallOffered(offer, call.id, agent_id))
    queue, outside = state.queue_of(call), state.outside.get(agent.device, "")
    step.command(
        OfferCall(
            offer,
            call.id,
            agent_id,
            call.switch,
            call.channel,
            agent.device,
            state.ring_s(queue, agent),
            queue.id,
            queue.name_prompt,
            outside,
            state.plan.talk.shown if outside else "",
        )
    )
