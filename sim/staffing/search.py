"""The cheapest staffing that meets all targets on a fixed sample of days.

After Atlason, Epelman and Henderson ("Optimizing call center staffing using simulation and
analytic center cutting-plane methods", 2008): a linear start, cuts from simulated slopes, then a
local search, which repairs what cuts get wrong where a service level is not concave. What is left
that is cheaper is ruled out one by one (:mod:`sim.staffing.proof`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acd.errors import LimitExceeded
from sim.staffing.linear import Cut, Floats, Interval, work_of
from sim.staffing.moves import cheaper
from sim.staffing.operators import Staffing
from sim.staffing.proof import Operators, prove
from sim.staffing.sample import Flags, Sample

_ROUNDS = 40
_PASSES = 4
#: Standard deviations of the work by which the start exceeds it.
_SAFETY = 0.25
_LEAST_SLOPE = 1e-4

#: Told as the search goes on: what is being done, how far (0 to 1).
Tell = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Found:
    """The cheapest staffing found, how it was found, and how much cheaper any could be.

    ``linear_bound``: nothing that has enough hands for the work costs less (expected work; of a
    day, the work of each interval done in it). ``bound``: nothing costs less, provided that fewer
    operators do not reach more; of several intervals: with the others as they are. None where
    there were too many possibilities to go through.
    """

    staffing: Staffing
    cost: float
    linear_bound: float
    bound: float | None
    start: Staffing
    simulations: int

    @property
    def gap(self) -> float:
        """How far above the best bound, as a share of the cost."""
        bound = self.linear_bound if self.bound is None else max(self.bound, self.linear_bound)
        return max(0.0, (self.cost - bound) / self.cost) if self.cost > 0 else 0.0


def find(
    sample: Sample,
    costs: Sequence[float],
    *,
    proof_tries: int = 600,
    tell: Tell = lambda what, share: None,
) -> Found:
    """The cheapest staffing on this sample.

    Raises:
        LimitExceeded: no number of operators meets the targets (too few lines or places).
    """
    work = work_of(sample.scenario, sample.targets, sample.interval_of)
    first = _start(work, costs)
    staffing = _cut(sample, costs, work, first, tell)
    bounds: list[float | None] = []
    for number in range(_PASSES):
        before = staffing.copy()
        for at in range(len(work)):
            tell("search", (number * len(work) + at) / (_PASSES * len(work)))
            staffing[:, at] = _polished(sample, costs, staffing, at)
        if (staffing == before).all():
            bounds, staffing = _proved(sample, costs, work, staffing, proof_tries, tell)
            if (staffing == before).all():
                break
    prices = np.asarray(costs)
    linear = [found[1] for each in work if (found := each.cheapest(costs, whole=False))]
    return Found(
        staffing,
        round(float(prices @ staffing.sum(axis=1)), 9),
        round(float(sum(linear)), 9),
        None if None in bounds else round(sum(each or 0.0 for each in bounds), 9),
        first,
        sample.simulations,
    )


def _start(work: Sequence[Interval], costs: Sequence[float]) -> Staffing:
    columns = []
    for each in work:
        found = each.cheapest(costs, safety=_SAFETY)
        if found is None:  # every class has a group, so that enough operators always exist
            raise AssertionError("work without anybody who can do it")
        columns.append(np.ceil(found[0] - 1e-6))
    return np.array(columns).T.astype(np.int64)


def _cut(
    sample: Sample, costs: Sequence[float], work: Sequence[Interval], first: Staffing, tell: Tell
) -> Staffing:
    """Cut by cut to a staffing that meets the targets in every interval at once."""
    staffing = first.copy()
    cuts: list[list[Cut]] = [[] for _ in work]
    # Slopes need no more than part of the sample; whether it is met is asked of the whole.
    days: int | None = max(1, sample.days // 8)
    for number in range(_ROUNDS):
        tell("cuts", number / _ROUNDS)
        slack = sample.slack(staffing, days)
        if (slack >= 0).all():
            if days is None or sample.met(staffing):
                return staffing
            days = None
            slack = sample.slack(staffing)
        slopes = _slopes(sample, staffing, slack, days)
        for at in map(int, np.flatnonzero((slack < 0).any(axis=0))):
            now = staffing[:, at]
            for target in np.flatnonzero(slack[:, at] < 0):
                slope = slopes[target, :, at]
                cuts[at].append(Cut(slope, float(slope @ now - slack[target, at])))
            staffing[:, at] = _next(work[at], costs, cuts[at], now)
    raise LimitExceeded(
        "no number of operators was found that meets the targets: there may be too few lines or "
        "waiting places, callers without patience, or a target too close to 100 %",
        ja="目標を満たす席数が見つかりません。回線や待ち席が足りない、すぐに切る方が多い、"
        "目標が100%に近すぎるなどが考えられます。",
    )


def _slopes(sample: Sample, staffing: Staffing, slack: Floats, days: int | None) -> Floats:
    """Gain of each target by one more of each group, in all intervals at once,
    [targets, groups, intervals]. Where nothing seems to help, every able group helps a little."""
    gains = []
    for group in range(len(staffing)):
        more = staffing.copy()
        more[group] += 1
        gains.append(sample.slack(more, days) - slack)
    slopes = np.maximum(np.stack(gains, axis=1), 0.0)
    flat = slopes.sum(axis=1, keepdims=True) < _LEAST_SLOPE
    found: Floats = np.where(flat, 0.01, slopes)
    return found


def _next(
    work: Interval, costs: Sequence[float], cuts: Sequence[Cut], now: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The cheapest under the cuts; steps stay short, since slopes grow on the way up."""
    step = np.maximum(2, np.ceil(now.sum() * 0.15))
    while True:
        found = work.cheapest(costs, cuts, at_most=now + step)
        if found is not None:
            return np.rint(found[0]).astype(np.int64)
        step *= 2


def _polished(
    sample: Sample, costs: Sequence[float], staffing: Staffing, at: int
) -> NDArray[np.int64]:
    """One interval's operators made cheaper by small changes for as long as it goes."""
    now = staffing.copy()
    if not sample.met(now):
        return now[:, at]
    going = True
    while going:
        going = False
        for change in cheaper(now[:, at], costs):
            tried = now.copy()
            tried[:, at] += change
            if sample.met(tried):
                now, going = tried, True
                break
    return now[:, at]


def _proved(
    sample: Sample,
    costs: Sequence[float],
    work: Sequence[Interval],
    staffing: Staffing,
    tries: int,
    tell: Tell,
) -> tuple[list[float | None], Staffing]:
    """Each interval's bound with the others as they are, and what was found cheaper meanwhile."""
    staffing, bounds = staffing.copy(), list[float | None]()
    names = [each.name for each in sample.scenario.classes]
    of_class = [None if each.skill is None else names.index(each.skill) for each in sample.targets]
    for at, interval in enumerate(work):
        tell("proof", at / len(work))

        def missed(operators: Operators, only: Flags | None = None, at: int = at) -> Flags:
            tried = staffing.copy()
            tried[:, at] = operators
            return sample.misses(tried, only)

        proof = prove(
            interval, costs, staffing[:, at], of_class, missed, max(20, tries // len(work))
        )
        bounds.append(None if proof is None else proof.bound)
        if proof is not None:
            staffing[:, at] = proof.operators
    return bounds, staffing
