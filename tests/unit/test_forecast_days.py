"""The coming days' calls: the median unless something proves better, and honest bands."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from acd.errors import Refused
from sim.calibrate.csv_file import read_text
from sim.calibrate.days import DayKind, Grid, grid, weekday_kind
from sim.calibrate.fit import Asked, fit
from sim.calibrate.national import national_kind
from sim.calibrate.written import scenario_toml
from sim.forecast.backtest import backtest, band, extra, paired
from sim.forecast.coming import forecast, scenario_fit
from sim.forecast.models import BASELINE, MODELS, Known, known_days
from sim.forecast.told import sentences
from sim.scenario_file.read import read_text as read_scenario

ZONE = ZoneInfo("Asia/Tokyo")
FIRST = dt.date(2026, 6, 1)
SHAPE = np.array([40.0, 110.0, 150.0, 90.0])


def made(days: int, levels: object = None, seed: int = 1) -> Grid:
    """Days of counts: Monday is busier; ``levels`` is each day's factor."""
    chance = np.random.default_rng(seed)
    dates = tuple(FIRST + dt.timedelta(days=n) for n in range(days))
    factor = np.ones(days) if levels is None else np.asarray(levels, float)
    busy = np.array([1.4 if day.weekday() == 0 else 1.0 for day in dates]) * factor
    weekday = np.array([day.weekday() < 5 for day in dates])
    counts = chance.poisson(np.outer(busy * weekday, SHAPE))[:, :, None].astype(np.int64)
    kinds = tuple(weekday_kind(day) for day in dates)
    return Grid(dates, kinds, 9 * 3600, 3600, ("tax",), counts, counts.sum(axis=(1, 2)) > 0)


@pytest.mark.requirement("S6")
def test_days_come_as_they_were_and_the_band_holds_them() -> None:
    of = made(120)
    coming = FIRST + dt.timedelta(days=120)
    found = forecast(of, weekday_kind, coming, 7)
    monday = next(day for day in found.days if day.kind is DayKind.MONDAY)
    tuesday = next(day for day in found.days if day.kind is DayKind.TUESDAY)
    assert monday.total == pytest.approx(1.4 * 390, rel=0.05)
    assert tuesday.total == pytest.approx(390, rel=0.05)
    assert [day.total for day in found.days if day.kind >= DayKind.SATURDAY] == [0, 0]
    assert found.test.covered == pytest.approx(0.92, abs=0.05)
    assert (monday.low <= monday.calls).all()
    assert (monday.calls <= monday.high).all()


def test_a_level_that_wanders_is_followed_only_when_that_proves_better() -> None:
    wander = np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.06, 200)))
    known, _ = known_days(made(200, wander))
    test = backtest(known, 1)
    assert test.chosen != BASELINE
    won = next(each for each in test.scores if each.name == test.chosen)
    assert won.gain.low > 0
    assert won.error < test.scores[0].error


def test_the_median_stays_where_nothing_beats_it_beyond_chance() -> None:
    # A closure in the middle of the day now and then: means follow it, the median does not.
    of = made(150)
    counts = of.counts.copy()
    counts[::9, 2] = 0
    counts[4::11] *= 3
    odd = Grid(of.dates, of.kinds, of.opens_s, of.period_s, of.queues, counts, of.open_day)
    known, _ = known_days(odd)
    assert backtest(known, 5).chosen == BASELINE


def test_a_day_is_told_from_the_days_before_it_alone() -> None:
    of = made(60)
    known, _ = known_days(of)
    later = known.counts.copy()
    later[-1] *= 50
    for name in MODELS:
        changed = Known(later, known.kinds)
        before = MODELS[name](known.upto(len(later) - 1), DayKind.MONDAY, 1)
        assert (MODELS[name](changed.upto(len(later) - 1), DayKind.MONDAY, 1) == before).all()


