"""A fixed sample of days, on which staffings are compared: the same callers for each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.experiment.days import calls_of
from sim.experiment.workers import Here, Workers, in_order
from sim.inputs.scenario import Scenario
from sim.staffing.days import Callers, Looking
from sim.staffing.look import Floats, Look, joined
from sim.staffing.operators import Staffing, intervals
from sim.staffing.targets import Target

Flags = NDArray[np.bool_]
#: Standard errors after which the rest of the sample is not waited for.
_CLEARLY = 4.0
#: Fewer days say too little about how sure they are.
_FIRST_DAYS = 12
#: Calls of the smallest job, and the most jobs of a look: enough that sending them elsewhere costs
#: little, few enough that every core has some.
_JOB_CALLS, _JOBS = 60_000, 16


class Sample:
    """Days drawn once. Asking twice for the same staffing simulates it once. ``workers`` play the
    days; who they are changes no bit of what comes out. ``large``: see :class:`Callers`."""

    def __init__(
        self,
        scenario: Scenario,
        targets: Sequence[Target],
        days: int,
        seed: int,
        workers: Workers | None = None,
        *,
        first_day: int = 0,
        large: bool = False,
    ) -> None:
        self.scenario, self.targets, self.days = scenario, tuple(targets), days
        self.simulations = 0
        self.interval_of = intervals(scenario)
        self._workers = workers or Here()
        self._callers = Callers(scenario, self.targets, seed, large)
        self._first_day, self._a_day = first_day, calls_of(scenario, 1)
        self._looks: dict[bytes, Look] = {}
        self._first_days = max(_FIRST_DAYS, days // 32)
        self._limits = np.array([target.at_least for target in self.targets])

    def look(self, staffing: Staffing, days: int | None = None) -> Look:
        """What this staffing reaches on the first ``days`` (None: all of them)."""
        key = np.ascontiguousarray(staffing, np.int64).tobytes()
        known = self._looks.get(key)
        if known is None:
            self.simulations += 1
        done = 0 if known is None else len(known.good)
        wanted = self.days if days is None else days
        if known is None or wanted > done:
            more = in_order(self._workers, self._jobs(staffing, done, wanted))
            known = joined([*([known] if known else []), *more])
            self._looks[key] = known
        return Look(known.good[:wanted], known.of[:wanted])

    def _jobs(self, staffing: Staffing, first: int, stop: int) -> list[Looking]:
        """The days from ``first`` on, in two, four, eight equal jobs: cores end together."""
        number, calls = 1, (stop - first) * self._a_day
        while number < _JOBS and calls > number * _JOB_CALLS:
            number *= 2
        size = math.ceil((stop - first) / number)
        from_day, now = self._first_day, staffing.copy()
        return [
            Looking(self._callers, now, from_day + at, from_day + min(at + size, stop), self._a_day)
            for at in range(first, stop, size)
        ]

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
