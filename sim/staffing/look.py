"""What one staffing reaches on simulated days, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
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
