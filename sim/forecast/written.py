"""A forecast day as a scenario file."""

from __future__ import annotations

from sim.calibrate.days import KindOf
from sim.calibrate.fit import Asked, fit
from sim.calibrate.past import Past
from sim.calibrate.told import warnings
from sim.calibrate.written import scenario_toml
from sim.forecast.coming import Coming, Forecast, scenario_fit
from sim.forecast.told import sentences


def next_day(found: Forecast) -> Coming:
    """The first day with calls."""
    return next((each for each in found.days if each.total), found.days[0])


def forecast_scenario(
    found: Forecast, past: Past, kind_of: KindOf, *, calendar: bool, name: str, lang: str
) -> str:
    """The first day with calls: its calls as forecast, all else as the records have it."""
    day, ja = next_day(found), lang == "ja"
    asked = Asked(period_s=found.grid.period_s, kind=day.kind, busiest=not day.seen)
    fitted = fit(past, kind_of, asked, calendar=calendar)
    made = scenario_fit(fitted, found.grid, day.calls, found.test, name)
    head = [f"{day.date} の予測" if ja else f"The forecast of {day.date}",
            *sentences(found, ja=ja), *warnings(fitted, ja=ja)]  # fmt: skip
    return scenario_toml(made.scenario, made, head)
