"""Opening hours from ``calendars.toml``: weeks, reviewed holidays, days that differ.

Each calendar becomes a :class:`acd.core.plan.CalendarPlan`, in which holidays and the days that
are closed every year are written out date by date: the engine, the menu and the measures then
need no holiday rules of their own.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictStr

from acd.config.faults import Faults, nearest
from acd.config.kinds import FileTable, Id, Label, id_fault
from acd.config.reading import validate_each
from acd.core.plan import CalendarPlan, DaySpan

#: Days that are closed every year are written out for the years with reviewed holidays and for
#: this many more, so that a forgotten review does not open the centre on New Year's Day.
YEARS_BEYOND = 10

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_span(text: str) -> DaySpan:
    """``08:30-17:15`` as minutes after midnight; ``24:00`` may end a span."""
    match = re.fullmatch(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})", text)
    if match is None:
        raise ValueError(f"must look like 08:30-17:15, not {text[:40]!r}")
    from_h, from_m, to_h, to_m = (int(part) for part in match.groups())
    start, end = from_h * 60 + from_m, to_h * 60 + to_m
    if from_m > 59 or to_m > 59 or end > 1440:
        raise ValueError(f"is no time of the day: {text}")
    if start >= end:
        raise ValueError(f"must end after it begins: {text}")
    return DaySpan(start, end)


def _spans(texts: tuple[str, ...]) -> tuple[str, ...]:
    spans = [parse_span(text) for text in texts]
    if any(a.to_min > b.from_min for a, b in itertools.pairwise(spans)):
        raise ValueError("the spans must be in order and must not overlap")
    return texts


def _date(text: str) -> str:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"is no date such as 2026-12-29: {text[:40]!r}") from None
    return day.isoformat()


def _yearly(text: str) -> str:
    # 2028 is a leap year, so that 02-29 is allowed.
    _date(f"2028-{text}")
    return text


SpanTexts = Annotated[tuple[StrictStr, ...], Field(max_length=8), AfterValidator(_spans)]
DateText = Annotated[StrictStr, AfterValidator(_date)]
YearlyText = Annotated[StrictStr, Field(pattern=r"^[0-9]{2}-[0-9]{2}$"), AfterValidator(_yearly)]


class WeekTable(FileTable):
    """``week``: the spans of each weekday; a day left out is closed."""

    mon: SpanTexts = ()
    tue: SpanTexts = ()
    wed: SpanTexts = ()
    thu: SpanTexts = ()
    fri: SpanTexts = ()
    sat: SpanTexts = ()
    sun: SpanTexts = ()


class CalendarTable(FileTable):
    """One ``[calendars.ID]``."""

    week: WeekTable
    holidays: Id | None = None
    closed_yearly: dict[YearlyText, Label] = Field(default_factory=dict)
    closed: dict[DateText, Label] = Field(default_factory=dict)
    special: dict[DateText, SpanTexts] = Field(default_factory=dict)


class HolidayTable(FileTable):
    """One ``[holidays.ID]``: the reviewed days, and the years that the review covers."""

    years: Annotated[tuple[int, ...], Field(min_length=1, max_length=50)]
    days: dict[DateText, Label]


def make_calendars(
    table: dict[str, Any], name: str, faults: Faults
) -> tuple[tuple[CalendarPlan, ...], int | None]:
    """Every calendar of the file, in its order, and the last year with reviewed holidays in all
    of those that have holidays; what is wrong is noted."""
    for key in table:
        if key not in ("holidays", "calendars"):
            faults.add(
                f"{name}:{key}", "there is no such key" + nearest(key, ("holidays", "calendars"))
            )
    holidays = validate_each(
        HolidayTable, table.get("holidays", {}), f"{name}:holidays", faults, id_fault
    )
    calendars = validate_each(
        CalendarTable, table.get("calendars", {}), f"{name}:calendars", faults, id_fault
    )
    for key, days in holidays.items():
        for day in days.days:
            if int(day[:4]) not in days.years:
                faults.add(f"{name}:holidays.{key}.days.{day}", "is outside of years")
    named = table.get("holidays", {})
    plans = []
    for key, calendar in calendars.items():
        if calendar.holidays and calendar.holidays not in named:
            faults.add(
                f"{name}:calendars.{key}.holidays",
                f"there are no holidays {calendar.holidays!r}" + nearest(calendar.holidays, named),
            )
        plans.append(_plan(key, calendar, holidays.get(calendar.holidays or "")))
    last = [max(each.years) for each in holidays.values()]
    return tuple(plans), min(last, default=None)


def _plan(key: str, calendar: CalendarTable, holidays: HolidayTable | None) -> CalendarPlan:
    closed: dict[str, str] = {}
    if holidays:
        closed.update(holidays.days)
        years = range(min(holidays.years), max(holidays.years) + YEARS_BEYOND + 1)
    else:
        years = range(2025, 2025 + 2 * YEARS_BEYOND)
    for year in years:
        for day, why in calendar.closed_yearly.items():
            if day != "02-29" or year % 4 == 0:
                closed.setdefault(f"{year}-{day}", why)
    closed.update(calendar.closed)
    return CalendarPlan(
        id=key,
        week=tuple(_day(getattr(calendar.week, day)) for day in WEEKDAYS),
        closed=dict(sorted(closed.items())),
        special={day: _day(spans) for day, spans in sorted(calendar.special.items())},
    )


def _day(texts: tuple[str, ...]) -> tuple[DaySpan, ...]:
    return tuple(parse_span(text) for text in texts)
