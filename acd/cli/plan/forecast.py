"""``madoguchi plan forecast``: the calls of the coming days, and how far to trust that."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acd.cli.options import DEFAULT_CENTRE, CentreOption, JsonOption
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
from acd.cli.plan.studying import CsvOption
from acd.cli.words import japanese, say

if TYPE_CHECKING:
    from sim.calibrate.fit import Fit
    from sim.forecast.coming import Coming, Forecast


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
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Forecast, say by what and how good it was, and write the first open day as a scenario."""
    from sim.calibrate.days import grid
    from sim.forecast.coming import forecast as told

    length_s = period_s(period)
    read = history(records, centre, first_day, last_day)
    of = grid(read.past, length_s, read.kind_of, calendar=read.calendar)
    first = start.date() if start else read.past.last + dt.timedelta(days=1)
    found = told(of, read.kind_of, first, days)
    if as_json:
        typer.echo(json.dumps(_data(found), ensure_ascii=False, indent=2))
    elif as_csv:
        typer.echo(_csv(found), nl=False)
    else:
        _show(found)
    if write_to is not None:
        from sim.calibrate.fit import Asked, fit

        day = _next(found)
        asked = Asked(period_s=length_s, kind=day.kind, busiest=not day.seen)
        fitted = fit(read.past, read.kind_of, asked, calendar=read.calendar)
        write(write_to, _scenario(found, day, fitted, write_to.stem[:60]))


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
    from sim.calibrate.told import kind_said
    from sim.forecast.told import sentences
    from sim.report.paper import Sheet

    ja, out = japanese(), Console()
    said(out, sentences(found, ja=ja))
    rows = [
        (f"{day.date} {kind_said(day.kind, ja=ja)}", f"{day.total:,.0f}",
         f"{day.total_low:,.0f}–{day.total_high:,.0f}", str(day.seen))
        for day in found.days
    ]  # fmt: skip
    head = (say("日", "Day"), say("件数", "calls"), say("10日中9日の幅", "nine days of ten"),
            say("同じ種類の日数", "days like it"))  # fmt: skip
    out.print(table(Sheet(say("日ごとの見込み", "By day"), head, tuple(rows))))
    busy = [day for day in found.days if day.total][:3]
    if busy:
        out.print(table(_intervals(found, busy)))


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
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["date", "kind", "from", "calls", "low", "high"])
    for day in found.days:
        for n in range(found.grid.periods):
            writer.writerow([day.date.isoformat(), day.kind.name.lower(), _clock(found, n),
                             round(float(day.calls[n]), 2), day.low[n], day.high[n]])  # fmt: skip
    return out.getvalue()
