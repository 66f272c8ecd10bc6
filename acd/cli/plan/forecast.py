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
    from sim.calibrate.fit import Fit
    from sim.forecast.coming import Coming, Forecast
    from sim.report.paper import Sheet
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

    length_s = period_s(period)
    read = history(records, centre, first_day, last_day)
    of = grid(read.past, length_s, read.kind_of, calendar=read.calendar)
    first = start.date() if start else read.past.last + dt.timedelta(days=1)
    found = told(of, read.kind_of, first, days)
    if write_to is not None:
        from sim.calibrate.fit import Asked, fit

        day = _next(found)
        asked = Asked(period_s=length_s, kind=day.kind, busiest=not day.seen)
        fitted = fit(read.past, read.kind_of, asked, calendar=read.calendar)
        write(write_to, _scenario(found, day, fitted, write_to.stem[:60]))
    form.give(
        lambda: _show(found),
        data=lambda: json.dumps(_data(found), ensure_ascii=False, indent=2),
        rows=lambda: _csv(found),
        page=lambda: _report(found),
        figures=lambda: _figures(found),
    )


def _next(found: Forecast) -> Coming:
    """The first day with calls."""
    return next((each for each in found.days if each.total), found.days[0])


def _scenario(found: Forecast, day: Coming, fitted: Fit, name: str) -> str:
    """The day as a scenario."""
    from sim.calibrate.told import warnings
    from sim.calibrate.written import scenario_toml
    from sim.forecast.coming import scenario_fit
    from sim.forecast.told import sentences

    ja = japanese()
    made = scenario_fit(fitted, found.grid, day.calls, found.test, name)
    head = [say(f"{day.date} の予測", f"The forecast of {day.date}"),
            *sentences(found, ja=ja), *warnings(fitted, ja=ja)]  # fmt: skip
    return scenario_toml(made.scenario, made, head)


def _clock(found: Forecast, interval: int) -> str:
    minutes = (found.grid.opens_s + interval * found.grid.period_s) // 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _show(found: Forecast) -> None:
    from rich.console import Console

    from acd.cli.plan.showing import said, table
    from sim.forecast.told import sentences

    out = Console()
    said(out, sentences(found, ja=japanese()))
    for sheet in _sheets(found):
        out.print(table(sheet))


def _report(found: Forecast) -> str:
    from sim.forecast.told import sentences
    from sim.report.of_records import forecast_plots
    from sim.report.of_told import told_page

    return told_page(
        say("着信の予測", "The calls to come"),
        f"{found.days[0].date} – {found.days[-1].date}",
        sentences(found, ja=japanese()), language(),
        plots=forecast_plots(found, language()), sheets=_sheets(found),
    )  # fmt: skip


def _sheets(found: Forecast) -> tuple[Sheet, ...]:
    from sim.calibrate.told import kind_said
    from sim.report.paper import Sheet

    ja = japanese()
    rows = [
        (f"{day.date} {kind_said(day.kind, ja=ja)}", f"{day.total:,.0f}",
         f"{day.total_low:,.0f}–{day.total_high:,.0f}", str(day.seen))
        for day in found.days
    ]  # fmt: skip
    head = (say("日", "Day"), say("件数", "calls"), say("10日中9日の幅", "nine days of ten"),
            say("同じ種類の日数", "days like it"))  # fmt: skip
    by_day = Sheet(say("日ごとの見込み", "By day"), head, tuple(rows))
    busy = [day for day in found.days if day.total][:3]
    return (by_day, _intervals(found, busy)) if busy else (by_day,)


def _intervals(found: Forecast, busy: list[Coming]) -> Any:
    from sim.report.paper import Sheet

    rows = [
        (_clock(found, n), *(f"{day.calls[n]:,.0f} ({day.low[n]:,.0f}–{day.high[n]:,.0f})"
                             for day in busy))
        for n in range(found.grid.periods)
    ]  # fmt: skip
    head = (say("時刻", "From"), *(f"{day.date:%m-%d}" for day in busy))
    return Sheet(say("時間帯ごとの見込み(幅)", "By interval (band)"), head, tuple(rows))


def _data(found: Forecast) -> dict[str, Any]:
    from sim.forecast.told import sentences

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
                 {"from": _clock(found, n), "calls": float(day.calls[n]), "low": float(day.low[n]),
                  "high": float(day.high[n])} for n in range(found.grid.periods)]}
            for day in found.days
        ],
    }  # fmt: skip


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _csv(found: Forecast) -> str:
    return csv_text(
        ["date", "kind", "from", "calls", "low", "high"],
        [
            [day.date.isoformat(), day.kind.name.lower(), _clock(found, n),
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
