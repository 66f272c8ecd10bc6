"""Which of several operators is offered a call: each strategy is a sort key, smallest first.

Ties go to the longest idle; of those idle since the same instant, to who became ready first, as
``idle_number`` counts. ``longest_idle`` needs no key: lines keep their idle operators that way.
"""

from __future__ import annotations

from collections.abc import Callable

from acd.core.plan import SkillNeed, Strategy
from agents.agent import Agent
from agents.skills import mastery

Levels = dict[str, int]
#: (agent, levels, needs, now) -> number; smaller is better.
Key = Callable[[Agent, Levels, tuple[SkillNeed, ...], float], float]


def occupancy(agent: Agent, now: float) -> float:
    """Share of the time since login spent in talk, hold and wrap-up (0 to 1)."""
    logged_in_s = now - agent.login_s
    return agent.busy_s / logged_in_s if logged_in_s > 0 else 0.0


def _most_skilled(_a: Agent, levels: Levels, needs: tuple[SkillNeed, ...], _now: float) -> float:
    return -mastery(levels, needs)


def _least_occupied(agent: Agent, _l: Levels, _n: tuple[SkillNeed, ...], now: float) -> float:
    return occupancy(agent, now)


def _fewest_calls(agent: Agent, _l: Levels, _n: tuple[SkillNeed, ...], _now: float) -> float:
    return agent.calls_taken


def _round_robin(agent: Agent, _l: Levels, _n: tuple[SkillNeed, ...], _now: float) -> float:
    return agent.last_offer_number


KEYS: dict[Strategy, Key] = {
    Strategy.MOST_SKILLED: _most_skilled,
    Strategy.LEAST_OCCUPIED: _least_occupied,
    Strategy.FEWEST_CALLS: _fewest_calls,
    Strategy.ROUND_ROBIN: _round_robin,
}

_MASK = (1 << 64) - 1


def draw(seed: int, number: int, size: int) -> int:
    """A reproducible index in ``range(size)``: splitmix64 of seed and draw number.

    Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014). Integer
    arithmetic only, so every platform and Python version draws alike.
    """
    z = (seed * 0x9E3779B97F4A7C15 + (number + 1) * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((z ^ (z >> 31)) * size) >> 64
