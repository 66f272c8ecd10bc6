"""The calendar: the city's hours over three years, the second they begin and end, every clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest

from acd.config import load_centre
from acd.core.hours import DAY_OFF, OUTSIDE_HOURS, Calendar
from acd.core.plan import CalendarPlan, DaySpan

CENTRE = Path(__file__).parents[2] / "centre"
TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = tuple((DaySpan(510, 1035),) if day < 5 else () for day in range(7))


@pytest.fixture(scope="module")
def counter() -> Calendar:
    plans = {plan.id: plan for plan in load_centre(CENTRE).plan.calendars}
    return Calendar(plans["counter"], TOKYO)


def tokyo(text: str) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=TOKYO).timestamp()


def days(first: str, last: str) -> Iterator[dt.date]:
    day, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    while day <= end:
        yield day
        day += dt.timedelta(days=1)


@pytest.mark.requirement("M5")
def test_the_city_over_three_years_agrees_with_an_independent_calculation(
    counter: Calendar,
) -> None:
    japan = holidays.country_holidays("JP", years=range(2026, 2029))
    own_closings = {dt.date(2026, 8, 15)}
    open_sundays = {dt.date(2026, 3, 29), dt.date(2027, 3, 28)}
    wrong = []
    for day in days("2026-01-01", "2028-12-31"):
        year_end = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
        works = day.weekday() < 5 and day not in japan and not year_end
        works = (works and day not in own_closings) or day in open_sundays
        last = "12:00" if day in open_sundays else "17:15"
        expected = [False, works, works, False] if works else [False] * 4
        h, m = int(last[:2]), int(last[3:])
        end = dt.datetime.combine(day, dt.time(h, m), TOKYO)
        moments = [
            tokyo(f"{day} 08:29:59"),
            tokyo(f"{day} 08:30:00"),
            (end - dt.timedelta(seconds=1)).timestamp(),
            end.timestamp(),
        ]
        if [counter.is_open(moment) for moment in moments] != expected:
            wrong.append(day)
    assert wrong == []


@pytest.mark.requirement("M5")
@pytest.mark.parametrize(
    ("moment", "is_open", "reason"),
    [
        ("2026-11-24 08:29:59", False, OUTSIDE_HOURS),
        ("2026-11-24 08:30:00", True, ""),
        ("2026-11-24 17:14:59", True, ""),
        ("2026-11-24 17:15:00", False, OUTSIDE_HOURS),
        ("2026-11-21 10:00:00", False, DAY_OFF),
        ("2026-05-06 10:00:00", False, "振替休日"),
        ("2026-09-22 10:00:00", False, "国民の休日"),
        ("2027-03-22 10:00:00", False, "振替休日"),
        ("2026-12-28 10:00:00", True, ""),
        ("2026-12-29 10:00:00", False, "年末年始"),
        ("2026-12-31 10:00:00", False, "年末年始"),
        ("2027-01-01 10:00:00", False, "元日"),
        ("2027-01-02 10:00:00", False, "年末年始"),
        ("2027-01-04 10:00:00", True, ""),
        ("2026-08-15 10:00:00", False, "庁舎設備点検"),
        ("2026-03-29 08:30:00", True, ""),
        ("2026-03-29 12:00:00", False, OUTSIDE_HOURS),
    ],
)
def test_why_it_is_closed(counter: Calendar, moment: str, is_open: bool, reason: str) -> None:
    status = counter.status(tokyo(moment))
    assert (status.open, status.reason) == (is_open, reason)


def test_the_next_change_is_the_next_opening_after_the_holidays(counter: Calendar) -> None:
    assert counter.next_change(tokyo("2026-12-28 17:15:00")) == tokyo("2027-01-04 08:30:00")
    assert counter.next_change(tokyo("2027-01-04 08:30:00")) == tokyo("2027-01-04 17:15:00")


def test_an_ad_hoc_closing_and_a_special_day_win_over_the_week() -> None:
    plan = CalendarPlan(
        id="x",
        week=OFFICE,
        closed={"2026-11-25": "台風", "2026-11-26": "台風"},
        special={"2026-11-26": (DaySpan(600, 660),), "2026-11-27": ()},
    )
    calendar = Calendar(plan, TOKYO)
    assert calendar.status(tokyo("2026-11-25 10:00:00")).reason == "台風"
    assert calendar.is_open(tokyo("2026-11-26 10:00:00"))
    assert not calendar.is_open(tokyo("2026-11-26 11:00:00"))
    assert not calendar.is_open(tokyo("2026-11-27 10:00:00"))


def test_two_spans_that_meet_are_one() -> None:
    allday = (DaySpan(0, 720), DaySpan(720, 1440))
    calendar = Calendar(CalendarPlan(id="x", week=(allday,) * 5 + ((),) * 2), TOKYO)
    assert calendar.next_change(tokyo("2026-11-24 03:00:00")) == tokyo("2026-11-28 00:00:00")


def test_always_and_never_open_have_no_next_change() -> None:
    always = Calendar(CalendarPlan(id="a", week=((DaySpan(0, 1440),),) * 7), TOKYO)
    never = Calendar(CalendarPlan(id="n", week=((),) * 7), TOKYO)
    now = tokyo("2026-11-24 03:00:00")
    assert always.status(now).open
    assert always.next_change(now) is None
    assert not never.status(now).open
    assert never.next_change(now) is None


@pytest.mark.parametrize(
    "zone", ["Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC"]
)
def test_where_clocks_change_the_wall_clock_decides(zone: str) -> None:
    """Spans that end in no doubtful hour: open exactly when the wall clock says so."""
    tz = ZoneInfo(zone)
    calendar = Calendar(CalendarPlan(id="x", week=((DaySpan(300, 1200),),) * 7), tz)
    start = int(dt.datetime(2026, 1, 1, tzinfo=tz).timestamp())
    wrong = []
    for at_s in range(start, start + 366 * 86400, 1800):
        wall = dt.datetime.fromtimestamp(at_s, tz)
        if calendar.is_open(at_s) != (300 <= wall.hour * 60 + wall.minute < 1200):
            wrong.append(wall.isoformat())
    assert wrong == []


def test_a_skipped_hour_opens_at_the_change_and_a_doubled_one_counts_once() -> None:
    tz = ZoneInfo("Europe/Berlin")
    span = (DaySpan(150, 240),)  # 02:30-04:00
    calendar = Calendar(CalendarPlan(id="x", week=(span,) * 7), tz)
    # 29 March 2026: 02:00 becomes 03:00. 25 October 2026: 03:00 becomes 02:00 again.
    spring = dt.datetime(2026, 3, 29, 1, 59, 59, tzinfo=tz).timestamp()
    assert not calendar.is_open(spring)
    assert calendar.next_change(spring) == spring + 1
    autumn = dt.datetime(2026, 10, 25, 1, 0, tzinfo=tz).timestamp()
    opens = calendar.next_change(autumn)
    assert opens == autumn + 5400
    assert calendar.next_change(opens) == dt.datetime(2026, 10, 25, 4, 0, tzinfo=tz).timestamp()


def test_a_span_within_the_skipped_hour_does_not_exist_that_day() -> None:
    tz = ZoneInfo("Europe/Berlin")
    calendar = Calendar(CalendarPlan(id="x", week=((DaySpan(130, 170),),) * 7), tz)
    midnight = dt.datetime(2026, 3, 29, tzinfo=tz).timestamp()
    assert not any(calendar.is_open(midnight + s) for s in range(0, 82_800, 300))
