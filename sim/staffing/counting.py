"""What simulated days reach, counted by the ledger's own measures: all days of a look at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.columns import CallColumns, Ints, both_numbers, filled, params_by_cell
from metrics.measure import Params
from metrics.measures import MEASURES
from sim.inputs.draws import Draws
from sim.inputs.scenario import Scenario
from sim.records import Outcome, Records
from sim.staffing.targets import Target

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts good calls and calls of each target. ``interval_of``: the interval of each period."""

    scenario: Scenario
    targets: tuple[Target, ...]
    interval_of: Ints

    @property
    def _cells(self) -> int:
        """Cells of a day: its intervals times the kinds of call."""
        return (int(self.interval_of[-1]) + 1) * len(self.scenario.classes)

    def cells_of(self, day: Draws | Records) -> Ints:
        """The cell of each call of a day, the kind of call last; -1 in the warm-up."""
        of = self.scenario
        period = np.minimum((day.came_s / of.period_s).astype(np.int64), of.periods - 1)
        cell: Ints = self.interval_of[period] * len(of.classes) + day.skill
        if of.warm_up_s > 0:
            cell[day.came_s < of.warm_up_s] = -1
        return cell

    def counted(
        self, cells: Sequence[Ints], days: Sequence[Records | None]
    ) -> tuple[Floats, Floats]:
        """Good calls and calls, [days, targets, intervals] each. ``cells`` of each day's calls; a
        day that is None is one on which nobody is served."""
        cell = np.concatenate(
            [np.where(each < 0, -1, each + at * self._cells) for at, each in enumerate(cells)]
        )
        lost = [np.full(len(each), Outcome.ABANDONED, np.int8) for each in cells]
        outcome = np.concatenate(
            [lost[at] if day is None else day.outcome for at, day in enumerate(days)]
        )
        wait_ms = np.concatenate(
            [np.zeros(len(lost[at])) if day is None else day.wait_s for at, day in enumerate(days)]
        )
        wait_ms = np.rint(wait_ms * 1000).astype(np.int64)
        some = cell >= 0
        if not some.all():
            cell, outcome, wait_ms = cell[some], outcome[some], wait_ms[some]
        none = np.zeros(len(cell), np.int64)
        whole = len(days) * self._cells
        sums = filled(CallColumns(cell, outcome, wait_ms, none, none), whole)
        found = {}
        for target in self.targets:
            key = target.reached, target.threshold_s
            if key not in found:
                of = MEASURES[target.reached].of
                both = both_numbers(of, sums, self._params(target, whole), whole)
                shape = (len(days), -1, len(self.scenario.classes))
                found[key] = tuple(each.reshape(shape).astype(np.float64) for each in both)
        names = [each.name for each in self.scenario.classes]
        good, of_all = (
            np.stack(
                [
                    both.sum(axis=2) if t.skill is None else both[:, :, names.index(t.skill)]
                    for t in self.targets
                    for both in (found[t.reached, t.threshold_s][number],)
                ],
                axis=1,
            )
            for number in (0, 1)
        )
        return good, of_all

    def _params(self, target: Target, cells: int) -> Params:
        """The target's own threshold, or that of each kind of call."""
        if target.threshold_s is not None:
            return Params(round(target.threshold_s * 1000))
        own = np.array([round(each.threshold_s * 1000) for each in self.scenario.classes])
        return params_by_cell(own, cells)
