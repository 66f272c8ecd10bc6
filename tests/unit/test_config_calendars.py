"""Opening hours as data: reviewed holidays against an independent calculation, spans, closings."""

from __future__ import annotations

import datetime as dt
import tomllib

import holidays
import pytest

from acd.config import load_centre
from acd.config.calendars import make_calendars, parse_span
from acd.config.faults import Faults
from acd.core.plan import DaySpan
from tests.fakes.centre import CENTRE

YEARS = range(2025, 2030)


@pytest.fixture(scope="module")
def reviewed() -> dict[str, str]:
    table = tomllib.loads((CENTRE / "calendars.toml").read_text(encoding="utf-8"))
    days: dict[str, str] = table["holidays"]["japan"]["days"]
    return days


@pytest.mark.requirement("M5")
def test_the_reviewed_holidays_are_those_of_an_independent_calculation(
    reviewed: dict[str, str],
) -> None:
    calculated = holidays.country_holidays("JP", years=YEARS, language="ja")
    assert reviewed == {day.isoformat(): name for day, name in calculated.items()}


@pytest.mark.requirement("M5")
@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2025-05-06", "振替休日"),
        ("2026-09-22", "国民の休日"),
        ("2027-03-22", "振替休日"),
        ("2029-09-24", "振替休日"),
        ("2026-11-23", "勤労感謝の日"),
    ],
)
def test_substitute_and_in_between_days_are_holidays(
    reviewed: dict[str, str], day: str, name: str
) -> None:
    assert reviewed[day] == name


def test_the_days_of_the_year_end_are_closed_in_every_reviewed_year_and_beyond() -> None:
    counter = next(c for c in load_centre(CENTRE).plan.calendars if c.id == "counter")
    for year in (*YEARS, 2035):
        for day in ("12-29", "12-30", "12-31", "01-02", "01-03"):
            assert f"{year}-{day}" in counter.closed
    assert counter.closed["2026-01-01"] == "元日"
    assert list(counter.closed) == sorted(counter.closed)


def test_a_week_is_written_in_minutes_and_weekends_are_closed() -> None:
    counter = next(c for c in load_centre(CENTRE).plan.calendars if c.id == "counter")
    assert counter.week == ((DaySpan(510, 1035),),) * 5 + ((), ())
    assert dt.date(2026, 3, 29).weekday() == 6
    assert counter.special["2026-03-29"] == (DaySpan(510, 720),)


@pytest.mark.parametrize("text", ["08:30-17:15", "00:00-24:00", "23:59-24:00"])
def test_spans_that_are(text: str) -> None:
    span = parse_span(text)
    assert f"{span.from_min // 60:02d}:{span.from_min % 60:02d}" == text[:5]
    assert f"{span.to_min // 60:02d}:{span.to_min % 60:02d}" == text[6:]


@pytest.mark.parametrize(
    "text",
    [
        "8:30-17:15",
        "17:15-08:30",
        "08:30-08:30",
        "08:60-09:00",
        "24:00-24:01",
        "08:30",
        "",
        "08:30 - 17:15",
        "08:30-17:15\n",
        "\uff10\uff18:30-17:15",
    ],
)
def test_spans_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|no time"):
        parse_span(text)


def test_every_fault_of_the_file_is_reported_at_once() -> None:
    found = Faults()
    make_calendars(
        tomllib.loads(
            """
            [calendars.a]
            week = { mon = ["09:00-12:00", "11:00-17:00"], mom = [] }
            holidays = "japn"
            closed = { 2026-02-30 = "x" }
            closed_yearly = { 13-01 = "x" }
            special = { 2026-01-01 = ["9-5"] }
            [calendars.B]
            week = {}
            [holidays.japan]
            years = [2026]
            days = { 2027-01-01 = "元日" }
            [holiday]
            """
        ),
        "calendars.toml",
        found,
    )
    assert {fault.path for fault in found.found} == {
        "calendars.toml:calendars.a.week.mon",
        "calendars.toml:calendars.a.week.mom",
        "calendars.toml:calendars.a.holidays",
        "calendars.toml:calendars.a.closed.2026-02-30",
        "calendars.toml:calendars.a.closed_yearly.13-01",
        "calendars.toml:calendars.a.special.2026-01-01",
        "calendars.toml:calendars.B",
        "calendars.toml:holidays.japan.days.2027-01-01",
        "calendars.toml:holiday",
    }
