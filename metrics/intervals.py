"""Stretches of local time: quarters, halves and whole hours, days, weeks, months, years, any range.

A span is [from, to) in Unix milliseconds. Days and what is longer begin at local midnight, so a day
on which clocks change has 23 or 25 hours; hours and what is shorter are counted from the day's
beginning in real time, so none of them is lost or counted twice. The zone is handed in: any tzinfo.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from msgspec import Struct

from acd.errors import Refused

#: The shortest interval, to which every border is aligned: every zone's offset is a multiple of it.
QUARTER_MS = 900_000
#: No series is longer: 15-minute intervals of a year and a leap day.
INTERVALS_MAX = 366 * 96


class Grain(StrEnum):
    """How long an interval is."""

    QUARTER = "15min"
    HALF = "30min"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_FIXED_MS = {Grain.QUARTER: QUARTER_MS, Grain.HALF: 1_800_000, Grain.HOUR: 3_600_000}


class Span(Struct, frozen=True, order=True):
    """[from_ms, to_ms)."""

    from_ms: int
    to_ms: int

    def holds(self, at_ms: int) -> bool:
        """Whether a moment lies in it; the end does not.

        >>> Span(0, 10).holds(0), Span(0, 10).holds(10)
        (True, False)
        """
        return self.from_ms <= at_ms < self.to_ms

    @property
    def aligned(self) -> bool:
        """Whether both borders are borders of quarters of an hour."""
        return self.from_ms % QUARTER_MS == 0 and self.to_ms % QUARTER_MS == 0


def quarter_of(at_ms: int) -> int:
    """When the quarter of an hour began that holds this moment.

    >>> quarter_of(1_800_000_123)
    1800000000
    """
    return at_ms - at_ms % QUARTER_MS


def midnight_ms(day: date, tz: tzinfo) -> int:
    """When a local day begins; where midnight is skipped, at the change of clocks."""
    at = datetime(day.year, day.month, day.day, tzinfo=tz)
    return round(at.timestamp() * 1000)


def date_of(at_ms: int, tz: tzinfo) -> date:
    """The local date of a moment."""
    return datetime.fromtimestamp(at_ms / 1000, tz).date()


def begin_of(day: date, grain: Grain) -> date:
    """The first day of the day's week (Monday), month or year; else the day itself.

    >>> begin_of(date(2026, 11, 22), Grain.WEEK).isoformat()
    '2026-11-16'
    """
    if grain is Grain.WEEK:
        return day - timedelta(days=day.weekday())
    if grain is Grain.MONTH:
        return day.replace(day=1)
    return day.replace(month=1, day=1) if grain is Grain.YEAR else day


def next_begin(day: date, grain: Grain) -> date:
    """The first day of the following one; ``day`` is a first day itself."""
    if grain is Grain.WEEK:
        return day + timedelta(days=7)
    if grain is Grain.MONTH:
        return (day + timedelta(days=31)).replace(day=1)
    if grain is Grain.YEAR:
        return day.replace(year=day.year + 1)
    return day + timedelta(days=1)


def span_of(day: date, grain: Grain, tz: tzinfo) -> Span:
    """The local day, week, month or year that holds a date."""
    first = begin_of(day, grain)
    return Span(midnight_ms(first, tz), midnight_ms(next_begin(first, grain), tz))


def between(first: date, last: date, tz: tzinfo) -> Span:
    """Whole local days, the last one included; raises Refused when it is before the first."""
    if last < first:
        raise Refused("the last day is before the first", code="bad_range")
    return Span(midnight_ms(first, tz), midnight_ms(last + timedelta(days=1), tz))


def intervals(span: Span, grain: Grain, tz: tzinfo) -> list[Span]:
    """The intervals of a span, in order, without gap; the first and the last are cut to the span.

    Raises Refused when there would be more than :data:`INTERVALS_MAX`.
    """
    found: list[Span] = []
    for each in _pieces(span, grain, tz):
        if len(found) >= INTERVALS_MAX:
            raise Refused("so many intervals are not shown at once", code="bad_range")
        found.append(each)
    return found


def _pieces(span: Span, grain: Grain, tz: tzinfo) -> Iterator[Span]:
    if span.from_ms >= span.to_ms:
        return
    day = begin_of(date_of(span.from_ms, tz), grain)
    while True:
        after = next_begin(day, grain)
        whole = Span(midnight_ms(day, tz), midnight_ms(after, tz))
        if whole.from_ms >= span.to_ms:
            return
        step_ms = _FIXED_MS.get(grain, whole.to_ms - whole.from_ms)
        for from_ms in range(whole.from_ms, whole.to_ms, step_ms):
            piece = Span(
                max(from_ms, span.from_ms), min(from_ms + step_ms, whole.to_ms, span.to_ms)
            )
            if piece.from_ms < piece.to_ms:
                yield piece
        day = after


def label(span: Span, grain: Grain, tz: tzinfo) -> str:
    """How an interval is called: its local beginning, with the offset where clocks change."""
    at = datetime.fromtimestamp(span.from_ms / 1000, tz)
    if grain in _FIXED_MS:
        return at.isoformat(timespec="minutes")
    return (
        f"{at:%Y-%m}"
        if grain is Grain.MONTH
        else f"{at:%Y}"
        if grain is Grain.YEAR
        else (f"{at:%Y-%m-%d}")
    )
