"""A scenario as tables of numbers, made once for all its days."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.inputs.scenario import CallClass, Group, Rule, Scenario
from sim.kernel.loops import LAST, LONGEST_QUEUE, LONGEST_WAIT, SKILL_ORDER, TIER
from sim.kernel.shapes import Rules
from sim.kernel.support import refuse

_RULES = {
    Rule.LONGEST_WAIT: LONGEST_WAIT,
    Rule.SKILL_ORDER: SKILL_ORDER,
    Rule.LONGEST_QUEUE: LONGEST_QUEUE,
}
#: As good as no limit.
NO_LIMIT = 1 << 60


@dataclass(frozen=True, slots=True)
class Tables:
    """``rules`` as lists. ``group_of`` and ``agent_of``: of each operator, and -1 for nobody, who
    is the last. ``pool``: one line and one pool of constant size, so that the loop
    for those will do. ``eager``: giving up has to be an event."""

    rules: Rules
    rule: int
    operators: int
    group_of: NDArray[np.int16]
    agent_of: NDArray[np.int32]
    pool: bool
    eager: bool
    wraps: bool


@lru_cache(maxsize=64)
def tables(scenario: Scenario) -> Tables:
    """The tables; raises Refused with all that is not supported."""
    refuse(scenario)
    rules = _rules(scenario)
    eager = (
        scenario.lines is not None
        or scenario.waiting_places is not None
        or scenario.redial > 0
        or scenario.rule is Rule.LONGEST_QUEUE
    )
    sizes = [max(group.agents) for group in scenario.groups]
    return Tables(
        rules,
        _RULES[scenario.rule],
        rules.seats[-1],
        np.append(np.repeat(np.arange(len(sizes)), sizes), -1).astype(np.int16),
        np.concatenate([*map(np.arange, sizes), [-1]]).astype(np.int32),
        not eager and _is_pool(scenario),
        eager,
        any(of.wrap_up is not None for of in scenario.classes),
    )


def _rules(scenario: Scenario) -> Rules:
    groups = {group.name: number for number, group in enumerate(scenario.groups)}
    asks: list[int] = []
    asked: list[int] = []
    for of in scenario.classes:
        asks.append(len(asked))
        for tier in tiers(of, scenario.groups):
            asked += [*(groups[name] for name in tier), TIER]
        asked[-1] = LAST
    serves, served, late = [0], [], []
    for group in scenario.groups:
        for number in _looked_through(scenario):
            after = _serves_after(scenario.classes[number], group, scenario.groups)
            if after is not None:
                served.append(number)
                late.append(after)
        serves.append(len(served))
    steps = [
        (number, groups[name], float(after_s))
        for number, of in enumerate(scenario.classes)
        for after_s, name in of.overflow
        if _serves_after(of, scenario.groups[groups[name]], scenario.groups) == after_s
    ]
    seats = [0]
    for group in scenario.groups:
        seats.append(seats[-1] + max(group.agents))
    return Rules(
        asks=asks,
        asked=asked,
        serves=serves,
        served=served,
        late=late,
        lead=[of.priority * scenario.priority_step_s for of in scenario.classes],
        step_class=[step[0] for step in steps],
        step_group=[step[1] for step in steps],
        step_after=[step[2] for step in steps],
        staff=[g.agents[period] for period in range(scenario.periods) for g in scenario.groups],
        seats=seats,
    )


def tiers(of: CallClass, groups: tuple[Group, ...]) -> tuple[tuple[str, ...], ...]:
    """The groups that serve a class from its arrival on, in tiers; those without the skill not."""
    able = [group.name for group in groups if of.name in group.skills]
    if not of.prefers:
        return (tuple(able),)
    return tuple(tuple(name for name in able if name in tier) for tier in of.prefers)


def _serves_after(of: CallClass, group: Group, groups: tuple[Group, ...]) -> float | None:
    """How long a call waits before a group serves it: -1 from its arrival on, None never."""
    if any(group.name in tier for tier in tiers(of, groups)):
        return -1.0
    steps = [after_s for after_s, name in of.overflow if name == group.name]
    return float(min(steps)) if steps else None


def _looked_through(scenario: Scenario) -> list[int]:
    """Classes in the order in which an operator looks through them."""
    names = [of.name for of in scenario.classes]
    order = [names.index(name) for name in scenario.order]
    if scenario.rule is Rule.LONGEST_WAIT:
        order = []
    return [*order, *(number for number in range(len(names)) if number not in order)]


def _is_pool(scenario: Scenario) -> bool:
    """Whether all calls stand in one line before all operators, who stay all day."""
    everyone = {group.name for group in scenario.groups}
    first = scenario.classes[0].priority
    return all(
        of.priority == first
        and not of.overflow
        and len(served := tiers(of, scenario.groups)) == 1
        and set(served[0]) == everyone
        for of in scenario.classes
    ) and (
        all(len(set(group.agents)) == 1 for group in scenario.groups)
        and scenario.rule is Rule.LONGEST_WAIT
        and any(group.agents[0] for group in scenario.groups)
    )
