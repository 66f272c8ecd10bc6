"""Expected wait by position, as quantiles, silent when unsure.

The estimator watches one queue's departures (answers and leavings) while calls wait and keeps the
last gaps between them. The wait at position k is the sum of k such gaps, approximated by a gamma
distribution with the gaps' mean and variance, whose quantiles come from Wilson and Hilferty (1931):
only additions, multiplications and square roots, so all platforms agree to the bit.
"""

from __future__ import annotations

from math import sqrt

from msgspec import Struct

#: Gaps that are kept, and the fewest that are trusted.
KEPT = 40
ENOUGH = 8
#: A gap this many times the mean without a departure makes the estimate unsure.
STALE = 5.0
#: The ninetieth percentile may be this many times the median before we rather say nothing.
WIDEST = 4.0

_Z90 = 1.2815515655446004


class ExpectedWait(Struct, frozen=True):
    """Median and ninetieth percentile of the remaining wait, in seconds."""

    p50_s: float
    p90_s: float


class Departures(Struct):
    """The last gaps between departures of one queue, seconds; ``last_s`` is 0 when idle."""

    last_s: float = 0.0
    gaps_s: list[float] = []

    def departed(self, now: float, still_waiting: bool) -> None:
        """A waiting call left the queue, answered or not."""
        if self.last_s:
            self.gaps_s.append(now - self.last_s)
            del self.gaps_s[:-KEPT]
        self.last_s = now if still_waiting else 0.0

    def began(self, now: float) -> None:
        """The first call started to wait: gaps count from here."""
        if not self.last_s:
            self.last_s = now

    def estimate(self, position: int, now: float) -> ExpectedWait | None:
        """Quantiles for the call at ``position`` (1 = next), or None when unsure."""
        gaps = self.gaps_s
        n = len(gaps)
        if n < ENOUGH or position < 1:
            return None
        mean = sum(gaps) / n
        if mean <= 0 or now - self.last_s > STALE * mean:
            return None
        variance = sum((g - mean) * (g - mean) for g in gaps) / (n - 1)
        # The mean itself is uncertain by variance / n per gap: it adds position² × that.
        spread = position * variance + position * position * variance / n
        total = position * mean
        p50 = _gamma_quantile(total, spread, 0.0)
        p90 = _gamma_quantile(total, spread, _Z90)
        return ExpectedWait(p50, p90) if p50 > 0 and p90 <= WIDEST * p50 else None


def _gamma_quantile(mean: float, variance: float, z: float) -> float:
    """Quantile of a gamma law by mean and variance at normal score ``z``."""
    if variance <= 0:
        return mean
    ninth = variance / (9.0 * mean * mean)
    root = 1.0 - ninth + z * sqrt(ninth)
    return mean * root * root * root if root > 0 else 0.0
