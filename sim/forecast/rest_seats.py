"""How many operators more or fewer each hour of the rest of the day needs, by simulation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from metrics.columns import CallColumns, both_numbers, filled, params_by_cell
from metrics.measures import MEASURES
from sim.experiment.estimates import ratio_of
from sim.inputs.draws import Draws, draw
from sim.inputs.scenario import Group, Scenario
from sim.kernel import simulate
from sim.kernel.compile import worth_it
from sim.results import Estimate

#: Days for the search (under the same chance for every plan), and for what is said of it.
SEARCH_DAYS, SAID_DAYS = 100, 400
#: No precision takes more days than this.
MOST_DAYS = 10_000
#: More changes than this in one hour are no intraday change.
STEPS_MAX = 60
HOUR_S = 3600.0
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class HourSeats:
    """One hour: seats as they are and as they need to be, by group, and the figures with both."""

    begins_s: float
    now: tuple[int, ...]
    needed: tuple[int, ...]
    level_now: Estimate
    level_needed: Estimate
    answered_now: Estimate

    @property
    def change(self) -> int:
        """Operators to add; negative: so many may be released."""
        return sum(self.needed) - sum(self.now)


@dataclass(frozen=True, slots=True)
class RestSeats:
    """``level_now``, ``level_needed``: service level of the whole rest; ``hours`` in order.
    ``threshold_s`` None: kinds of calls differ in it."""

    hours: tuple[HourSeats, ...]
    groups: tuple[str, ...]
    level_now: Estimate
    level_needed: Estimate
    excl_now: Estimate
    answered_now: Estimate
    target: float
    threshold_s: float | None


class _Rest:
    """The scenario's hours, and days drawn once for all plans."""

    def __init__(
        self, scenario: Scenario, seed: int, days: int, *, compiled: bool | None = None
    ) -> None:
        self.scenario = scenario
        self.draws: list[Draws] = [draw(scenario, seed, n) for n in range(days)]
        calls = sum(len(each) for each in self.draws)
        self.compiled = worth_it(2 * calls) if compiled is None else compiled
        first = int(scenario.warm_up_s // scenario.period_s)
        starts = [scenario.opens_s + n * scenario.period_s for n in range(scenario.periods)]
        hours = sorted({int(each // HOUR_S) for each in starts[first:]})
        self.hours = hours
        #: The hour of each period; -1 before what counts.
        self.hour_of = np.array(
            [hours.index(int(at // HOUR_S)) if n >= first else -1 for n, at in enumerate(starts)]
        )

    def begins_s(self, hour: int) -> float:
        """When the hour, or what is left of it, begins."""
        first = int(np.flatnonzero(self.hour_of == hour)[0])
        return self.scenario.opens_s + first * self.scenario.period_s

    def parts(self, groups: tuple[Group, ...], keys: Sequence[str]) -> np.ndarray:
        """Both numbers of the measures: ``[key, top or bottom, day, hour]``."""
        of = replace(self.scenario, groups=groups)
        days = [simulate(of, each, compiled=self.compiled) for each in self.draws]
        day = np.repeat(np.arange(len(days)), [len(each) for each in days])
        came = np.concatenate([each.came_s for each in days])
        period = np.minimum((came / of.period_s).astype(np.int64), of.periods - 1)
        hour, kinds = self.hour_of[period], len(of.classes)
        keep = hour >= 0

        def column(name: str) -> np.ndarray:
            joined: np.ndarray = np.concatenate([getattr(each, name) for each in days])[keep]
            return joined

        def ms(name: str) -> np.ndarray:
            whole: np.ndarray = np.rint(column(name) * 1000).astype(np.int64)
            return whole

        shape = (len(days), len(self.hours), kinds)
        cell = (day[keep] * shape[1] + hour[keep]) * kinds + column("skill").astype(np.int64)
        cells = int(np.prod(shape))
        sums = filled(
            CallColumns(cell, column("outcome"), ms("wait_s"), ms("talk_s"), ms("wrap_s")), cells
        )
        of_class = np.array([round(each.threshold_s * 1000) for each in of.classes])
        params = params_by_cell(of_class, cells)
        found = np.array([both_numbers(MEASURES[key].of, sums, params, cells) for key in keys])
        total: np.ndarray = found.reshape(len(keys), 2, *shape).sum(axis=4)
        return total


def rest_seats(
    scenario: Scenario,
    target: float,
    seed: int = 1,
    tell: Tell = lambda done, whole: None,
    precision: float | None = None,
) -> RestSeats:
    """Hour by hour from now on, the earlier ones as decided: operators are added, one at a time
    where it helps most, until the hour's service level is surely at the target (the lower end of
    its interval is), or released, where it hurts least, while it stays there. ``precision``: the
    half-width of the rest's service level that so many days are simulated for (None: the usual
    days)."""
    rest = _Rest(scenario, seed, SEARCH_DAYS)
    plan = scenario.groups
    for hour in range(len(rest.hours)):
        tell(hour, len(rest.hours) + 1)
        plan = _settled(rest, plan, hour, target)
    tell(len(rest.hours), len(rest.hours) + 1)
    said = _Rest(scenario, seed + 1, SAID_DAYS, compiled=rest.compiled)
    keys = ("sl_offered", "sl_excl_early_abandons", "answer_rate_a")
    now = said.parts(scenario.groups, keys)
    days = _enough(ratio_of(*now[0].sum(axis=2)).half, precision)
    if days > SAID_DAYS:
        said = _Rest(scenario, seed + 1, days, compiled=rest.compiled)
        now = said.parts(scenario.groups, keys)
    needed = said.parts(plan, keys)
    tell(len(rest.hours) + 1, len(rest.hours) + 1)
    hours = []
    for hour in range(len(said.hours)):
        period = int(np.flatnonzero(said.hour_of == hour)[0])
        hours.append(
            HourSeats(
                said.begins_s(hour),
                tuple(group.agents[period] for group in scenario.groups),
                tuple(group.agents[period] for group in plan),
                ratio_of(*now[0, :, :, hour]),
                ratio_of(*needed[0, :, :, hour]),
                ratio_of(*now[2, :, :, hour]),
            )
        )
    thresholds = {each.threshold_s for each in scenario.classes}
    whole, after = now.sum(axis=3), needed.sum(axis=3)
    return RestSeats(
        tuple(hours), tuple(group.name for group in plan), ratio_of(*whole[0]),
        ratio_of(*after[0]), ratio_of(*whole[1]), ratio_of(*whole[2]), target,
        thresholds.pop() if len(thresholds) == 1 else None,
    )  # fmt: skip


def _enough(half: float | None, precision: float | None) -> int:
    """How many days the half-width that is wanted takes, given that of the usual days."""
    if not half or precision is None or half <= precision:
        return SAID_DAYS
    return min(MOST_DAYS, math.ceil(1.1 * SAID_DAYS * (half / precision) ** 2))


def _settled(rest: _Rest, plan: tuple[Group, ...], hour: int, target: float) -> tuple[Group, ...]:
    level = _level(rest, plan, hour)
    if level is None:
        return plan
    step = 1 if level < target else -1
    for _ in range(STEPS_MAX):
        best = max(
            ((_level(rest, each, hour) or 0.0, n, each)
             for n, each in enumerate(_changed(rest, plan, hour, step))),
            key=lambda found: (found[0], -found[1]),
            default=None,
        )  # fmt: skip
        if best is None or (step < 0 and best[0] < target):
            return plan
        plan = best[2]
        if step > 0 and best[0] >= target:
            return plan
    return plan


def _level(rest: _Rest, plan: tuple[Group, ...], hour: int) -> float | None:
    found = ratio_of(*rest.parts(plan, ("sl_offered",))[0, :, :, hour])
    return None if found.mean is None else found.mean - (found.half or 0.0)


def _changed(rest: _Rest, plan: tuple[Group, ...], hour: int, step: int) -> list[tuple[Group, ...]]:
    """The plans with one operator more or fewer in one group in this hour."""
    here = rest.hour_of == hour
    found = []
    for n, group in enumerate(plan):
        agents = np.asarray(group.agents) + step * here
        if (agents >= 0).all():
            new = replace(group, agents=tuple(agents.tolist()))
            found.append((*plan[:n], new, *plan[n + 1 :]))
    return found
