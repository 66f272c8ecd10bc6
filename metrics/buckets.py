"""A histogram with fixed bounds: what Prometheus keeps of waits that the tallies know exactly."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


class Buckets:
    """Counts by upper bound (included), and the sum; ``bounds`` ascend, the last is infinite.

    >>> held = Buckets((1.0, 5.0))
    >>> held.add(1.0); held.add(7.0, times=2)
    >>> held.cumulative(), held.total
    ([('1.0', 1), ('5.0', 1), ('+Inf', 3)], 15.0)
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.total = 0.0

    def add(self, value: float, times: int = 1) -> None:
        """Count a value so many times."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.total += value * times

    def cumulative(self) -> list[tuple[str, int]]:
        """How many values are at most each bound, the way Prometheus writes it."""
        reached, found = 0, []
        for bound, number in zip((*self.bounds, None), self.counts, strict=True):
            reached += number
            found.append(("+Inf" if bound is None else str(bound), reached))
        return found
