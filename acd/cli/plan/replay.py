"""``madoguchi plan replay``: a recorded day through the production engine, and what if."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.plan.form import PLAIN, Form, taking
from acd.cli.plan.studying import language
from acd.cli.words import japanese, say
from acd.errors import Refused

if TYPE_CHECKING:
    from acd.core.plan import Plan
    from sim.replay.day import Day
    from sim.replay.report import Report

DayOption = Annotated[
    str | None,
    typer.Option(
        "--day",
        metavar="YYYY-MM-DD",
        help=say(
            "再現する日(既定は昨日、なければ最後に記録のある日)。",
            "The day (default: yesterday, or else the last one recorded).",
        ),
    ),
]
RecordsOption = Annotated[
    Path | None,
    typer.Option(
        "--records",
        help=say(
            "記録のあるフォルダー(既定はセンターのもの。例: var/demo)。",
            "The folder of the records (default: the centre's own; e.g. var/demo).",
        ),
    ),
]
PlusOption = Annotated[
    int,
    typer.Option("--plus", min=0, max=1000, help=say("増やす人数。", "So many operators more.")),
]
LikeOption = Annotated[
    str | None,
    typer.Option(
        "--like",
        help=say(
            "増やす人が同じように働くオペレーター(既定は最も多く受けた人)。",
            "Whose skills and hours they have (default: who took most calls).",
        ),
    ),
]
AbsentOption = Annotated[
    str | None,
    typer.Option(
        "--absent",
        help=say("休む人。人数、または「op01,op02」。", "Who is absent: a number, or op01,op02."),
    ),
]
LinesOption = Annotated[
    str | None,
    typer.Option(
        "--lines",
        help=say("回線数。「-1」は1本減。", "Lines in all, or one less: --lines=-1."),
    ),
]
PlanOption = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        help=say("別の計画(センターのフォルダー)。", "Another plan (a centre's folder)."),
    ),
]


@taking("replay")
def replay(
    centre: CentreOption = DEFAULT_CENTRE,
    day: DayOption = None,
    records: RecordsOption = None,
    plus: PlusOption = 0,
    like: LikeOption = None,
    absent: AbsentOption = None,
    lines: LinesOption = None,
    plan: PlanOption = None,
    form: Form = PLAIN,
) -> None:
    """The replay's error first, then what the change would have done to the same day."""
    from sim.replay.asked import Asked, change_of
    from sim.replay.report import claimable, report_of, told

    found = _day(centre, day, records)
    other = _plan(plan) if plan else None
    change = change_of(found, Asked(plus, like, absent, lines, other, form.seed))
    report = report_of(found, change, form.seed, form.half_width())
    form.give(
        lambda: typer.echo("\n".join(told(report, japanese=japanese()))),
        data=report.as_json,
        rows=report.as_csv,
        page=lambda: _page(report),
        figures=lambda: claimable(report),
    )


def _page(report: Report) -> str:
    from sim.replay.report import sentences, sheet
    from sim.report.of_held import replay_plots
    from sim.report.of_told import told_paper
    from sim.report.page import page

    said = tuple(sentences(report, japanese=japanese()))
    title = say("記録した一日の再現", "A recorded day, played again")
    paper = told_paper(
        title, report.date.isoformat(), said, language(),
        plots=replay_plots(report, language()), sheets=(sheet(report, japanese=japanese()),),
    )  # fmt: skip
    return page(paper)


def _day(centre: Path, day: str | None, records: Path | None) -> Day:
    from acd.bootstrap.logs import configure_logging
    from acd.bootstrap.recorded_day import recorded_day
    from acd.config import load_settings, load_timezone

    settings = load_settings(centre)
    configure_logging(settings.log)
    if records is not None:
        settings = settings.model_copy(update={"state_dir": records.resolve()})
    try:
        date = dt.date.fromisoformat(day) if day else None
    except ValueError as error:
        raise Refused(
            f'"{str(day)[:40]}" is no date: write it like 2026-11-22',
            ja=f"「{str(day)[:40]}」は日付ではありません。2026-11-22 のように書いてください。",
        ) from error
    return asyncio.run(recorded_day(settings, ZoneInfo(load_timezone(centre)), date))


def _plan(where: Path) -> Plan:
    from acd.config import load_centre

    return load_centre(where.parent if where.is_file() else where).plan
