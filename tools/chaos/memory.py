"""Is the controllers' memory flat? Straight lines through what each process used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

#: A young process fills its caches, and so does one that has just begun to lead; what it uses then
#: says nothing.
WARM_S = 60.0
#: Shorter stretches are not enough for a line.
LEAST_S = 60.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident memory of one controller's process at a moment of the run, and whether it led."""

    controller: str
    pid: int
    at_s: float
    rss_mib: float
    leads: bool = True


def most_mib(samples: Sequence[Sample]) -> float:
    """The most that any process used."""
    return max((sample.rss_mib for sample in samples), default=0.0)


def growth_mib_per_min(samples: Sequence[Sample]) -> float | None:
    """The slope of memory over time: the mean of least-squares lines, one for each stretch in which
    a process led, or stood by, for long enough, weighted by how long; ``None`` without any.

    Slope of one: sum((t - mean t)(m - mean m)) / sum((t - mean t)^2).
    """
    total, weight = 0.0, 0.0
    for stretch in _stretches(samples):
        warm = [sample for sample in stretch if sample.at_s - stretch[0].at_s >= WARM_S]
        if warm and (length_s := warm[-1].at_s - warm[0].at_s) >= LEAST_S:
            total += _slope(warm) * length_s
            weight += length_s
    return 60.0 * total / weight if weight else None


def _stretches(samples: Sequence[Sample]) -> list[list[Sample]]:
    """Each process by itself, cut where it began or ceased to lead."""
    lives: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    for sample in samples:
        lives[sample.controller, sample.pid].append(sample)
    return [
        list(stretch)
        for life in lives.values()
        for _, stretch in groupby(life, key=lambda sample: sample.leads)
    ]


def _slope(samples: Sequence[Sample]) -> float:
    mean_t = sum(sample.at_s for sample in samples) / len(samples)
    mean_m = sum(sample.rss_mib for sample in samples) / len(samples)
    above = sum((sample.at_s - mean_t) * (sample.rss_mib - mean_m) for sample in samples)
    return above / sum((sample.at_s - mean_t) ** 2 for sample in samples)
