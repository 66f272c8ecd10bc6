"""Arrays instead of rows: millions of simulated calls fill the same tallies as the ledger's rows.

A cell is whatever the caller of these functions says it is (a day, an hour and a kind of call ...),
by its number. The tallies are those of all cells at once: where one of rows has a number, one of
columns has an array with an item a cell, and a measure that is a sum over rows
(:attr:`metrics.measure.Measure.additive`) is computed for all cells by the measure's own code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acd.core.events import CallOutcome
from agents.state import AgentState
from metrics.measure import Of, Params
from metrics.tally import CallTally, LegTally, QueueTally, Sums, TimeTally

Ints = NDArray[np.int64]
#: How the arrays write what became of a call.
ANSWERED, ABANDONED, BLOCKED, LEFT_IN_MENU = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class CallColumns:
    """One item a call; all have come to an end. A call that was answered or abandoned made one
    visit to one queue; an answered one counts as offered once. ``cell`` from 0; times in
    milliseconds, ``talk_ms`` and ``wrap_up_ms`` 0 unless answered."""

    cell: Ints
    outcome: NDArray[np.int8]
    wait_ms: Ints
    talk_ms: Ints
    wrap_up_ms: Ints
    enquiries: bool = True


class WaitColumns:
    """The waits of all cells, each with its cell: what :data:`metrics.tally.Waits` is of one."""

    def __init__(self, cell: Ints, wait_ms: Ints, cells: int) -> None:
        self._cell, self._wait_ms, self._cells = cell, wait_ms, cells

    def values(self) -> tuple[Ints]:
        """How many waited, of each cell: the only item, so that the sum of the values is right."""
        return (_counted(self._cell, self._cells),)

    def within(self, limit_ms: int | Ints) -> Ints:
        """How many waited at most so long; a limit for all cells or one for each."""
        limit = limit_ms if isinstance(limit_ms, int) else limit_ms[self._cell]
        return _counted(self._cell[self._wait_ms <= limit], self._cells)

    def total_ms(self) -> Ints:
        """The sum of the waits, of each cell."""
        return _summed(self._cell, self._wait_ms, self._cells)

    def joined(self, other: WaitColumns) -> WaitColumns:
        """These waits and others of the same cells."""
        cell = np.concatenate((self._cell, other._cell))
        return WaitColumns(cell, np.concatenate((self._wait_ms, other._wait_ms)), self._cells)


def filled(columns: CallColumns, cells: int) -> Sums:
    """The sums of all cells.

    >>> one = np.array([0]), np.array([0], np.int8), np.array([1500]), np.array([60_000])
    >>> filled(CallColumns(*one, np.array([0])), 2).calls.offered
    array([1, 0])
    """
    answered = columns.outcome == ANSWERED
    gave_up = columns.outcome == ABANDONED
    waits: Any = WaitColumns(columns.cell[answered], columns.wait_ms[answered], cells)
    left: Any = WaitColumns(columns.cell[gave_up], columns.wait_ms[gave_up], cells)
    # The tallies' fields say ``int``: numbers of one cell. They do not mind arrays.
    (talks,), (lefts,) = waits.values(), left.values()
    blocked: Any = _counted(columns.cell[columns.outcome == BLOCKED], cells)
    nobody: Any = np.zeros(cells, np.int64)
    in_menu: Any = _counted(columns.cell[columns.outcome == LEFT_IN_MENU], cells)
    calls = CallTally(
        offered=talks + lefts + blocked + in_menu,
        outcomes={
            CallOutcome.ANSWERED: talks,
            CallOutcome.ABANDONED: lefts,
            CallOutcome.BLOCKED: blocked,
            CallOutcome.LEFT_IN_MENU: in_menu,
        },
        queued=talks + lefts,
        blocked_unqueued=blocked,
        abandoned_waits=left,
        answered_enquiries=talks if columns.enquiries else nobody,
    )
    visits = QueueTally(talks + lefts, waits, waits, left, left, offers=talks)
    talk_ms: Any = _summed(columns.cell, columns.talk_ms, cells)
    wrap_ms: Any = _summed(columns.cell, columns.wrap_up_ms, cells)
    return Sums(calls, visits, LegTally(offers=talks, talks=talks, talk_ms=talk_ms,
                                        wrap_up_ms=wrap_ms))  # fmt: skip


def params_by_cell(thresholds_ms: Ints, cells: int) -> Params:
    """Parameters where T is another in each cell: the given ones over and over, as when the kind of
    call is the last part of a cell's number."""
    each: Any = np.tile(thresholds_ms, cells // len(thresholds_ms))
    return Params(each)


def both_numbers(of: Of, sums: Sums, params: Params, cells: int) -> tuple[Ints, Ints]:
    """What an additive measure divides in each cell, and by what (0 where it does not divide).

    >>> from metrics.waits import asa
    >>> one = np.array([1]), np.array([0], np.int8), np.array([1500]), np.array([60_000])
    >>> both_numbers(asa, filled(CallColumns(*one, np.array([0])), 2), Params(), 2)
    (array([   0, 1500]), array([0, 1]))
    """
    part = of(sums, params)
    return _in_each(part.top, cells), _in_each(part.bottom, cells)


@dataclass(frozen=True, slots=True)
class TalkColumns:
    """One item a talk: ``owner`` (a day and a group, say) from 0, when it began, in milliseconds
    from the beginning of the first interval, and how long talk and wrap-up lasted."""

    owner: Ints
    start_ms: Ints
    talk_ms: Ints
    wrap_up_ms: Ints


@dataclass(frozen=True, slots=True)
class ApartColumns:
    """One item a stretch in which an operator of ``owner`` was at work and neither waited for calls
    nor handled one: a break, a ring."""

    owner: Ints
    start_ms: Ints
    end_ms: Ints


def filled_time(
    talks: TalkColumns, staffed_ms: Ints, length_ms: int, apart: ApartColumns | None = None
) -> TimeTally:
    """Operators' time of each owner in each interval (cell ``owner * intervals + interval``).

    ``staffed_ms`` has a row an owner, an item an interval of ``length_ms``: time for which somebody
    was there. Talks are cut at the borders, as the ledger's stretches are; what is left of the
    staffed time was spent ready. What lies beyond the last interval is left out.
    """
    owners, intervals = staffed_ms.shape
    wrap_start = talks.start_ms + talks.talk_ms
    grid = (owners, intervals, length_ms)
    talking: Any = _cut(talks.owner, talks.start_ms, wrap_start, grid)
    wrapping: Any = _cut(talks.owner, wrap_start, wrap_start + talks.wrap_up_ms, grid)
    times = {AgentState.TALKING.value: talking, AgentState.WRAP_UP.value: wrapping}
    if apart is not None:
        not_ready: Any = _cut(apart.owner, apart.start_ms, apart.end_ms, grid)
        times[AgentState.NOT_READY.value] = not_ready
    ready: Any = np.maximum(0, staffed_ms.ravel() - sum(times.values()))
    return TimeTally({**times, AgentState.READY.value: ready})


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


def _counted(cell: Ints, cells: int) -> Ints:
    return np.bincount(cell, minlength=cells)


def _summed(cell: Ints, ms: Ints, cells: int) -> Ints:
    sums = np.zeros(cells, np.int64)
    np.add.at(sums, cell, ms)
    return sums


def _in_each(number: Any, cells: int) -> Ints:
    """A measure's number, which may be the same in all cells."""
    found = np.zeros(cells, np.int64)
    found[:] = 0 if number is None else number
    return found
