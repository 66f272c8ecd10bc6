"""A centre's operators by interval, and the centre with other numbers of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.inputs.scenario import Scenario

#: Operators, one row a group, one column an interval: a stretch in which the number stays.
Staffing = NDArray[np.int64]


def intervals(scenario: Scenario) -> NDArray[np.int64]:
    """The interval of each period: its own; one for all where a steady state is studied."""
    rates = [each.arrivals_per_s for each in scenario.classes]
    if scenario.warm_up_s > 0 and all(len(set(each)) == 1 for each in rates):
        return np.zeros(scenario.periods, np.int64)
    return np.arange(scenario.periods)


def staffed(scenario: Scenario, staffing: Staffing, interval_of: NDArray[np.int64]) -> Scenario:
    """The same centre with other numbers of operators."""
    groups = zip(scenario.groups, staffing[:, interval_of].tolist(), strict=True)
    return replace(
        scenario, groups=tuple(replace(group, agents=tuple(row)) for group, row in groups)
    )
