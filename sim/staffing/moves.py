"""Small changes of a staffing that make it cheaper."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Change = NDArray[np.int64]


def cheaper(operators: NDArray[np.int64], costs: Sequence[float]) -> list[Change]:
    """Changes of one interval's operators that cost less, the largest saving first.

    Several or one fewer of a group; one or two fewer of some for one more of another. Nobody falls
    below 0.
    """
    groups = len(costs)
    found = {
        tuple(change): change
        for change in _changes(groups, operators)
        if (operators + change >= 0).all() and float(change @ np.asarray(costs)) < -1e-9
    }
    return sorted(found.values(), key=lambda change: (float(change @ np.asarray(costs)), *change))


def _changes(groups: int, operators: NDArray[np.int64]) -> Iterator[Change]:
    unit = np.eye(groups, dtype=np.int64)
    for group in range(groups):
        step = 1
        while step <= max(1, operators[group] // 8):
            yield -step * unit[group]
            step *= 2
    for one, other in itertools.combinations_with_replacement(range(groups), 2):
        for more in range(groups):
            if more not in (one, other):
                yield unit[more] - unit[one]
                yield unit[more] - unit[other]
                yield unit[more] - unit[one] - unit[other]
