"""Kinds of days, and calls counted by day and period: what rates and forecasts are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.past import Ended, Past, placed

Counts = NDArray[np.int64]
#: The day's hours are those in which at least this part of all calls came.
_LEAST_SHARE = 0.0005
DAY_S = 86_400


class DayKind(IntEnum):
    """What a day is like: a weekday, a holiday (with hours of its own), or closed."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6
    HOLIDAY = 7
    CLOSED = 8


#: The centre's calendar: what kind of day a date is.
KindOf = Callable[[dt.date], DayKind]


def weekday_kind(day: dt.date) -> DayKind:
    """The kind of a day that no calendar knows more of."""
    return DayKind(day.weekday())


@dataclass(frozen=True, slots=True)
class Grid:
    """Calls of each day, period and queue: ``counts[day, period, queue]``.

    Period 0 begins ``opens_s`` after midnight, each is ``period_s`` long. ``open_day`` tells the
    days that count: not closed by the calendar, and, where it says nothing, with at least one call.
    """

    dates: tuple[dt.date, ...]
    kinds: tuple[DayKind, ...]
    opens_s: int
    period_s: int
    queues: tuple[str, ...]
    counts: Counts
    open_day: NDArray[np.bool_]

    @property
    def periods(self) -> int:
        """How many periods a day has."""
        return int(self.counts.shape[1])

    @property
    def of_day(self) -> Counts:
        """All queues together: ``[day, period]``."""
        total: Counts = self.counts.sum(axis=2)
        return total

    def days_of(self, kind: DayKind | None) -> NDArray[np.int64]:
        """The open days of a kind, by number; None: all of them."""
        wanted = np.array([kind is None or each is kind for each in self.kinds], bool)
        return np.flatnonzero(wanted & self.open_day)


def grid(
    past: Past,
    period_s: int,
    kind_of: KindOf,
    *,
    fresh: NDArray[np.bool_] | None = None,
    calendar: bool = False,
) -> Grid:
    """Count the calls (``fresh``: of these alone). ``calendar``: ``kind_of`` knows the closed days,
    so an open day without calls is a day with none; else it is taken for closed."""
    day, second = placed(past)
    dates = past.dates
    slots = DAY_S // period_s
    # On a day on which clocks change the last hour may lie beyond 24 h: it belongs to the day.
    slot = np.minimum((second // period_s).astype(np.int64), slots - 1)
    first, last = _hours(slot, past.counted, slots)
    whole = np.zeros((len(dates), slots, max(1, len(past.queues))), np.int64)
    one = slice(None) if fresh is None else fresh
    np.add.at(whole, (day[one], slot[one], past.queue[one]), past.counted[one])
    kinds = tuple(kind_of(each) for each in dates)
    came = whole.sum(axis=(1, 2)) > 0
    closed = np.array([each is DayKind.CLOSED for each in kinds], bool)
    expected = _expected(kinds, came) if calendar else np.zeros(len(dates), bool)
    return Grid(
        dates, kinds, first * period_s, period_s, past.queues or ("calls",),
        whole[:, first:last], (came | expected) & ~closed,
    )  # fmt: skip


def _expected(kinds: tuple[DayKind, ...], came: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Days that should have had calls: of a kind that ever had any."""
    busy = {kind for kind, some in zip(kinds, came, strict=True) if some}
    return np.array([kind in busy for kind in kinds], bool)


def _hours(slot: NDArray[np.int64], counted: NDArray[np.int64], slots: int) -> tuple[int, int]:
    """The first period with calls to speak of, and the one after the last."""
    if not counted.sum():
        return 0, slots
    by_slot = np.bincount(slot, counted, slots)
    some = np.flatnonzero(by_slot >= max(1, _LEAST_SHARE * by_slot.sum()))
    return int(some[0]), int(some[-1]) + 1


def abandoned(past: Past) -> NDArray[np.bool_]:
    """Calls that did not come through: given up, or refused for want of a line."""
    failed: NDArray[np.bool_] = (past.ended == Ended.ABANDONED) | (past.ended == Ended.BLOCKED)
    return failed
