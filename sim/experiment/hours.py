"""The hours of a scenario's day: where figures are given by the hour, and who is there then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.inputs.scenario import Scenario

Ints = NDArray[np.int64]
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Hours:
    """Stretches of equal length from the day's beginning. They are hours where periods fit into
    one, else the periods themselves. ``warm_ms``: what comes before it is not counted."""

    number: int
    length_ms: int
    opens_ms: int
    warm_ms: int

    @property
    def day_ms(self) -> int:
        """The end of the day."""
        return self.number * self.length_ms

    def of(self, came_ms: Ints) -> Ints:
        """The number of the hour in which something happens."""
        return np.minimum(came_ms // self.length_ms, self.number - 1)

    def name(self, hour: int) -> str:
        """When it begins.

        >>> Hours(10, HOUR_MS, 8 * HOUR_MS, 0).name(2)
        '10:00'
        """
        minutes = (self.opens_ms + hour * self.length_ms) // 60_000
        days, minutes = divmod(minutes, 1440)
        clock = f"{minutes // 60:02d}:{minutes % 60:02d}"
        return f"{clock}+{days}" if days else clock


def hours_of(scenario: Scenario) -> Hours:
    """The hours of a scenario."""
    period_ms = max(1, round(scenario.period_s * 1000))
    day_ms = period_ms * scenario.periods
    length = period_ms
    if period_ms < HOUR_MS and HOUR_MS % period_ms == 0 and day_ms % HOUR_MS == 0:
        length = HOUR_MS
    return Hours(
        day_ms // length, length, round(scenario.opens_s * 1000), round(scenario.warm_up_s * 1000)
    )


def staffed(scenario: Scenario, hours: Hours) -> Ints:
    """Milliseconds for which operators are there: a row a group, an item an hour."""
    period_ms = hours.day_ms // scenario.periods
    begins = np.arange(scenario.periods, dtype=np.int64) * period_ms
    counted = period_ms - np.clip(hours.warm_ms - begins, 0, period_ms)
    agents = np.array([group.agents for group in scenario.groups], np.int64)
    each = agents * counted
    whole: Ints = each.reshape(len(agents), hours.number, -1).sum(axis=2)
    return whole


def expected_calls(scenario: Scenario, hours: Hours) -> NDArray[np.float64]:
    """How many calls are to be expected in each hour."""
    rates = np.array([of.arrivals_per_s for of in scenario.classes], float).sum(axis=0)
    each: NDArray[np.float64] = (rates * scenario.period_s).reshape(hours.number, -1).sum(axis=1)
    return each


def steady(scenario: Scenario, hours: Hours) -> bool:
    """Whether all hours after the warm-up are alike: then none is the worst but by chance."""
    first = min(-(-hours.warm_ms // hours.length_ms), hours.number - 1)
    calls = expected_calls(scenario, hours)[first:]
    there = staffed(scenario, hours)[:, first:]
    return bool(np.allclose(calls, calls[0]) and (there == there[:, :1]).all())


def busiest(scenario: Scenario, hours: Hours) -> tuple[int, int, int]:
    """The hour with most calls to be expected, and the stretch in which its lines are counted:
    of a day whose hours are all alike, all of them after the warm-up."""
    calls = expected_calls(scenario, hours)
    first = min(-(-hours.warm_ms // hours.length_ms), hours.number - 1)
    hour = first + int(np.argmax(calls[first:]))
    if steady(scenario, hours):
        return hour, min(hours.warm_ms, hours.day_ms), hours.day_ms
    return hour, hour * hours.length_ms, (hour + 1) * hours.length_ms
