"""``madoguchi plan intraday``: from this morning to the rest of the day, and whom to add."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.plan.form import PLAIN, Form, csv_text, taking
from acd.cli.plan.history import (
    FromOption,
    PeriodOption,
    RecordsArgument,
    history,
    period_s,
)
from acd.cli.plan.progress import shown_progress
from acd.cli.plan.rostered import RosterOption, planned, told
from acd.cli.plan.studying import language
from acd.cli.words import japanese, say
from acd.errors import Refused

if TYPE_CHECKING:
    from sim.calibrate.past import Past
    from sim.forecast.rest_seats import RestSeats
    from sim.forecast.today import Today
    from sim.inputs.scenario import Scenario
    from sim.results import Estimate


@taking("intraday")
def intraday(
    records: RecordsArgument = None,
    now: Annotated[
        dt.datetime | None,
        typer.Option(
            "--now",
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
            help=say(
                "いまの日時 (省略時は時計、 CSVでは最後の電話)。",
                "The moment (default: the clock; of a CSV its last call).",
            ),
        ),
    ] = None,
    target: Annotated[
        str,
        typer.Option(
            "--target",
            help=say(
                "基準時間内に 応答する割合の目標。", "Share to be answered in time, each hour."
            ),
        ),
    ] = "80%",
    seats: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100_000,
            help=say(
                "いまの人数 (省略時は 勤務表、 なければ曜日の平均)。",
                "Operators now (default: the roster's, else as on such days).",
            ),
        ),
    ] = None,
    roster: RosterOption = None,
    period: PeriodOption = "30m",
    first_day: FromOption = None,
    centre: CentreOption = DEFAULT_CENTRE,
    form: Form = PLAIN,
) -> None:
    """Say whom to add or release first, then why."""
    from sim.forecast.rest_seats import rest_seats
    from sim.forecast.told_today import sentences
    from sim.inputs.quantities import share
    from sim.report.of_today import intraday_paper
    from sim.report.page import page

    wanted, length_s = share(target), period_s(period)
    _check(wanted, seats, roster)
    found, scenario, source = _prepared(records, now, first_day, centre, length_s, seats, roster)
    with shown_progress() as progress:
        needed = rest_seats(scenario, wanted, form.seed, progress, form.half_width())
    said = [*sentences(found, needed, ja=japanese()), *source]
    form.give(
        lambda: _show(found, needed, said),
        data=lambda: json.dumps(_data(found, needed, said), ensure_ascii=False, indent=2),
        rows=lambda: _csv(found, needed),
        page=lambda: page(intraday_paper(found, needed, said, language())),
        figures=lambda: _figures(found, needed),
    )


def _check(target: float, seats: int | None, roster: Path | None) -> None:
    if not 0 < target < 1:
        raise Refused("--target lies between 0% and 100%", ja="--target は0%と100%の間です。")
    if seats is not None and roster is not None:
        raise Refused(
            "--seats and --roster exclude each other",
            ja="--seats と --roster は同時に使えません。",
        )


def _prepared(
    records: Path | None, now: dt.datetime | None, first_day: dt.datetime | None,
    centre: Path, length_s: int, seats: int | None, roster: Path | None,
) -> tuple[Today, Scenario, list[str]]:  # fmt: skip
    """Today's expectation, the rest of the day as a scenario, and where its seats come from if a
    roster tells them."""
    from sim.forecast.rest_of_day import WEEKS, Rostered, rest_of_day

    asked_day = now
    if asked_day is None and records is None:
        from acd.config import load_timezone

        asked_day = dt.datetime.now(ZoneInfo(load_timezone(centre)))
    if records is None and first_day is None and asked_day is not None:
        first_day = asked_day - dt.timedelta(weeks=WEEKS)
    read = history(records, centre, first_day, asked_day, time.time())

    def there(day: dt.date) -> Rostered:
        rows, groups = planned(roster, centre if records is None else None, day, read.past.zone)
        return rows, groups, bool(rows) or roster is not None

    found = rest_of_day(
        read.past, read.kind_of, _moment_s(read.past, now, of_file=records is not None), length_s,
        calendar=read.calendar, seats=seats, roster=there,
    )  # fmt: skip
    return found.today, found.scenario, [told(roster)] if found.rostered else []


def _moment_s(past: Past, now: dt.datetime | None, *, of_file: bool) -> float:
    """The present, in Unix seconds."""
    if now is not None:
        return now.replace(tzinfo=past.zone).timestamp()
    return float(past.came_s[-1]) if of_file and len(past) else time.time()


def _show(now: Today, seats: RestSeats, sentences: Sequence[str]) -> None:
    from rich.console import Console

    from acd.cli.plan.showing import said, table
    from sim.report.of_today import intraday_sheets

    out = Console()
    said(out, sentences)
    for sheet in intraday_sheets(now, seats, language()):
        out.print(table(sheet))


def _data(now: Today, seats: RestSeats, said: Sequence[str]) -> dict[str, Any]:
    from sim.forecast.told_today import clock

    def both(of: Any) -> dict[str, float | None]:
        return {"value": of.mean, "half_width_95": of.half}

    return {
        "said": list(said),
        "came": now.came,
        "usual_so_far": now.usual_so_far,
        "busyness": now.busyness,
        "to_come": {"calls": now.rest, "low": now.rest_low, "high": now.rest_high},
        "intervals": [
            {"from": clock(now.opens_s + (now.over + n) * now.period_s), "calls": float(each),
             "low": float(now.low[n]), "high": float(now.high[n])}
            for n, each in enumerate(now.expected)
        ],
        "sl_offered": both(seats.level_now),
        "sl_excl_early_abandons": both(seats.excl_now),
        "answer_rate_a": both(seats.answered_now),
        "target": seats.target,
        "hours": [
            {"from": clock(hour.begins_s), "change": hour.change,
             "now": dict(zip(seats.groups, hour.now, strict=True)),
             "needed": dict(zip(seats.groups, hour.needed, strict=True)),
             "sl_offered_now": both(hour.level_now),
             "sl_offered_needed": both(hour.level_needed)}
            for hour in seats.hours
        ],
    }  # fmt: skip


def _csv(now: Today, seats: RestSeats) -> str:
    from sim.forecast.told_today import clock

    rows = []
    for hour in seats.hours:
        calls = sum(
            float(each) for n, each in enumerate(now.expected)
            if (now.opens_s + (now.over + n) * now.period_s) // 3600 == hour.begins_s // 3600
        )  # fmt: skip
        level = hour.level_now
        rows.append(
            [clock(hour.begins_s), round(calls, 1), sum(hour.now), hour.change, level.mean,
             level.half, hour.level_needed.mean]
        )  # fmt: skip
    return csv_text(
        ["from", "calls", "seats_now", "change", "sl_offered_now", "half_width_95",
         "sl_offered_needed"], rows,
    )  # fmt: skip


def _figures(now: Today, seats: RestSeats) -> dict[str, Estimate]:
    """What can be claimed: of the rest of the day with the seats that there are, unless it is
    said otherwise."""
    from sim.results import Estimate

    changes = [hour.change for hour in seats.hours]
    levels = [hour.level_now for hour in seats.hours if hour.level_now.mean is not None]
    worst = min(levels, key=lambda each: each.mean or 0.0, default=Estimate(None))
    return {
        "sl_offered": seats.level_now,
        "sl_excl_early_abandons": seats.excl_now,
        "answer_rate_a": seats.answered_now,
        "worst_hour.sl_offered": worst,
        "sl_offered_needed": seats.level_needed,
        "to_add": Estimate(max(0, *changes)),
        "to_release": Estimate(max(0, *(-each for each in changes))),
        "calls_to_come": Estimate(now.rest),
        "busyness": Estimate(now.busyness),
    }
