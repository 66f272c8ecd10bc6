"""What nobody recorded, drawn from what was: patience beyond the wait, talks that did not happen.

Every draw has a seed of its own made of the call, so that one call's fate changes no other's.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Iterable

import numpy as np

from acd.core.ids import CallId
from sim.calibrate import patience
from sim.replay.day import Day, Ring, Talk


def kaplan_meier(waits: Iterable[tuple[float, bool]]) -> tuple[list[float], list[float]]:
    """Share of callers who outlast each time: waits with whether they ended by giving up.

    By the estimate with which scenarios are fitted (:func:`sim.calibrate.patience.kaplan_meier`).

    >>> kaplan_meier([(10, True), (20, False), (30, True), (40, False)])
    ([10.0, 30.0], [0.75, 0.375])
    """
    known = np.array(list(waits), float).reshape(-1, 2)
    curve = patience.kaplan_meier(known[:, 0], known[:, 1] > 0)
    return curve.times_s.tolist(), curve.survival.tolist()


class Chance:
    """Draws from one recorded day; the same seed draws the same."""

    def __init__(self, day: Day, seed: int) -> None:
        self._day = day
        self._seed = seed
        self._times, self._survival = kaplan_meier(
            (waited.wait_s, waited.gave_up) for waited in day.waits.values()
        )
        self._rings: dict[str, list[Ring]] = {}
        for ring in day.all_rings():
            self._rings.setdefault(ring.agent, []).append(ring)
        self._answered = [ring for ring in day.all_rings() if ring.connected_s is not None]
        self._talks: dict[str, list[Talk]] = {}
        for call, talks in day.talks.items():
            whole = [talk for talk in talks if talk.ended_s is not None]
            queue = day.waits[call].queue if call in day.waits else ""
            self._talks.setdefault(queue, []).extend(whole)

    def _of(self, call: CallId, purpose: str) -> random.Random:
        return random.Random(f"{self._seed}:{call}:{purpose}")

    def patience_s(self, call: CallId) -> float:
        """How long a caller who was answered would have waited: drawn from the day's callers who
        waited at least as long (inf: longer than anybody who gave up)."""
        waited = self._day.waits.get(call)
        if waited is None:
            return math.inf
        if waited.gave_up:
            return waited.wait_s
        past = bisect_right(self._times, waited.wait_s)
        still = self._survival[past - 1] if past else 1.0
        drawn = self._of(call, "patience").random() * still
        for time_s, survival in zip(self._times[past:], self._survival[past:], strict=True):
            if survival <= drawn:
                return time_s
        return math.inf

    def ring(self, call: CallId, agent: str, number: int, like: str) -> Ring | None:
        """How this operator's telephone was answered another time (or, without one, anybody's);
        None when nobody answered a telephone that day."""
        known = self._rings.get(like) or self._rings.get(agent) or self._answered
        return self._of(call, f"ring {number}").choice(known) if known else None

    def talk(self, call: CallId, queue: str) -> Talk | None:
        """A talk with another caller of the same queue (or of any); None when there was none."""
        known = self._talks.get(queue) or [t for talks in self._talks.values() for t in talks]
        return self._of(call, "talk").choice(known) if known else None
