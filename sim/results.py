"""What a study says: every figure with its half-width, the hours, the lines, and how it was made.

Keys are those of the reference values: a measure's key (``sl_offered``, ``asa_s``) of all calls,
``CLASS.sl_offered`` of one kind of call, ``GROUP.occupancy`` of one group. Shares are of 1, times
in seconds, counts per day. The half-width is that of the 95 % interval over days. Of the whole and
of each class: ``offered answered abandoned blocked answer_rate_a sl_offered sl_excl_early_abandons
p_abandon p_block p_wait asa_s wait_mean_s aht_s`` (by the hour as well) and ``wait_p90_s``; of the
whole and of each group ``occupancy`` (by the hour as well); ``lines_p99 lines_p999 lines_max``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.inputs.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the half-width of its 95 % interval. ``mean`` None: 0 ÷ 0, there is no figure;
    ``half`` None: fewer than two days, so nothing is known about how sure it is."""

    mean: float | None
    half: float | None = None

    @property
    def low(self) -> float | None:
        """The lower end of the interval."""
        return None if self.mean is None or self.half is None else self.mean - self.half

    @property
    def high(self) -> float | None:
        """The upper end of the interval."""
        return None if self.mean is None or self.half is None else self.mean + self.half


@dataclass(frozen=True, slots=True)
class Targets:
    """What the figures are held against; None: no such target. Shares of 1. ``answer_rate`` and
    ``service_level`` of the day, ``worst_hour`` the answer rate that no hour may fall below,
    ``blocked`` the largest share of calls that may find no line."""

    answer_rate: float | None = 0.9
    service_level: float | None = 0.8
    worst_hour: float | None = 0.8
    blocked: float | None = 0.01


@dataclass(frozen=True, slots=True)
class HourResult:
    """One stretch of the day (an hour, or a period where periods are longer or do not fit).

    ``name``: when it begins, ``10:00``. ``seats``: operators on a mean day, all groups.
    ``offered_low`` to ``offered_high`` hold the calls of the middle 90 % of the days. ``figures``
    have the keys of the day's, as far as they are known by the hour.
    """

    name: str
    begins_s: float
    length_s: float
    seats: float
    offered_low: float
    offered_high: float
    figures: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class LinesResult:
    """Channels in use in the busiest hour (``hour`` in ``StudyResult.hours``) and over the day:
    item k is the share of the time in which exactly k are in use. ``have``: how many there are."""

    hour: int
    busiest: tuple[float, ...]
    day: tuple[float, ...]
    have: int | None = None

    def enough(self, part: float) -> int:
        """So many channels suffice for this part of the busiest hour.

        >>> LinesResult(0, (0.5, 0.3, 0.2), ()).enough(0.8)
        1
        """
        return enough(self.busiest, part)


def enough(shares: tuple[float, ...], part: float) -> int:
    """The smallest k such that at most k are in use for at least ``part`` of the time.

    >>> enough((0.25, 0.25, 0.5), 0.99)
    2
    """
    total = 0.0
    for number, each in enumerate(shares):
        total += each
        if total >= part - 1e-12:
            return number
    return max(0, len(shares) - 1)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes a study the same again: the scenario's hash, the seed, how many days were
    simulated by which engine, and the versions of what took part."""

    scenario_hash: str
    seed: int
    days: int
    engine: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StudyResult:
    """Everything that a run found out; renderings show this and nothing else.

    ``worst``: for each measure known by the hour, the index in ``hours`` of the worst one (hours
    without calls are left out); empty where all hours are alike. ``threshold_s``: T of the service
    level, None where kinds of calls differ in it. ``precise``: False when the half-width asked for
    was not reached within the cap. ``differences``: to the study that this one is held against,
    paired day by day (empty: to none). ``levels_apart``: by how much the service level without
    early abandons is above that of all calls.
    """

    scenario: Scenario
    targets: Targets
    stamp: Stamp
    figures: Mapping[str, Estimate]
    hours: tuple[HourResult, ...]
    worst: Mapping[str, int]
    lines: LinesResult
    threshold_s: float | None = 20.0
    absence: float = 0.0
    changes: tuple[str, ...] = ()
    precise: bool = True
    differences: Mapping[str, Estimate] = field(default_factory=dict)
    levels_apart: Estimate = Estimate(None)

    def figure(self, key: str) -> Estimate:
        """The figure of a key; one without a value when there is none."""
        return self.figures.get(key, Estimate(None))

    def worst_hour(self, key: str = "answer_rate_a") -> HourResult | None:
        """The worst hour by a measure."""
        index = self.worst.get(key)
        return None if index is None else self.hours[index]

    def missed(self, key: str, target: float | None) -> tuple[HourResult, ...]:
        """The hours whose figure is below a target (of hours that have the figure)."""
        if target is None:
            return ()
        found = []
        for hour in self.hours:
            mean = hour.figures.get(key, Estimate(None)).mean
            if mean is not None and mean < target:
                found.append(hour)
        return tuple(found)
