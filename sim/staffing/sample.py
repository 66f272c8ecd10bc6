"""A fixed sample of days, on which staffings are compared: the same callers for each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from acd.errors import Refused
from sim.inputs.draws import Draws, draw
from sim.inputs.scenario import Scenario
from sim.records import Outcome, Records
from sim.staffing.targets import Reached, Target

Floats = NDArray[np.float64]
#: Operators, one row a group, one column an interval: a stretch in which the number stays.
Staffing = NDArray[np.int64]
Simulate = Callable[[Scenario, Draws], Records]
Flags = NDArray[np.bool_]
#: Standard errors after which the rest of the sample is not waited for.
_CLEARLY = 4.0
#: Fewer days say too little about how sure they are.
_FIRST_DAYS = 12
Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Figure:
    """A share and the half-width of its 95 % interval."""

    value: float
    half_width: float


@dataclass(frozen=True, slots=True)
class Look:
    """What one staffing reaches: for each day, target and interval, calls counted and calls good.

    ``good`` and ``of``: arrays [days, targets, intervals].
    """

    good: Floats
    of: Floats

    def values(self) -> Floats:
        """Each target's share in each interval, [targets, intervals]; NaN where nobody calls."""
        return _ratio(self.good.sum(axis=0), self.of.sum(axis=0))

    def figure(self, target: int, interval: int | None = None) -> Figure:
        """A share with its half-width; ``interval`` None: over the whole day."""
        good, of = self._days(target, interval)
        value = float(_ratio(good.sum(), of.sum()))
        return Figure(value, _half_width((good - value * of) / max(of.mean(), 1e-300)))

    def less(self, other: Look, target: int, interval: int | None = None) -> Figure:
        """The share's difference to another staffing's, paired day by day."""
        mine, theirs = self.figure(target, interval), other.figure(target, interval)
        parts = []
        for look, figure in ((self, mine), (other, theirs)):
            good, of = look._days(target, interval)
            parts.append((good - figure.value * of) / max(of.mean(), 1e-300))
        return Figure(mine.value - theirs.value, _half_width(parts[0] - parts[1]))

    def _days(self, target: int, interval: int | None) -> tuple[Floats, Floats]:
        if interval is None:
            return self.good[:, target].sum(axis=1), self.of[:, target].sum(axis=1)
        return self.good[:, target, interval], self.of[:, target, interval]


def _ratio(good: Floats, of: Floats) -> Floats:
    found: Floats = np.divide(good, of, out=np.full_like(good, np.nan), where=np.asarray(of) > 0)
    return found


def _half_width(parts: Floats) -> float:
    """Of a mean of independent days (for a ratio: of its linear parts, the delta method)."""
    if len(parts) < 2:
        return float("nan")
    return float(Z_95 * parts.std(ddof=1) / np.sqrt(len(parts)))


def intervals(scenario: Scenario) -> NDArray[np.int64]:
    """The interval of each period: its own; one for all where a steady state is studied."""
    rates = [each.arrivals_per_s for each in scenario.classes]
    if scenario.warm_up_s > 0 and all(len(set(each)) == 1 for each in rates):
        return np.zeros(scenario.periods, np.int64)
    return np.arange(scenario.periods)


