"""Who calls again because nobody answered: such a call is no fresh demand."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.days import abandoned
from sim.calibrate.past import UNKNOWN, Past
from sim.calibrate.values import Z95, Fitted, Why


@dataclass(frozen=True, slots=True)
class Redials:
    """``fresh``: the calls that were not made because the last try had failed. ``share`` of the
    failed tries after which the caller tried again, ``after`` so many seconds on average.
    ``thinned``: part of the calls with a known number that are fresh; calls without a number are
    taken to be so as often."""

    fresh: NDArray[np.bool_]
    share: Fitted
    after: Fitted
    thinned: float
    unknown: int


def find_redials(past: Past, window_s: float) -> Redials:
    """A call is a redial if its caller's last call failed and ended at most ``window_s`` before."""
    everything = np.ones(len(past), bool)
    known = np.flatnonzero(past.caller != UNKNOWN)
    unknown = len(past) - len(known)
    nothing = Fitted(None, None, 0, Why.NO_NUMBERS)
    if not len(known):
        return Redials(everything, nothing, nothing, 1.0, unknown)
    # By caller, then by time: a caller's calls stand beside one another.
    order = known[np.lexsort((past.came_s[known], past.caller[known]))]
    wait_s = np.where(np.isfinite(past.wait_s), past.wait_s, 0.0)
    failed = abandoned(past)[order]
    ended_s = past.came_s[order] + wait_s[order]
    gap_s = past.came_s[order][1:] - ended_s[:-1]
    same = past.caller[order][1:] == past.caller[order][:-1]
    again = same & failed[:-1] & (gap_s <= window_s)
    fresh = everything.copy()
    fresh[order[1:][again]] = False
    tries, number = int(failed.sum()), int(again.sum())
    thinned = 1 - number / len(known)
    if not tries:
        return Redials(fresh, Fitted(None, None, 0, Why.NO_ABANDONS), nothing, thinned, unknown)
    share = number / tries
    half = Z95 * math.sqrt(max(share * (1 - share), 1 / tries) / tries)
    gaps = np.maximum(gap_s[again], 0.0)
    after = Fitted(None, None, 0, Why.NO_ABANDONS)
    if number:
        after = Fitted(float(gaps.mean()), Z95 * float(gaps.std()) / math.sqrt(number), number)
    return Redials(fresh, Fitted(share, half, tries), after, thinned, unknown)
