"""A fixed sample of days, on which staffings are compared: the same callers for each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from acd.errors import Refused
from sim.inputs.draws import Draws, draw
from sim.inputs.scenario import Scenario
from sim.records import Records
from sim.staffing.counting import Counter
from sim.staffing.targets import Target

Floats = NDArray[np.float64]
#: Operators, one row a group, one column an interval: a stretch in which the number stays.
Staffing = NDArray[np.int64]
Simulate = Callable[[Scenario, Draws], Records]
Flags = NDArray[np.bool_]
#: Standard errors after which the rest of the sample is not waited for.
_CLEARLY = 4.0
#: Fewer days say too little about how sure they are.
_FIRST_DAYS = 12
#: Calls that are counted at once: so many are still in the processor's memory.
_AT_ONCE = 20_000
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


def joined(looks: Sequence[Look]) -> Look:
    """The days of several looks, in this order."""
    good, of = [each.good for each in looks], [each.of for each in looks]
    return Look(np.concatenate(good), np.concatenate(of))


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
        self._counter = Counter(scenario, self.targets, self.interval_of)
        self._cells = [self._counter.cells_of(each) for each in self._draws]
        self._looks: dict[bytes, Look] = {}
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
        known = self._looks.get(key)
        if known is None:
            self.simulations += 1
        done = 0 if known is None else len(known.good)
        wanted = self.days if days is None else days
        if known is None or wanted > done:
            block = max(1, _AT_ONCE * self.days // max(1, self.calls))
            starts = range(done, wanted, block)
            more = [self._counted(staffing, at, min(at + block, wanted)) for at in starts]
            known = joined([*([known] if known else []), *more])
            self._looks[key] = known
        return Look(known.good[:wanted], known.of[:wanted])

    def _counted(self, staffing: Staffing, first: int, stop: int) -> Look:
        """Some of the days, played and counted."""
        scenario = staffed(self.scenario, staffing, self.interval_of)
        played, cells = [], []
        for day in range(first, stop):
            cell = self._cells[day]
            records: Records | None = None
            try:
                records = self._simulate(scenario, self._draws[day])
            except Refused as error:
                if error.code != "waits_for_ever":
                    raise
                # Callers who never give up, and nobody left who serves them: as bad as can be.
            if records is not None and len(records) != len(cell):
                cell = self._counter.cells_of(records)  # redials differ from staffing to staffing
            played.append(records)
            cells.append(cell)
        return Look(*self._counter.counted(cells, played))

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
