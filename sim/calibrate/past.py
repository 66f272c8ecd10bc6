"""Calls that came, as arrays: what the ledger or a file of records is for the planner.

Nobody's number or name is in it: callers are numbered in the order in which they are first seen.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from acd.errors import LimitExceeded

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: A history of more days or calls than this is refused: ten years, and a large city's five.
DAYS_MAX, CALLS_MAX, QUEUES_MAX = 3_660, 20_000_000, 64
UNKNOWN = -1


class Ended(IntEnum):
    """How a wait for an operator ended. LEFT: otherwise (sent elsewhere, call-back, lost)."""

    ANSWERED = 0
    ABANDONED = 1
    BLOCKED = 2
    LEFT = 3


@dataclass(frozen=True, slots=True)
class Present:
    """Operators who can take the same queues, and how many of them were there: one number for each
    day and quarter of an hour (``there[day, quarter]``, means over the quarter)."""

    name: str
    queues: tuple[str, ...]
    there: Floats


@dataclass(frozen=True, slots=True)
class Rules:
    """How calls of one queue are ranked: their priority, and which groups (by name) help out after
    how many seconds."""

    priority: int = 0
    helps: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """One item a call, in order of coming.

    ``came_s`` Unix seconds; ``queue`` indexes ``queues``; ``ended`` an :class:`Ended`; ``wait_s``
    until answered or given up; ``talk_s`` with hold and ``wrap_s``: NaN where not known;
    ``caller``, ``operator``: numbers that tell them apart, -1 where not known. ``counted``: how
    many calls an item stands for (1, unless the source gave counts alone). The days from ``first``
    to ``last`` are whole, in ``zone``. ``rules`` of each queue, and what a step of priority is
    worth, where the source knows how calls were routed.
    """

    zone: dt.tzinfo
    first: dt.date
    last: dt.date
    queues: tuple[str, ...]
    came_s: Floats
    queue: Ints
    ended: NDArray[np.int8]
    wait_s: Floats
    talk_s: Floats
    wrap_s: Floats
    caller: Ints
    operator: Ints
    counted: Ints
    present: tuple[Present, ...] = ()
    ring_s: float | None = None
    thresholds_s: tuple[float, ...] = ()
    notes: tuple[tuple[str, str], ...] = field(default=())
    rules: tuple[Rules, ...] = ()
    priority_step_s: float | None = None

    def __len__(self) -> int:
        return len(self.came_s)

    @property
    def dates(self) -> tuple[dt.date, ...]:
        """Every day, those without calls as well."""
        days = (self.last - self.first).days + 1
        return tuple(self.first + dt.timedelta(days=each) for each in range(days))


def midnights_s(first: dt.date, days: int, zone: dt.tzinfo) -> Floats:
    """When each local day begins, and the one after the last, in Unix seconds."""
    if days > DAYS_MAX:
        raise LimitExceeded(
            f"the records reach over {days} days, at most {DAYS_MAX} are read: use --from and --to",
            ja=f"記録が{days}日間にわたります。上限は{DAYS_MAX}日です。"
            "--from と --to で絞ってください。",
        )
    each = (first + dt.timedelta(days=n) for n in range(days + 1))
    return np.array([dt.datetime(d.year, d.month, d.day, tzinfo=zone).timestamp() for d in each])


def placed(past: Past) -> tuple[Ints, Floats]:
    """The day of each call (from 0) and the seconds since that day's local midnight."""
    borders = midnights_s(past.first, len(past.dates), past.zone)
    day = np.searchsorted(borders, past.came_s, side="right") - 1
    return day.astype(np.int64), past.came_s - borders[day]


def within(past: Past, first: dt.date | None, last: dt.date | None) -> Past:
    """The same, of some of its days alone."""
    first, last = max(first or past.first, past.first), min(last or past.last, past.last)
    if last < first:
        return _cut(past, past.first, past.first, np.zeros(len(past), bool))
    borders = midnights_s(first, (last - first).days + 1, past.zone)
    return _cut(past, first, last, (past.came_s >= borders[0]) & (past.came_s < borders[-1]))


def _cut(past: Past, first: dt.date, last: dt.date, keep: NDArray[np.bool_]) -> Past:
    rows = slice((first - past.first).days, (last - past.first).days + 1)
    present = tuple(Present(p.name, p.queues, p.there[rows]) for p in past.present)
    return Past(
        past.zone, first, last, past.queues, past.came_s[keep], past.queue[keep], past.ended[keep],
        past.wait_s[keep], past.talk_s[keep], past.wrap_s[keep], past.caller[keep],
        past.operator[keep], past.counted[keep], present, past.ring_s, past.thresholds_s,
        past.notes, past.rules, past.priority_step_s,
    )  # fmt: skip
