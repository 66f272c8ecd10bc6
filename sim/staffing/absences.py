"""A roster simulated as it is planned, breaks and all, and with people missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from acd.errors import ConfigError, Fault
from sim.experiment.days import calls_of
from sim.experiment.workers import Here, Workers
from sim.inputs.draws import draw
from sim.inputs.scenario import Scenario
from sim.kernel import simulate
from sim.kernel.compile import worth_it
from sim.staffing.counting import Counter
from sim.staffing.days import EFFORT
from sim.staffing.look import Figure, Look, joined
from sim.staffing.operators import intervals, staffed
from sim.staffing.roster import Duty, RosterPlan
from sim.staffing.targets import Reached, Target

#: More days are not simulated for the sake of precision.
MOST_DAYS = 20_000
#: From so many days it is seen how many it takes.
_FIRST_DAYS = 50
_USUAL_ABSENT = (0, 1, 2, 3)
_DAY_S = 86_400.0
#: Calls of one job: enough that sending it elsewhere costs little, few enough for a progress.
_JOB_CALLS = 200_000
MEASURED = (Target(Reached.ANSWER_RATE, 0.0), Target(Reached.SL_OFFERED, 0.0))


@dataclass(frozen=True, slots=True)
class Day:
    """What callers meet with so many absent (``absent`` None: drawn by the plan's absence share).

    ``answered`` and ``quick``: of the whole day; ``worst``: the interval with the lowest answer
    rate, its beginning in seconds after midnight, and its two figures. ``change``: of ``answered``
    to the days with everybody there, paired day by day (None: those were not asked for).
    """

    absent: int | None
    answered: Figure
    quick: Figure
    worst_s: float
    worst_answered: Figure
    worst_quick: Figure
    change: Figure | None = None


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


def roster_day(scenario: Scenario, plan: RosterPlan, duties: Sequence[Duty]) -> Scenario:
    """The scenario with the people of a roster, everybody there, breaks as planned."""
    fine = fit(scenario, plan)
    names = [group.name for group in fine.groups]
    there = np.stack([_screen(duty, fine, plan, names) for duty in duties]).sum(axis=0)
    return staffed(fine, there, np.arange(fine.periods))


def numbers_of(plan: RosterPlan, absent: Sequence[int] | None = None) -> list[int | None]:
    """The absences asked for; without any, some usual ones and those that the plan expects."""
    drawn: list[int | None] = [None] if plan.absence and not absent else []
    return [*(absent or _USUAL_ABSENT), *drawn]


def precise_days(
    scenario: Scenario,
    plan: RosterPlan,
    duties: Sequence[Duty],
    absent: Sequence[int | None],
    *,
    days: int | None,
    precision: float,
    seed: int,
    tell: Callable[[float], None],
    workers: Workers | None = None,
) -> list[Day]:
    """What callers meet with so many absent, over ``days``; None: until it is as sure as that.
    ``workers`` simulate (None: this process)."""

    def counted(number: int) -> list[Day]:
        return with_absent(
            scenario, plan, duties, absent, days=number, seed=seed, tell=tell, workers=workers
        )

    if days is not None:
        return counted(days)
    first = counted(_FIRST_DAYS)
    enough = precise_enough(first, _FIRST_DAYS, precision)
    return first if enough <= _FIRST_DAYS else counted(enough)


def common_threshold_s(scenario: Scenario) -> float | None:
    """The threshold of all kinds of calls; None where they differ."""
    thresholds = {each.threshold_s for each in scenario.classes}
    return thresholds.pop() if len(thresholds) == 1 else None


def precise_enough(days: Sequence[Day], simulated: int, precision: float) -> int:
    """How many days to simulate so that every day's figures are as sure as is wanted; no more than
    were simulated: they are."""
    halves = [each.half_width for day in days for each in (day.answered, day.quick)]
    worst = max((half for half in halves if half == half), default=0.0)
    if worst <= precision:
        return simulated
    # A half-width falls with the root of the number; a little more, since it is chance itself.
    return min(MOST_DAYS, math.ceil(1.1 * simulated * (worst / precision) ** 2))


@dataclass(frozen=True, slots=True)
class _Missing:
    """Some days with people missing, from ``start`` to ``stop`` (not included), each played for
    every number of ``absent``: a job. ``screens``: 1 where a person is at the screen, [people,
    groups, periods]; ``share``: the chance to be absent where that is drawn."""

    scenario: Scenario
    screens: NDArray[np.int64]
    interval_of: NDArray[np.int64]
    absent: tuple[int | None, ...]
    share: float
    seed: int
    start: int
    stop: int
    large: bool

    @property
    def calls(self) -> float:
        """How much work it is."""
        return EFFORT * len(self.absent) * calls_of(self.scenario, self.stop - self.start)

    def play(self) -> list[Look]:
        """What is reached on these days with each number of absent people."""
        counter = Counter(self.scenario, MEASURED, self.interval_of)
        looks: list[list[Look]] = [[] for _ in self.absent]
        for day in range(self.start, self.stop):
            for each, look in zip(looks, self._day(day, counter), strict=True):
                each.append(look)
        return [joined(each) for each in looks]

    def _day(self, day: int, counter: Counter) -> Iterator[Look]:
        draws, people = draw(self.scenario, self.seed, day), len(self.screens)
        # One order of people a day: the second absent one comes on top of the first.
        chance = np.random.default_rng([self.seed, day, 25])
        order, sick = chance.permutation(people), chance.random(people)
        for number in self.absent:
            here = np.ones(people, bool)
            if number is None:
                here = sick >= self.share
            else:
                here[order[:number]] = False
            there = self.screens[here].sum(axis=0)
            centre = staffed(self.scenario, there, np.arange(self.scenario.periods))
            records = simulate(centre, draws, compiled=True if self.large else None)
            yield Look(*counter.counted([counter.cells_of(records)], [records]))


def with_absent(
    scenario: Scenario,
    plan: RosterPlan,
    duties: Sequence[Duty],
    absent: Sequence[int | None],
    *,
    days: int,
    seed: int,
    tell: Callable[[float], None] = lambda share: None,
    workers: Workers | None = None,
) -> list[Day]:
    """The same days for each number of absent people; who is absent is drawn anew for each day."""
    fine = fit(scenario, plan)
    names = [group.name for group in fine.groups]
    screens = np.stack([_screen(duty, fine, plan, names) for duty in duties])
    hours = np.repeat(intervals(scenario), fine.periods // scenario.periods)
    calls = len(absent) * calls_of(fine, 1)
    size = max(1, int(_JOB_CALLS / max(1.0, calls)))
    jobs = [
        _Missing(
            fine, screens, hours, tuple(absent), plan.absence, seed, first,
            min(first + size, days), worth_it(days * calls),
        )
        for first in range(0, days, size)
    ]  # fmt: skip
    found: dict[int, list[Look]] = {}
    tell(0.0)
    for place, looks in (workers or Here()).each(jobs):
        found[place] = looks
        tell(len(found) / len(jobs))
    by_number = [joined([found[place][at] for place in range(len(jobs))])
                 for at in range(len(absent))]  # fmt: skip
    everybody = next((look for number, look in zip(absent, by_number, strict=True)
                      if number == 0), None)  # fmt: skip
    return [
        _day(number, look, scenario, everybody)
        for number, look in zip(absent, by_number, strict=True)
    ]


def _screen(
    duty: Duty, scenario: Scenario, plan: RosterPlan, names: Sequence[str]
) -> NDArray[np.int64]:
    """1 in each of the scenario's periods that this person is at the screen, [groups, periods]."""
    offset = round((scenario.opens_s - plan.first_s) / plan.slot_s)
    day = round(_DAY_S / plan.slot_s)
    found = np.zeros((len(names), scenario.periods), np.int64)
    for slot in duty.at_screen():
        # Every day is alike: the small hours of a scenario's day are those of last night's duty.
        for period in (slot - offset - day, slot - offset, slot - offset + day):
            if 0 <= period < scenario.periods:
                found[names.index(duty.group), period] = 1
    return found


def _day(absent: int | None, look: Look, scenario: Scenario, everybody: Look | None) -> Day:
    rates = look.values()[0]
    worst = int(np.nanargmin(rates)) if not np.isnan(rates).all() else 0
    return Day(
        absent,
        look.figure(0),
        look.figure(1),
        scenario.opens_s + worst * scenario.period_s,
        look.figure(0, worst),
        look.figure(1, worst),
        None if everybody is None or absent == 0 else look.less(everybody, 0),
    )


def rostered(required: int, absence: float) -> int:
    """How many have to be planned so that so many are there on a mean day.

    required ÷ (1 − absence), rounded up.

    >>> rostered(16, 0.1)
    18
    """
    return math.ceil(required / (1 - absence) - 1e-9)
