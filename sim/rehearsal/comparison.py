"""A rehearsal held against its simulation: the same calls, twice, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from acd.core.cdr_types import CallRecord, LegRecord, VisitRecord
from acd.core.events import CallOutcome
from sim.records import Outcome, Records
from sim.rehearsal.conductor import index_of

#: What is allowed between both: points of the answer rate, share of the mean wait.
ANSWER_RATE_POINTS, MEAN_WAIT_SHARE = 3.0, 0.15
#: Waits that differ by less than this, in seconds of the rehearsal, are the same.
SAME_S = 0.25


@dataclass(frozen=True, slots=True)
class Both:
    """One call as both sides have it; times in seconds of life. ``real`` None: the centre never
    saw it; ``ring_s``: from the offer to the talk, which no simulation has (0: no talk)."""

    index: int
    skill: int
    came_s: float
    simulated: Outcome
    simulated_wait_s: float
    real: Outcome | None
    real_wait_s: float
    ring_s: float

    def differs(self, same_s: float) -> bool:
        """Whether the outcome is another, or the wait by more than ``same_s``."""
        apart = abs(self.real_wait_s - self.simulated_wait_s)
        return self.real is not self.simulated or apart > same_s


@dataclass(frozen=True, slots=True)
class Side:
    """The figures of one side: counts, answered ÷ offered, mean wait of all who had a line."""

    offered: int
    answered: int
    abandoned: int
    blocked: int
    mean_wait_s: float

    @property
    def answer_rate(self) -> float:
        """Answered ÷ offered; 0 of nothing.

        >>> Side(4, 3, 1, 0, 2.0).answer_rate
        0.75
        """
        return self.answered / self.offered if self.offered else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it. ``with_ring`` is the simulation with telephones that take as long to be answered
    as the real ones did in the mean, ``ring_s`` (life's seconds): what of the difference they
    explain. ``pace``: how many times faster than life."""

    pace: float
    calls: tuple[Both, ...]
    simulated: Side
    real: Side
    with_ring: Side
    ring_s: float

    @property
    def differences(self) -> list[Both]:
        """The calls that went another way, or waited otherwise."""
        return [each for each in self.calls if each.differs(SAME_S * self.pace)]

    @property
    def unseen(self) -> int:
        """Calls that the centre never saw."""
        return sum(each.real is None for each in self.calls)

    @property
    def answer_rate_points(self) -> float:
        """Real − simulated, in percentage points."""
        return 100 * (self.real.answer_rate - self.simulated.answer_rate)

    @property
    def mean_wait_share(self) -> float | None:
        """(Real − simulated) ÷ simulated; None when nobody waits in the simulation."""
        simulated = self.simulated.mean_wait_s
        return (self.real.mean_wait_s - simulated) / simulated if simulated else None

    @property
    def within(self) -> bool:
        """Whether both figures are as near as is promised, and no call is missing."""
        share = self.mean_wait_share
        near = share is not None and abs(share) <= MEAN_WAIT_SHARE
        return near and abs(self.answer_rate_points) <= ANSWER_RATE_POINTS and not self.unseen


@dataclass(frozen=True, slots=True)
class Real:
    """One call in the ledger, in the rehearsal's own seconds."""

    outcome: Outcome
    wait_s: float
    ring_s: float


def read_real(
    calls: Iterable[CallRecord], visits: Iterable[VisitRecord], legs: Iterable[LegRecord]
) -> dict[int, Real]:
    """The ledger's calls by the index of their draws; strangers are passed over."""
    waits = {visit.call: visit.wait_ms for visit in visits}
    rings = {leg.call: leg.ring_ms for leg in legs if leg.result is None}
    found = {}
    for call in calls:
        index = index_of(call.caller_number)
        if index is None:
            continue
        outcome = {
            CallOutcome.ANSWERED: Outcome.ANSWERED,
            CallOutcome.ABANDONED: Outcome.ABANDONED,
        }.get(call.outcome, Outcome.BLOCKED)
        found[index] = Real(outcome, waits.get(call.call, 0) / 1000, rings.get(call.call, 0) / 1000)
    return found


def mean_ring_s(real: Mapping[int, Real]) -> float:
    """From the offer to the talk, in the mean of all talks."""
    rings = [one.ring_s for one in real.values() if one.outcome is Outcome.ANSWERED]
    return sum(rings) / len(rings) if rings else 0.0


def compared(
    simulated: Records, real: Mapping[int, Real], with_ring: Records, pace: float
) -> Comparison:
    """Both sides, call by call. ``with_ring``: the simulation with telephones as slow as the real
    ones."""
    calls = []
    for index in range(len(simulated)):
        one = real.get(index)
        calls.append(
            Both(
                index,
                int(simulated.skill[index]),
                float(simulated.came_s[index]),
                Outcome(int(simulated.outcome[index])),
                float(simulated.wait_s[index]),
                one.outcome if one else None,
                one.wait_s * pace if one else 0.0,
                one.ring_s * pace if one else 0.0,
            )
        )
    waits = [each.real_wait_s for each in calls if each.real in _HAD_A_LINE]
    counts = {each: sum(one.real is each for one in calls) for each in Outcome}
    on_the_wire = Side(
        len(calls),
        counts[Outcome.ANSWERED],
        counts[Outcome.ABANDONED],
        counts[Outcome.BLOCKED],
        sum(waits) / len(waits) if waits else 0.0,
    )
    ring_s = mean_ring_s(real) * pace
    return Comparison(
        pace, tuple(calls), side_of(simulated), on_the_wire, side_of(with_ring), ring_s
    )


_HAD_A_LINE = (Outcome.ANSWERED, Outcome.ABANDONED)


def side_of(records: Records) -> Side:
    """The figures of a simulation."""
    counts = np.bincount(records.outcome, minlength=len(Outcome))
    waits = records.wait_s[records.outcome != Outcome.BLOCKED]
    mean_s = float(waits.mean()) if len(waits) else 0.0
    return Side(
        len(records),
        int(counts[Outcome.ANSWERED]),
        int(counts[Outcome.ABANDONED]),
        int(counts[Outcome.BLOCKED]),
        mean_s,
    )
