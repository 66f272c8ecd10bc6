"""``madoguchi plan intraday``: from this morning to the rest of the day, and whom to add."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from acd.cli.options import DEFAULT_CENTRE, CentreOption, JsonOption
from acd.cli.plan.history import (
    FromOption,
    PeriodOption,
    RecordsArgument,
    history,
    period_s,
)
from acd.cli.plan.studying import CsvOption, SeedOption, shown_progress
from acd.cli.words import japanese, say
from acd.errors import Refused

if TYPE_CHECKING:
    from sim.calibrate.past import Past
    from sim.forecast.rest_seats import RestSeats
    from sim.forecast.today import Today
    from sim.inputs.scenario import Scenario

#: What is usual is learnt from so many weeks of the ledger, unless ``--from`` says otherwise.
WEEKS = 13


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
                "いまの人数 (省略時は 曜日の平均)。",
                "Operators now (default: as on such days).",
            ),
        ),
    ] = None,
    period: PeriodOption = "30m",
    first_day: FromOption = None,
    seed: SeedOption = 1,
    centre: CentreOption = DEFAULT_CENTRE,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Say whom to add or release first, then why."""
    from sim.forecast.rest_seats import rest_seats
    from sim.inputs.quantities import share

    wanted, length_s = share(target), period_s(period)
    if not 0 < wanted < 1:
        raise Refused("--target lies between 0% and 100%", ja="--target は0%と100%の間です。")
    found, scenario = _prepared(records, now, first_day, centre, length_s, seats)
    with shown_progress() as progress:
        needed = rest_seats(scenario, wanted, seed, progress)
    if as_json:
        typer.echo(json.dumps(_data(found, needed), ensure_ascii=False, indent=2))
    elif as_csv:
        typer.echo(_csv(found, needed), nl=False)
    else:
        _show(found, needed)


def _prepared(
    records: Path | None, now: dt.datetime | None, first_day: dt.datetime | None,
    centre: Path, length_s: int, seats: int | None,
) -> tuple[Today, Scenario]:  # fmt: skip
    """Today's expectation, and the rest of the day as a scenario."""
    from sim.calibrate.days import DayKind, grid
    from sim.calibrate.fit import Asked, fit
    from sim.calibrate.past import within
    from sim.forecast.today import rest_scenario
    from sim.forecast.today import today as told

    asked_day = now
    if asked_day is None and records is None:
        from acd.config import load_timezone

        asked_day = dt.datetime.now(ZoneInfo(load_timezone(centre)))
    if records is None and first_day is None and asked_day is not None:
        first_day = asked_day - dt.timedelta(weeks=WEEKS)
    read = history(records, centre, first_day, asked_day, time.time())
    moment_s = _moment_s(read.past, now, of_file=records is not None)
    day = dt.datetime.fromtimestamp(moment_s, read.past.zone).date()
    if day <= read.past.first:
        raise Refused(
            "there is no day before today in the records: what is usual is not known",
            ja="今日より前の日の記録がないため、いつもの件数がわかりません。",
        )
    if read.kind_of(day) is DayKind.CLOSED:
        raise Refused(
            f"{day} is closed by the centre's calendar: there is nothing to plan",
            ja=f"{day}はセンターのカレンダーで閉庁日のため、計画するものがありません。",
        )
    before = within(read.past, None, day - dt.timedelta(days=1))
    of = grid(before, length_s, read.kind_of, calendar=read.calendar)
    found = told(of, read.kind_of(day), _so_far(read.past, day, moment_s, of.opens_s, length_s))
    asked = Asked(period_s=length_s, kind=found.kind, busiest=False, seats=seats)
    fitted = fit(before, read.kind_of, asked, calendar=read.calendar)
    return found, rest_scenario(fitted, of, found)


def _moment_s(past: Past, now: dt.datetime | None, *, of_file: bool) -> float:
    """The present, in Unix seconds."""
    if now is not None:
        return now.replace(tzinfo=past.zone).timestamp()
    return float(past.came_s[-1]) if of_file and len(past) else time.time()


def _so_far(past: Past, day: dt.date, moment_s: float, opens_s: int, length_s: int) -> list[int]:
    """Today's calls in the intervals that are over."""
    from sim.calibrate.past import midnights_s

    begin_s = float(midnights_s(day, 1, past.zone)[0]) + opens_s
    over = max(0, int((moment_s - begin_s) // length_s))
    counts = [0] * over
    for came_s, number in zip(past.came_s.tolist(), past.counted.tolist(), strict=True):
        at = int((came_s - begin_s) // length_s)
        if came_s >= begin_s and at < over:
            counts[at] += number
    return counts


def _show(now: Today, seats: RestSeats) -> None:
    from rich.console import Console

    from acd.cli.plan.showing import said, table
    from sim.forecast.told_today import clock, percent, sentences
    from sim.report.paper import Sheet

    out = Console()
    said(out, sentences(now, seats, ja=japanese()))
    rows = [
        (clock(hour.begins_s), str(sum(hour.now)), percent(hour.level_now),
         percent(hour.answered_now), f"{hour.change:+d}" if hour.change else "0",
         _seats_said(seats, hour.needed), percent(hour.level_needed))
        for hour in seats.hours
    ]  # fmt: skip
    head = (
        say("時刻", "From"), say("いまの人数", "seats now"), say("基準内の応答", "in time"),
        say("応答率", "answered"), say("増減", "change"), say("必要な人数", "seats needed"),
        say("そのとき", "then in time"),
    )  # fmt: skip
    out.print(table(Sheet(say("残りの時間の人数", "Seats for the rest of the day"), head,
                          tuple(rows))))  # fmt: skip
    calls = [
        (clock(now.opens_s + (now.over + n) * now.period_s), f"{now.usual[now.over + n]:,.0f}",
         f"{each:,.0f}", f"{now.low[n]:,.0f}–{now.high[n]:,.0f}")
        for n, each in enumerate(now.expected)
    ]  # fmt: skip
    names = (say("時刻", "From"), say("いつも", "usual"), say("見込み", "expected"),
            say("10日中9日の幅", "nine days of ten"))  # fmt: skip
    out.print(table(Sheet(say("このあとの着信", "Calls to come"), names, tuple(calls))))


def _seats_said(seats: RestSeats, needed: tuple[int, ...]) -> str:
    if len(needed) == 1:
        return str(needed[0])
    parts = " ".join(f"{name} {n}" for name, n in zip(seats.groups, needed, strict=True))
    return f"{sum(needed)} ({parts})"


def _data(now: Today, seats: RestSeats) -> dict[str, Any]:
    from sim.forecast.told_today import clock, sentences

    def both(of: Any) -> dict[str, float | None]:
        return {"value": of.mean, "half_width_95": of.half}

    return {
        "said": sentences(now, seats, ja=japanese()),
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

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["from", "calls", "seats_now", "change", "sl_offered_now", "half_width_95",
                     "sl_offered_needed"])  # fmt: skip
    for hour in seats.hours:
        calls = sum(
            float(each) for n, each in enumerate(now.expected)
            if (now.opens_s + (now.over + n) * now.period_s) // 3600 == hour.begins_s // 3600
        )  # fmt: skip
        level = hour.level_now
        writer.writerow(
            [clock(hour.begins_s), round(calls, 1), sum(hour.now), hour.change, level.mean,
             level.half, hour.level_needed.mean]
        )  # fmt: skip
    return out.getvalue()
