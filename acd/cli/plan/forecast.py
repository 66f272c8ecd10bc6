"""``madoguchi plan forecast``: the calls of the coming days, and how far to trust that."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.plan.form import PLAIN, Form, csv_text, taking
from acd.cli.plan.history import (
    FromOption,
    PeriodOption,
    RecordsArgument,
    ToOption,
    WriteOption,
    history,
    period_s,
    write,
)
from acd.cli.plan.studying import language
from acd.cli.words import japanese, say

if TYPE_CHECKING:
    from sim.forecast.coming import Forecast
    from sim.results import Estimate


@taking("forecast")
def forecast(
    records: RecordsArgument = None,
    days: Annotated[
        int, typer.Option(min=1, max=62, help=say("何日先まで。", "How many days."))
    ] = 7,
    start: Annotated[
        dt.datetime | None,
        typer.Option(
            "--start",
            formats=["%Y-%m-%d"],
            help=say(
                "最初の日(省略時は記録の翌日)。",
                "First day (default: after the last of the records).",
            ),
        ),
    ] = None,
    period: PeriodOption = "1h",
    first_day: FromOption = None,
    last_day: ToOption = None,
    write_to: WriteOption = None,
    centre: CentreOption = DEFAULT_CENTRE,
    form: Form = PLAIN,
) -> None:
    """Forecast, say by what and how good it was, and write the first open day as a scenario."""
    from sim.calibrate.days import grid
    from sim.forecast.coming import forecast as told
    from sim.report.of_forecast import forecast_paper
    from sim.report.page import page

    length_s = period_s(period)
    read = history(records, centre, first_day, last_day)
    of = grid(read.past, length_s, read.kind_of, calendar=read.calendar)
    first = start.date() if start else read.past.last + dt.timedelta(days=1)
    found = told(of, read.kind_of, first, days)
    if write_to is not None:
        from sim.forecast.written import forecast_scenario

        text = forecast_scenario(
            found, read.past, read.kind_of, calendar=read.calendar, name=write_to.stem[:60],
            lang=language(),
        )  # fmt: skip
        write(write_to, text)
    form.give(
        lambda: _show(found),
        data=lambda: json.dumps(_data(found), ensure_ascii=False, indent=2),
        rows=lambda: _csv(found),
        page=lambda: page(forecast_paper(found, language())),
        figures=lambda: _figures(found),
    )


def _show(found: Forecast) -> None:
    from rich.console import Console

    from acd.cli.plan.showing import said, table
    from sim.forecast.told import sentences
    from sim.report.of_forecast import forecast_sheets

    out = Console()
    said(out, sentences(found, ja=japanese()))
    for sheet in forecast_sheets(found, language()):
        out.print(table(sheet))


def _data(found: Forecast) -> dict[str, Any]:
    from sim.forecast.told import sentences
    from sim.report.of_forecast import clock_of

    return {
        "said": sentences(found, ja=japanese()),
        "model": found.test.chosen,
        "backtest": {
            "days": found.test.days,
            "ahead": found.test.ahead,
            "band_held": found.test.covered,
            "models": [
                {"name": each.name, "error": each.error, "gain_calls_per_day": each.gain.value,
                 "half_width_95": _finite(each.gain.half), "better": each.better}
                for each in found.test.scores
            ],
        },
        "days": [
            {"date": day.date.isoformat(), "kind": day.kind.name.lower(), "calls": day.total,
             "low": day.total_low, "high": day.total_high,
             "intervals": [
                 {"from": clock_of(found, n), "calls": float(day.calls[n]),
                  "low": float(day.low[n]), "high": float(day.high[n])}
                 for n in range(found.grid.periods)]}
            for day in found.days
        ],
    }  # fmt: skip


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _csv(found: Forecast) -> str:
    from sim.report.of_forecast import clock_of

    return csv_text(
        ["date", "kind", "from", "calls", "low", "high"],
        [
            [day.date.isoformat(), day.kind.name.lower(), clock_of(found, n),
             round(float(day.calls[n]), 2), day.low[n], day.high[n]]
            for day in found.days for n in range(found.grid.periods)
        ],
    )  # fmt: skip


def _figures(found: Forecast) -> dict[str, Estimate]:
    """What can be claimed: the calls to come, and how well past days were told."""
    from sim.results import Estimate

    test = found.test
    score = next((each for each in test.scores if each.name == test.chosen), None)
    told = {
        "band_held": Estimate(test.covered),
        "error": Estimate(score.error if score else None),
        "gain_calls_per_day": Estimate(
            score.gain.value if score else None, _finite(score.gain.half) if score else None
        ),
    }
    busiest = max(each.total for each in found.days)
    whole = sum(each.total for each in found.days)
    return {"calls": Estimate(whole), "busiest_day": Estimate(busiest), **told}
