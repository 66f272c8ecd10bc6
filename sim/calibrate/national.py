"""Days on which Japan's city halls are closed whatever the day of the week."""

from __future__ import annotations

import datetime as dt
from functools import cache

from sim.calibrate.days import DayKind, weekday_kind


def national_holiday(day: dt.date) -> bool:
    """Whether it is a national holiday, or one of 12/29 to 1/3.

    >>> national_holiday(dt.date(2026, 11, 23)), national_holiday(dt.date(2026, 11, 24))
    (True, False)
    """
    new_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return new_year or day in _holidays(day.year)


def national_kind(day: dt.date) -> DayKind:
    """Weekdays, with Japan's national holidays and 12/29 to 1/3 as days of their own."""
    return DayKind.HOLIDAY if national_holiday(day) else weekday_kind(day)


@cache
def _holidays(year: int) -> frozenset[dt.date]:
    import holidays

    return frozenset(holidays.country_holidays("JP", years=year))
