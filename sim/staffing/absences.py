"""A roster simulated as it is planned, breaks and all, and with people missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from acd.errors import ConfigError, Fault
from sim.inputs.draws import draw
from sim.inputs.scenario import Scenario
from sim.kernel import simulate
from sim.kernel.compile import worth_it
from sim.staffing.roster import Duty, RosterPlan
from sim.staffing.sample import Figure, Frame, Look, count, intervals, staffed
from sim.staffing.targets import Reached, Target

MEASURED = (Target(Reached.ANSWER_RATE, 0.0), Target(Reached.SL_OFFERED, 0.0))


@dataclass(frozen=True, slots=True)
class Day:
    """What callers meet with so many absent (``absent`` None: drawn by the plan's absence share).

    ``answered`` and ``quick``: of the whole day; ``worst``: the interval with the lowest answer
    rate, its beginning in seconds after midnight, and its two figures.
    """

    absent: int | None
    answered: Figure
    quick: Figure
    worst_s: float
    worst_answered: Figure
    worst_quick: Figure


def fit(scenario: Scenario, plan: RosterPlan) -> Scenario:
    """The scenario with periods as long as the plan's slots, and the plan's hours.

    Raises:
        ConfigError: groups, hours or lengths of the two do not go together.
    """
    faults = []
    groups = {group.name for group in scenario.groups}
    if set(plan.required) != groups:
        faults.append(
            Fault("required", f"has the groups {', '.join(sorted(plan.required))}, and the scenario"
                              f" has {', '.join(sorted(groups))}")
        )  # fmt: skip
    each = scenario.period_s / plan.slot_s
    if abs(each - round(each)) > 1e-9 or round(each) < 1:
        faults.append(
            Fault("slot", f"does not divide the scenario's period of {scenario.period_s:g}s")
        )
    offset = (scenario.opens_s - plan.first_s) / plan.slot_s
    if abs(offset - round(offset)) > 1e-9:
        faults.append(Fault("slot", "does not meet the time at which the scenario begins"))
    if faults:
        raise ConfigError(faults)
    times = round(each)
    classes = tuple(
        replace(
            of,
            arrivals_per_s=tuple(np.repeat(of.arrivals_per_s, times).tolist()),
            patience=tuple(value for value in of.patience for _ in range(times)),
        )
        for of in scenario.classes
    )
    fine = replace(scenario, period_s=plan.slot_s, classes=classes)
    none = tuple(replace(group, agents=(0,) * fine.periods) for group in scenario.groups)
    return replace(fine, groups=none)


def with_absent(
    scenario: Scenario,
    plan: RosterPlan,
    duties: Sequence[Duty],
    absent: Sequence[int | None],
    *,
    days: int,
    seed: int,
    tell: Callable[[float], None] = lambda share: None,
) -> list[Day]:
    """The same days for each number of absent people; who is absent is drawn anew for each day."""
    fine = fit(scenario, plan)
    names = [group.name for group in fine.groups]
    screens = np.stack([_screen(duty, fine, plan, names) for duty in duties])
    hours = np.repeat(intervals(scenario), fine.periods // scenario.periods)
    calls = fine.period_s * sum(sum(each.arrivals_per_s) for each in fine.classes)
    engine = partial(simulate, compiled=worth_it(days * calls * len(absent)))
    counts: list[list[tuple[NDArray[np.float64], NDArray[np.float64]]]] = [[] for _ in absent]
    for day in range(days):
        tell(day / days)
        draws = draw(fine, seed, day)
        # One order of people a day: the second absent one comes on top of the first.
        chance = np.random.default_rng([seed, day, 25])
        order, sick = chance.permutation(len(duties)), chance.random(len(duties))
        for at, number in enumerate(absent):
            here = np.ones(len(duties), bool)
            if number is None:
                here = sick >= plan.absence
            else:
                here[order[:number]] = False
            staffing = screens[here].sum(axis=0)
            day_of = staffed(fine, staffing, np.arange(fine.periods))
            records = engine(day_of, draws)
            counts[at].append(count(records, Frame.of(records, fine, hours), fine, MEASURED))
    return [
        _day(number, Look(*map(np.stack, zip(*each, strict=True))), scenario)
        for number, each in zip(absent, counts, strict=True)
    ]


def _screen(
    duty: Duty, scenario: Scenario, plan: RosterPlan, names: Sequence[str]
) -> NDArray[np.int64]:
    """1 in each of the scenario's periods that this person is at the screen, [groups, periods]."""
    offset = round((scenario.opens_s - plan.first_s) / plan.slot_s)
    found = np.zeros((len(names), scenario.periods), np.int64)
    for slot in duty.at_screen():
        if 0 <= slot - offset < scenario.periods:
            found[names.index(duty.group), slot - offset] = 1
    return found


def _day(absent: int | None, look: Look, scenario: Scenario) -> Day:
    rates = look.values()[0]
    worst = int(np.nanargmin(rates)) if not np.isnan(rates).all() else 0
    return Day(
        absent,
        look.figure(0),
        look.figure(1),
        scenario.opens_s + worst * scenario.period_s,
        look.figure(0, worst),
        look.figure(1, worst),
    )


def rostered(required: int, absence: float) -> int:
    """How many have to be planned so that so many are there on a mean day.

    required ÷ (1 − absence), rounded up.

    >>> rostered(16, 0.1)
    18
    """
    return math.ceil(required / (1 - absence) - 1e-9)