class Sample:
    """Days drawn once. Asking twice for the same staffing simulates it once."""

    def __init__(
        self,
        scenario: Scenario,
        targets: Sequence[Target],
        days: int,
        seed: int,
        simulate: Simulate,
        first_day: int = 0,
    ) -> None:
        self.scenario, self.targets = scenario, tuple(targets)
        self.simulations = 0
        self.interval_of = intervals(scenario)
        self._simulate = simulate
        self._draws = [draw(scenario, seed, first_day + day) for day in range(days)]
        self._frames = [Frame.of(each, scenario, self.interval_of) for each in self._draws]
        self._counts: dict[bytes, list[tuple[Floats, Floats]]] = {}
        self._first_days = max(_FIRST_DAYS, days // 32)
        self._limits = np.array([target.at_least for target in self.targets])

    @property
    def days(self) -> int:
        """How many days the sample has."""
        return len(self._draws)

    @property
    def calls(self) -> int:
        """How many calls the sample has."""
        return sum(map(len, self._draws))

    def look(self, staffing: Staffing, days: int | None = None) -> Look:
        """What this staffing reaches on the first ``days`` (None: all of them)."""
        key = np.ascontiguousarray(staffing, np.int64).tobytes()
        if key not in self._counts:
            self.simulations += 1
        counts = self._counts.setdefault(key, [])
        scenario = staffed(self.scenario, staffing, self.interval_of)
        wanted = self.days if days is None else days
        for day in range(len(counts), wanted):
            frame = self._frames[day]
            try:
                records = self._simulate(scenario, self._draws[day])
            except Refused as error:
                if error.code != "waits_for_ever":
                    raise
                # Callers who never give up, and nobody left who serves them: as bad as can be.
                counts.append(nothing(frame, scenario, self.targets))
                continue
            if len(records) != len(frame.cell):  # redials differ from staffing to staffing
                frame = Frame.of(records, scenario, self.interval_of)
            counts.append(count(records, frame, scenario, self.targets))
        good, of = (np.stack(arrays) for arrays in zip(*counts[:wanted], strict=True))
        return Look(good, of)

    def slack(self, staffing: Staffing, days: int | None = None) -> Floats:
        """Share minus target, [targets, intervals]; 0 where nobody calls. Negative: missed."""
        values = self.look(staffing, days).values() - self._limits[:, None]
        found: Floats = np.nan_to_num(values, nan=0.0)
        return found

    def misses(self, staffing: Staffing, only: NDArray[np.bool_] | None = None) -> Flags:
        """Which targets are missed anywhere in the day; of those in ``only`` where it is given.

        It takes the sample bit by bit: what misses clearly (``_CLEARLY`` standard errors) on the
        first days is a miss, and only then are the other targets left open. With ``only``, what is
        met as clearly is met. Without it, nothing is said to be met but on the whole sample.
        """
        asked = np.ones(len(self.targets), bool) if only is None else only
        days = self._first_days
        while days < self.days:
            slack, error = self._judged(staffing, days)
            missed = (slack < -_CLEARLY * error).any(axis=1) & asked
            if missed.any():
                return missed
            if only is not None and (slack > _CLEARLY * error)[asked].all():
                return missed
            days *= 2
        found: Flags = (self.slack(staffing) < 0).any(axis=1) & asked
        return found

    def _judged(self, staffing: Staffing, days: int) -> tuple[Floats, Floats]:
        look = self.look(staffing, days)
        good, of = look.good, look.of
        values = look.values()
        parts = (good - np.nan_to_num(values) * of) / np.maximum(of.mean(axis=0), 1e-300)
        error = parts.std(axis=0, ddof=1) / np.sqrt(days)
        return np.nan_to_num(values - self._limits[:, None], nan=0.0), error

    def met(self, staffing: Staffing) -> bool:
        """Whether every target is reached in every interval, on the whole sample."""
        return not self.misses(staffing).any()


def staffed(scenario: Scenario, staffing: Staffing, interval_of: NDArray[np.int64]) -> Scenario:
    """The same centre with other numbers of operators."""
    groups = zip(scenario.groups, staffing[:, interval_of].tolist(), strict=True)
    return replace(
        scenario, groups=tuple(replace(group, agents=tuple(row)) for group, row in groups)
    )


@dataclass(frozen=True, slots=True)
class Frame:
    """What of a day's count no staffing changes: each call's cell (``interval * classes + class``,
    one cell more for calls of the warm-up), and the calls of each cell, [classes, intervals]."""

    cell: NDArray[np.int64]
    offered: Floats
    classes: int
    intervals: int

    @classmethod
    def of(cls, day: Draws | Records, scenario: Scenario, interval_of: NDArray[np.int64]) -> Frame:
        """The frame of a day's calls."""
        classes, intervals = len(scenario.classes), int(interval_of[-1]) + 1
        period = (day.came_s / scenario.period_s).astype(np.int64)
        cell = interval_of[np.minimum(period, scenario.periods - 1)] * classes + day.skill
        cell[day.came_s < scenario.warm_up_s] = intervals * classes
        frame = cls(cell, np.zeros(0), classes, intervals)
        return replace(frame, offered=frame.by_cell(np.ones(len(cell), bool)))

    def by_cell(self, which: Flags) -> Floats:
        """How many of these calls there are, [classes, intervals]."""
        cells = self.classes * self.intervals
        counts = np.bincount(self.cell[which], minlength=cells + 1)[:cells]
        return counts.reshape(self.intervals, self.classes).T.astype(np.float64)


def nothing(frame: Frame, scenario: Scenario, targets: Sequence[Target]) -> tuple[Floats, Floats]:
    """The count of a day on which no call is good."""
    names = [each.name for each in scenario.classes]
    rows = [slice(None) if t.skill is None else [names.index(t.skill)] for t in targets]
    of = np.array([frame.offered[row].sum(axis=0) for row in rows])
    return np.zeros_like(of), of


def count(
    records: Records, frame: Frame, scenario: Scenario, targets: Sequence[Target]
) -> tuple[Floats, Floats]:
    """Good calls and calls of each target and interval, [targets, intervals] each."""
    answered = records.outcome == Outcome.ANSWERED
    names = [each.name for each in scenario.classes]
    within: dict[float | None, Floats] = {}
    good, of = [], []
    for target in targets:
        limit = target.threshold_s if target.reached is Reached.SL_OFFERED else np.inf
        if limit not in within:
            limits = {each.threshold_s if limit is None else limit for each in scenario.classes}
            if len(limits) == 1:
                quick = records.wait_s <= limits.pop()
            else:
                own = np.array([each.threshold_s for each in scenario.classes])
                quick = records.wait_s <= own[records.skill]
            within[limit] = frame.by_cell(answered & quick)
        rows = slice(None) if target.skill is None else [names.index(target.skill)]
        good.append(within[limit][rows].sum(axis=0))
        of.append(frame.offered[rows].sum(axis=0))
    return np.array(good), np.array(of)
