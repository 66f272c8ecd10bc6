"""Whether anything cheaper would do: every cheaper staffing of an interval is ruled out or tried.

One assumption: fewer operators do not reach more. Then a staffing that misses a target rules out
every staffing that has no more of any group, and the cheapest that is not ruled out is a lower
bound of the cost. What has too few hands for the work is ruled out without any simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.staffing.linear import Interval

#: Larger spaces are not gone through: there only the linear bound is given.
MOST_POINTS = 1_500_000

Operators = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Missed(Protocol):
    """Simulates a staffing: which targets it misses (of those in ``only``; None: of all)."""

    def __call__(self, operators: Operators, only: Flags | None = None) -> Flags: ...


@dataclass(frozen=True, slots=True)
class Proof:
    """The cheapest staffing found, and the cost below which there is none (``bound``)."""

    operators: Operators
    bound: float
    tried: int


def prove(
    interval: Interval,
    costs: Sequence[float],
    best: Operators,
    of_class: Sequence[int | None],
    missed: Missed,
    most: int,
) -> Proof | None:
    """Rule out, with at most ``most`` tries, whatever costs less than ``best``; take what does not
    let itself be ruled out. None: there are too many possibilities.

    ``of_class``: the class of each target (None: all classes).
    """
    prices = np.asarray(costs)
    price = float(prices @ best)
    shape = np.floor((price - 1e-9) / prices).astype(np.int64) + 1
    if float(np.prod(shape.astype(float))) > MOST_POINTS:
        return None
    lattice = np.moveaxis(np.indices([int(n) for n in shape]), 0, -1).astype(np.float64)
    cost = lattice @ prices
    open_ = (cost < price - 1e-9) & interval.possible(lattice)
    tried = _by_class(open_, interval.can, of_class, missed, int(best.sum()), most)
    while open_.any() and tried < most:
        # The one that rules out most of what is left, should it miss.
        point = _at(np.where(open_, _below(open_), 0))
        tried += 1
        if missed(point).any():
            open_[_box(point)] = False
        else:
            best, price = point, float(prices @ point)
            open_ &= cost < price - 1e-9
    left = float(cost[open_].min()) if open_.any() else price
    return Proof(best, left, tried)


def _by_class(
    open_: Flags,
    can: Flags,
    of_class: Sequence[int | None],
    missed: Missed,
    operators: int,
    most: int,
) -> int:
    """Rule out what misses one class's target whatever number there is of those who cannot serve
    that class; returns how many were tried."""
    tried = 0
    for target, kind in enumerate(of_class):
        if kind is None or can[:, kind].all():
            continue
        useless = np.flatnonzero(~can[:, kind])
        only = np.arange(len(of_class)) == target
        left: Flags = np.asarray(open_.any(axis=tuple(useless), keepdims=True))
        while left.any() and tried < most:
            reversed_ = tuple(slice(None, None, -1) for _ in left.shape)
            above = _below(left[reversed_])[reversed_]
            point = _at(np.where(left, np.minimum(_below(left), above), 0))
            # More than there are operators in all is as good as any number.
            wide = np.where(can[:, kind], point, np.maximum(np.array(open_.shape), operators + 1))
            tried += 1
            if missed(wide, only).any():
                open_[_box(wide)] = False
                left[_box(point)] = False
            else:
                left[tuple(slice(int(number), None) for number in point)] = False
    return tried


def _below(flags: Flags) -> NDArray[np.int64]:
    """How many are set at or below each point, in all directions."""
    counts = flags.astype(np.int64)
    for axis in range(flags.ndim):
        counts = counts.cumsum(axis=axis)
    return counts


def _at(scores: NDArray[np.int64]) -> Operators:
    return np.array(np.unravel_index(int(scores.argmax()), scores.shape), dtype=np.int64)


def _box(point: Operators) -> tuple[slice, ...]:
    return tuple(slice(0, int(number) + 1) for number in point)
