"""Stretches of local time: Japanese days and months, and zones whose clocks change."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.errors import Refused
from metrics.cells import Cells
from metrics.intervals import (
    INTERVALS_MAX,
    QUARTER_MS,
    Grain,
    Span,
    between,
    intervals,
    label,
    span_of,
)
from tests.ledger_rows import JST, SHAPE, ms
from tests.unit.test_measures_by_hand import MORNING

PARIS, LORD_HOWE = ZoneInfo("Europe/Paris"), ZoneInfo("Australia/Lord_Howe")
CAIRO, NEPAL = ZoneInfo("Africa/Cairo"), ZoneInfo("Asia/Kathmandu")
HOUR_MS = 3_600_000


@pytest.mark.requirement("M26")
def test_a_japanese_month_begins_at_japanese_midnight() -> None:
    november = span_of(date(2026, 11, 22), Grain.MONTH, JST)
    assert november == Span(ms("2026-11-01T00:00"), ms("2026-12-01T00:00"))
    # 15:00 UTC of the last day of October is the first moment of November.
    assert november.from_ms == ms("2026-10-31T15:00", ZoneInfo("UTC"))
    assert not november.holds(november.from_ms - 1)
    assert not november.holds(november.to_ms)


@pytest.mark.parametrize(
    ("grain", "first", "last"),
    [
        (Grain.DAY, "2026-11-22", "2026-11-23"),
        (Grain.WEEK, "2026-11-16", "2026-11-23"),
        (Grain.MONTH, "2026-11-01", "2026-12-01"),
        (Grain.YEAR, "2026-01-01", "2027-01-01"),
    ],
)
def test_spans_of_a_date(grain: Grain, first: str, last: str) -> None:
    found = span_of(date(2026, 11, 22), grain, JST)
    assert found == Span(ms(f"{first}T00:00"), ms(f"{last}T00:00"))


def test_a_december_and_a_leap_february() -> None:
    assert span_of(date(2026, 12, 31), Grain.MONTH, JST).to_ms == ms("2027-01-01T00:00")
    leap = span_of(date(2028, 2, 29), Grain.MONTH, JST)
    assert len(intervals(leap, Grain.DAY, JST)) == 29


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (JST, date(2026, 3, 29), 24),
        (PARIS, date(2026, 3, 29), 23),
        (PARIS, date(2026, 10, 25), 25),
        (CAIRO, date(2026, 4, 24), 23),  # midnight itself is skipped there
    ],
)
def test_days_on_which_clocks_change(zone: ZoneInfo, day: date, hours: int) -> None:
    span = span_of(day, Grain.DAY, zone)
    assert span.to_ms - span.from_ms == hours * HOUR_MS
    assert len(intervals(span, Grain.HOUR, zone)) == hours
    assert len(intervals(span, Grain.QUARTER, zone)) == hours * 4


def test_the_hour_that_comes_twice_has_two_names() -> None:
    span = span_of(date(2026, 10, 25), Grain.DAY, PARIS)
    names = [label(each, Grain.HOUR, PARIS) for each in intervals(span, Grain.HOUR, PARIS)]
    assert names[2:4] == ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]
    assert len(set(names)) == 25


def test_clocks_that_change_by_half_an_hour() -> None:
    span = span_of(date(2026, 10, 4), Grain.DAY, LORD_HOWE)
    assert span.to_ms - span.from_ms == HOUR_MS * 23 + HOUR_MS // 2
    pieces = intervals(span, Grain.HOUR, LORD_HOWE)
    assert pieces[-1].to_ms - pieces[-1].from_ms == HOUR_MS // 2


@given(
    st.sampled_from([JST, PARIS, LORD_HOWE, CAIRO, NEPAL]),
    st.sampled_from(list(Grain)),
    st.integers(ms("2025-12-01T00:00") // QUARTER_MS, ms("2027-02-01T00:00") // QUARTER_MS),
    st.integers(1, 96 * 40),
)
def test_intervals_tile_any_aligned_range(
    zone: ZoneInfo, grain: Grain, first: int, quarters: int
) -> None:
    span = Span(first * QUARTER_MS, (first + quarters) * QUARTER_MS)
    pieces = intervals(span, grain, zone)
    assert (pieces[0].from_ms, pieces[-1].to_ms) == (span.from_ms, span.to_ms)
    assert all(one.to_ms == two.from_ms for one, two in pairwise(pieces))
    assert all(piece.aligned and piece.from_ms < piece.to_ms for piece in pieces)


def test_any_range_of_days_and_what_is_refused() -> None:
    assert between(date(2026, 11, 1), date(2026, 11, 30), JST) == span_of(
        date(2026, 11, 5), Grain.MONTH, JST
    )
    with pytest.raises(Refused):
        between(date(2026, 11, 2), date(2026, 11, 1), JST)
    with pytest.raises(Refused):
        intervals(Span(0, (INTERVALS_MAX + 1) * QUARTER_MS), Grain.QUARTER, JST)
    assert intervals(Span(5, 5), Grain.DAY, JST) == []


def test_the_same_calls_by_another_zones_days() -> None:
    cells = Cells(SHAPE)
    cells.fold(MORNING)
    # 08:50 in Japan is 00:50 in Paris: all calls are of that night's day, the hours differ.
    day = span_of(date(2026, 11, 20), Grain.DAY, PARIS)
    offered = [sums.calls.offered for sums in cells.series(intervals(day, Grain.HOUR, PARIS))]
    assert offered[:4] == [1, 6, 5, 0]


def test_a_span_that_cuts_a_quarter_is_no_sum_of_cells() -> None:
    with pytest.raises(ValueError, match="quarter"):
        Cells().sums(Span(0, 1))
