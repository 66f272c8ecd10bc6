"""Arrays instead of rows: millions of simulated calls fill the same sums as the ledger's rows.

A cell is whatever the caller of these functions says it is (a day, an hour and a kind of call ...),
by its number. What a measure says of the sums is then the measure's own affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from acd.core.events import CallOutcome
from agents.state import AgentState
from metrics.tally import CallTally, LegTally, QueueTally, Sums, TimeTally, Waits

Ints = NDArray[np.int64]
#: How the arrays write what became of a call.
ANSWERED, ABANDONED, BLOCKED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class CallColumns:
    """One item a call; all have come to an end. A call that was not blocked made one visit to one
    queue without a menu before it; an answered one was offered once. ``cell`` from 0; times in
    milliseconds, ``talk_ms`` and ``wrap_up_ms`` 0 unless answered."""

    cell: Ints
    outcome: NDArray[np.int8]
    wait_ms: Ints
    talk_ms: Ints
    wrap_up_ms: Ints
    enquiries: bool = True


def filled(columns: CallColumns, cells: int) -> list[Sums]:
    """The sums of each cell.

    >>> one = np.array([0]), np.array([0], np.int8), np.array([1500]), np.array([60_000])
    >>> filled(CallColumns(*one, np.array([0])), 1)[0].visits.answered_waits
    {1500: 1}
    """
    answered = columns.outcome == ANSWERED
    gave_up = columns.outcome == ABANDONED
    blocked = _counted(columns.cell[columns.outcome == BLOCKED], cells)
    waits = _histograms(columns.cell[answered], columns.wait_ms[answered], cells)
    left = _histograms(columns.cell[gave_up], columns.wait_ms[gave_up], cells)
    talks = _counted(columns.cell[answered], cells)
    lefts = _counted(columns.cell[gave_up], cells)
    talk_ms = _summed(columns.cell, columns.talk_ms, cells)
    wrap_ms = _summed(columns.cell, columns.wrap_up_ms, cells)
    found = []
    for n in range(cells):
        calls = CallTally(
            offered=talks[n] + lefts[n] + blocked[n],
            outcomes=_outcomes(talks[n], lefts[n], blocked[n]),
            queued=talks[n] + lefts[n],
            blocked_unqueued=blocked[n],
            abandoned_waits=left[n],
            answered_enquiries=talks[n] if columns.enquiries else 0,
        )
        visits = QueueTally(
            talks[n] + lefts[n], waits[n], waits[n].copy(), left[n].copy(), left[n].copy(),
            offers=talks[n],
        )  # fmt: skip
        legs = LegTally(offers=talks[n], talks=talks[n], talk_ms=talk_ms[n], wrap_up_ms=wrap_ms[n])
        found.append(Sums(calls, visits, legs))
    return found


@dataclass(frozen=True, slots=True)
class TalkColumns:
    """One item a talk: ``owner`` (a day and a group, say) from 0, when it began, in milliseconds
    from the beginning of the first interval, and how long talk and wrap-up lasted."""

    owner: Ints
    start_ms: Ints
    talk_ms: Ints
    wrap_up_ms: Ints


def filled_time(talks: TalkColumns, staffed_ms: Ints, length_ms: int) -> list[TimeTally]:
    """Operators' time of each owner in each interval (``owner * intervals + interval``).

    ``staffed_ms`` has a row an owner, an item an interval of ``length_ms``: time for which somebody
    was there. Talks are cut at the borders, as the ledger's stretches are; what is left of the
    staffed time was spent ready. What lies beyond the last interval is left out.
    """
    owners, intervals = staffed_ms.shape
    wrap_start = talks.start_ms + talks.talk_ms
    grid = (owners, intervals, length_ms)
    talking = _cut(talks.owner, talks.start_ms, wrap_start, grid)
    wrapping = _cut(talks.owner, wrap_start, wrap_start + talks.wrap_up_ms, grid)
    ready = np.maximum(0, staffed_ms.ravel() - talking - wrapping)
    names = (AgentState.TALKING.value, AgentState.WRAP_UP.value, AgentState.READY.value)
    each = zip(talking.tolist(), wrapping.tolist(), ready.tolist(), strict=True)
    return [
        TimeTally({name: ms for name, ms in zip(names, row, strict=True) if ms}) for row in each
    ]


def _cut(owner: Ints, start: Ints, end: Ints, grid: tuple[int, int, int]) -> Ints:
    """How much of the stretches lies in each owner's intervals."""
    owners, intervals, length = grid
    close = intervals * length
    start, end = np.clip(start, 0, close), np.clip(end, 0, close)
    some = end > start
    owner, start, end = owner[some], start[some], end[some]
    first, last = start // length, (end - 1) // length
    # A stretch gives each interval it touches one piece.
    pieces = last - first + 1
    which = np.repeat(np.arange(len(owner)), pieces)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    at = first[which] + nth
    spent = np.minimum(end[which], (at + 1) * length) - np.maximum(start[which], at * length)
    whole = np.zeros(owners * intervals, np.int64)
    np.add.at(whole, owner[which] * intervals + at, spent)
    return whole


def _outcomes(answered: int, abandoned: int, blocked: int) -> dict[CallOutcome, int]:
    each = (
        (CallOutcome.ANSWERED, answered),
        (CallOutcome.ABANDONED, abandoned),
        (CallOutcome.BLOCKED, blocked),
    )
    return {outcome: number for outcome, number in each if number}


def _counted(cell: Ints, cells: int) -> list[int]:
    counts: list[int] = np.bincount(cell, minlength=cells).tolist()
    return counts


def _summed(cell: Ints, ms: Ints, cells: int) -> list[int]:
    sums = np.zeros(cells, np.int64)
    np.add.at(sums, cell, ms)
    whole: list[int] = sums.tolist()
    return whole


def _histograms(cell: Ints, wait_ms: Ints, cells: int) -> list[Waits]:
    """Each cell's waits, ascending."""
    width = int(wait_ms.max(initial=0)) + 1
    keys, counts = np.unique(cell * width + wait_ms, return_counts=True)
    borders = np.searchsorted(keys, np.arange(cells + 1, dtype=np.int64) * width).tolist()
    waits, numbers = (keys % width).tolist(), counts.tolist()
    return [dict(zip(waits[a:b], numbers[a:b], strict=True)) for a, b in pairwise(borders)]
