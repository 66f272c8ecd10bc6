"""What a staffing is worth: checked on fresh days, and what one operator fewer would do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from acd.errors import Refused
from sim.experiment.days import calls_of
from sim.experiment.workers import Workers
from sim.inputs.scenario import Scenario
from sim.kernel.compile import worth_it
from sim.staffing.look import Figure
from sim.staffing.operators import Staffing, intervals
from sim.staffing.plannable import check_plannable
from sim.staffing.sample import Sample
from sim.staffing.search import Found, Tell, find
from sim.staffing.targets import Target

#: Days whose numbers nothing else takes: the check is on callers that the search never met.
_FRESH_FROM = 1_000_000
_FEWEST_DAYS = 40
_USUAL_CALLS = 900_000
_MOST_CALLS = 20_000_000
_LOOKS_EXPECTED = 100


@dataclass(frozen=True, slots=True)
class Reach:
    """One target in one interval: what is reached on fresh days."""

    target: Target
    interval: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class Fewer:
    """One operator fewer of a group, all day: each target's change over the day, paired day by
    day, its value then, and how many intervals then miss a target of how many."""

    group: int
    changes: tuple[Figure, ...]
    values: tuple[Figure, ...]
    missed: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything ``plan staff`` says. ``whole``: each target over the whole day, on fresh days."""

    scenario: Scenario
    targets: tuple[Target, ...]
    costs: tuple[float, ...]
    found: Found
    reached: tuple[Reach, ...]
    whole: tuple[Figure, ...]
    fewer: tuple[Fewer, ...]
    days: int
    fresh_days: int
    seed: int

    @property
    def missed(self) -> tuple[Reach, ...]:
        """What fresh days miss by more than their half-width."""
        return tuple(
            each
            for each in self.reached
            if each.figure.value + each.figure.half_width < each.target.at_least
        )


def staff(
    scenario: Scenario,
    targets: Sequence[Target],
    costs: Sequence[float],
    *,
    seed: int,
    days: int | None = None,
    precision: float | None = None,
    workers: Workers | None = None,
    tell: Tell = lambda what, share: None,
) -> Answer:
    """The cheapest staffing, checked; ``workers`` simulate (None: this process).

    ``days`` of the sample; None: as many as it takes for the half-width ``precision`` of every
    target in the interval where it is least sure, or for a sample of a usual size.

    Raises:
        Refused: nobody calls, or the search cannot play the scenario.
        LimitExceeded: nothing meets the targets, or the sample would be too large.
    """
    check_plannable(scenario)
    if calls_of(scenario, 1) <= 0:
        raise Refused(
            f'"{scenario.name}": nobody calls, so nobody is needed; say how many call',
            ja=f"「{scenario.name}」: 電話がないので、人は要りません。件数を書いてください。",
        )
    days = days or _days(scenario, targets, costs, seed, precision, workers)
    large = worth_it(calls_of(scenario, days) * _LOOKS_EXPECTED)
    sample = Sample(scenario, targets, days, seed, workers, large=large)
    found = find(sample, costs, tell=tell)
    tell("check", 0.0)
    fresh = Sample(
        scenario, targets, max(2, days), seed, workers, first_day=_FRESH_FROM, large=large
    )
    look = fresh.look(found.staffing)
    reached = tuple(
        Reach(target, at, figure)
        for at in range(found.staffing.shape[1])
        for number, target in enumerate(targets)
        if not math.isnan((figure := look.figure(number, at)).value)
    )
    return Answer(
        scenario,
        tuple(targets),
        tuple(costs),
        found,
        reached,
        tuple(look.figure(number) for number in range(len(targets))),
        tuple(_fewer(fresh, found.staffing, tell)),
        days,
        fresh.days,
        seed,
    )


def _fewer(fresh: Sample, staffing: Staffing, tell: Tell) -> list[Fewer]:
    base, found = fresh.look(staffing), []
    for group in range(len(staffing)):
        tell("check", (group + 1) / (len(staffing) + 1))
        less = staffing.copy()
        less[group] = np.maximum(less[group] - 1, 0)
        if (less == staffing).all():
            continue
        look = fresh.look(less)
        numbers = range(len(fresh.targets))
        found.append(
            Fewer(
                group,
                tuple(look.less(base, number) for number in numbers),
                tuple(look.figure(number) for number in numbers),
                int((fresh.slack(less) < 0).any(axis=0).sum()),
            )
        )
    return found


def _days(
    scenario: Scenario,
    targets: Sequence[Target],
    costs: Sequence[float],
    seed: int,
    precision: float | None,
    workers: Workers | None,
) -> int:
    """How many days: a pilot says how much a target varies from day to day."""
    a_day = max(calls_of(scenario, 1), 1.0)
    usual = max(_FEWEST_DAYS, round(_USUAL_CALLS / a_day))
    most = max(_FEWEST_DAYS, round(_MOST_CALLS / a_day))
    if precision is None:
        return min(usual, most)
    pilot = Sample(scenario, targets, _FEWEST_DAYS, seed, workers, first_day=2 * _FRESH_FROM)
    staffing = find(pilot, costs, proof_tries=0).staffing
    look = pilot.look(staffing)
    widest = max(
        look.figure(number, at).half_width
        for number in range(len(targets))
        for at in range(staffing.shape[1])
        if look.of[:, number, at].any()
    )
    return min(most, max(_FEWEST_DAYS, math.ceil(_FEWEST_DAYS * (widest / precision) ** 2)))


def names_of_intervals(scenario: Scenario) -> list[str]:
    """When each interval begins, ``10:00``; empty for a steady state."""
    if not intervals(scenario)[-1]:
        return [""]
    begins = (scenario.opens_s + at * scenario.period_s for at in range(scenario.periods))
    return [f"{int(each // 3600)}:{int(each % 3600 // 60):02}" for each in begins]
