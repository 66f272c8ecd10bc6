"""The linear side of the search: how much work there is, who can do it, and what cuts have shown.

*Splitting* variables say how much of a group works for which class. An operator with two skills is
therefore one operator and not two: the fault of models that ask each skill to be covered by itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from sim.inputs.scenario import Scenario
from sim.staffing.targets import Target

Floats = NDArray[np.float64]
_SUBSETS_UP_TO = 10


@dataclass(frozen=True, slots=True)
class Cut:
    """``slopes · operators >= at_least``: what a simulation said about one target."""

    slopes: Floats
    at_least: float


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval's work: ``load`` in erlangs of each class (rate × handling time), ``rate`` of
    each, ``least`` the share that has to be answered at the least, ``least_of_all`` of all calls
    together; ``can[group, class]``."""

    load: Floats
    rate: Floats
    least: Floats
    least_of_all: float
    can: NDArray[np.bool_]

    def cheapest(
        self,
        costs: Sequence[float],
        cuts: Sequence[Cut] = (),
        *,
        whole: bool = True,
        safety: float = 0.0,
        at_most: Floats | None = None,
    ) -> tuple[Floats, float] | None:
        """Operators of each group at least cost, and that cost; None if there is no solution.

        Every call that must be answered takes its handling time of somebody who can do it: that
        holds under any routing, so the cost with ``whole=False`` and no cuts is a lower bound.
        ``safety`` asks for all work and so many standard deviations of it more.
        """
        groups, kinds = self.can.shape
        size = groups + groups * kinds + kinds  # operators, splits, answered shares

        def split(group: int, kind: int) -> int:
            return int(groups + group * kinds + kind)

        rows, lower = [], []
        for kind in range(kinds):
            row = np.zeros(size)
            row[[split(group, kind) for group in range(groups) if self.can[group, kind]]] = 1
            row[groups + groups * kinds + kind] = -self.load[kind]
            rows.append(row)
            lower.append(safety * np.sqrt(self.load[kind]))
        for group in range(groups):
            row = np.zeros(size)
            row[group] = 1
            row[[split(group, kind) for kind in range(kinds)]] = -1
            rows.append(row)
            lower.append(0.0)
        row = np.zeros(size)
        row[groups + groups * kinds :] = self.rate
        rows.append(row)
        lower.append(self.least_of_all * self.rate.sum())
        for cut in cuts:
            row = np.zeros(size)
            row[:groups] = cut.slopes
            rows.append(row)
            lower.append(cut.at_least)
        least, most = np.zeros(size), np.full(size, np.inf)
        least[groups + groups * kinds :] = 1.0 if safety else self.least
        most[groups + groups * kinds :] = 1.0
        if at_most is not None:
            most[:groups] = at_most
        price, kind_of = np.zeros(size), np.zeros(size)
        price[:groups] = costs
        kind_of[:groups] = whole
        found = milp(
            price,
            constraints=LinearConstraint(np.array(rows), np.array(lower), np.inf),
            bounds=Bounds(least, most),
            integrality=kind_of,
        )
        if found.x is None:
            return None
        return found.x[:groups], float(found.fun)

    def possible(self, lattice: Floats) -> NDArray[np.bool_]:
        """Which staffings (rows of ``lattice``) have enough hands for what must be answered.

        For every set of classes: all who can do any of them, at least that work (the splitting
        problem's own condition, by maximal flow and minimal cut).
        """
        kinds = range(len(self.load))
        good = np.ones(lattice.shape[:-1], bool)
        sizes = kinds if len(self.load) <= _SUBSETS_UP_TO else (0,)
        for size in sizes:
            for chosen in itertools.combinations(kinds, size + 1):
                able = self.can[:, list(chosen)].any(axis=1)
                work = sum(self.load[kind] * self.least[kind] for kind in chosen)
                good &= lattice[..., able].sum(axis=-1) >= work - 1e-9
        good &= lattice.sum(axis=-1) >= self._least_work() - 1e-9
        return good

    def _least_work(self) -> float:
        """Least work with which the target of all calls can be reached: the short calls first."""
        open_calls = self.least_of_all * self.rate.sum() - (self.least * self.rate).sum()
        work = float((self.least * self.load).sum())
        short_first = np.argsort(self.load / np.maximum(self.rate, 1e-300))
        for kind in short_first:
            more = min(max(open_calls, 0.0), self.rate[kind] * (1 - self.least[kind]))
            if self.rate[kind] > 0:
                work += more * self.load[kind] / self.rate[kind]
            open_calls -= more
        return work


def work_of(
    scenario: Scenario, targets: Sequence[Target], interval_of: NDArray[np.int64]
) -> list[Interval]:
    """The mean work of each interval of a day."""
    names = [each.name for each in scenario.classes]
    can = np.array([[name in group.skills for name in names] for group in scenario.groups])
    handling_s = np.array(
        [each.talk.mean_s + (each.wrap_up.mean_s if each.wrap_up else 0.0)
         for each in scenario.classes]
    )  # fmt: skip
    least = np.array(
        [max((t.at_least for t in targets if t.skill == name), default=0.0) for name in names]
    )
    of_all = max((t.at_least for t in targets if t.skill is None), default=0.0)
    rates = np.array([each.arrivals_per_s for each in scenario.classes], float)
    means = [
        rates[:, interval_of == number].mean(axis=1) for number in range(int(interval_of[-1]) + 1)
    ]
    return [Interval(rate * handling_s, rate, least, of_all, can) for rate in means]