def test_paired_gains_widen_with_models_and_shared_origins() -> None:
    gains = np.repeat(np.random.default_rng(1).normal(1, 3, 20), 5)
    one, many, apart = paired(gains, 5, 1), paired(gains, 5, 3), paired(gains, 1, 1)
    assert one.value == pytest.approx(gains.mean())
    assert (apart.half or 0) < (one.half or 0) < (many.half or 0)


def test_extra_variance_and_band_by_simulation() -> None:
    chance = np.random.default_rng(2)
    mean = np.full(20_000, 80.0)
    came = chance.poisson(mean * chance.gamma(25, 1 / 25, len(mean))).astype(float)
    found = extra(mean, came)
    assert found == pytest.approx(1 / 25, rel=0.1)
    low, high = band(mean[:1], found)
    assert ((came >= low) & (came <= high)).mean() == pytest.approx(0.9, abs=0.015)


def test_one_day_of_history_still_gives_an_answer_and_says_so() -> None:
    past = read_text("came,calls\n2026-11-24 09:00,30\n2026-11-24 10:00,50\n", "x", ZONE)
    found = forecast(grid(past, 3600, weekday_kind), weekday_kind, dt.date(2026, 11, 25), 4)
    assert [round(day.total) for day in found.days] == [80, 80, 80, 0]
    said = " ".join(sentences(found, ja=False))
    assert "1 open days" in said
    assert "no Wednesday" in said


def test_holidays_are_days_of_their_own_and_months_turn_in_tokyo() -> None:
    # 2026-11-03 is Culture Day: a Tuesday with few calls; the 30th is the last day of the month.
    lines = ["came,calls"]
    for n in range(60):
        day = dt.date(2026, 10, 1) + dt.timedelta(days=n)
        if day.weekday() < 5:
            calls = 5 if national_kind(day) is DayKind.HOLIDAY else 100
            lines.append(f"{day} 09:00,{calls}")
    past = read_text("\n".join(lines), "x", ZONE)
    of = grid(past, 3600, national_kind)
    holiday = of.dates.index(dt.date(2026, 11, 3))
    assert of.kinds[holiday] is DayKind.HOLIDAY
    found = forecast(of, national_kind, dt.date(2026, 12, 28), 8)
    by_day = {day.date.isoformat(): round(day.total) for day in found.days}
    assert by_day["2026-12-28"] == 100
    assert by_day["2026-12-29"] == by_day["2027-01-01"] == 5
    assert by_day["2027-01-04"] == 100


def test_closed_days_have_no_calls_and_nothing_cannot_be_forecast() -> None:
    def closed(day: dt.date) -> DayKind:
        return DayKind.CLOSED

    of = made(30)
    assert not sum(day.total for day in forecast(of, closed, FIRST, 3).days)
    empty = read_text("came,calls\n2026-11-24 09:00,0\n", "x", ZONE)
    with pytest.raises(Refused):
        forecast(grid(empty, 3600, weekday_kind), weekday_kind, FIRST, 3)
    with pytest.raises(Refused):
        forecast(of, weekday_kind, FIRST, 63)


def test_the_coming_day_is_a_scenario_that_reads_back() -> None:
    text = "came,queue,outcome,wait_s,talk_s,wrap_up_s\n" + "".join(
        f"2026-11-{day:02d} {hour}:{minute:02d},{queue},answered,{minute},100,20\n"
        for day in (24, 25, 26, 27)
        for hour in (10, 11)
        for minute in range(0, 60, 10)
        for queue in ("tax", "waste")
    )
    past = read_text(text, "x", ZONE)
    of = grid(past, 3600, weekday_kind)
    found = forecast(of, weekday_kind, dt.date(2026, 11, 30), 1)
    fitted = fit(past, weekday_kind, Asked())
    whole = scenario_fit(fitted, of, found.days[0].calls, found.test, "monday")
    study = read_scenario(scenario_toml(whole.scenario, whole))
    assert [each.name for each in study.scenario.classes] == ["tax", "waste"]
    rates = study.scenario.classes[0].arrivals_per_s
    assert sum(rates) * 3600 * 2 == pytest.approx(found.days[0].total, rel=1e-4)
