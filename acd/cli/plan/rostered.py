"""Whose roster ``plan intraday`` takes: a file's, or the one that the centre took in."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.files import MAX_ROSTER_BYTES, read_text
from acd.cli.words import say

if TYPE_CHECKING:
    from acd.config import Centre
    from metrics.roster import Shift
    from sim.forecast.rostered import Groups

RosterOption = Annotated[
    Path | None,
    typer.Option(
        "--roster",
        metavar="FILE.csv",
        help=say(
            "今日の勤務表 (date,operator,from,to,kind。 省略時は 取り込み済みのもの)。",
            "Today's roster: date,operator,from,to,kind (default: the one taken in).",
        ),
    ),
]


def planned(
    roster: Path | None, centre: Path | None, day: dt.date, zone: dt.tzinfo
) -> tuple[Sequence[Shift], Groups]:
    """The planned stretches of a day, and which group each operator is of. ``centre`` None: the
    calls are a file's, so that nobody's group is known. Without a file and without a roster that
    was taken in there are no stretches."""
    from metrics.intervals import between
    from metrics.roster import parse_roster

    if centre is None:
        text = read_text(roster, MAX_ROSTER_BYTES) if roster is not None else None
        return (() if text is None else parse_roster(text, None, zone)), {}
    from acd.adapters.sql.roster import SqlRoster
    from acd.bootstrap.past_calls import groups_by_operator
    from acd.config import load_centre

    found: Centre = load_centre(centre)
    if roster is not None:
        known = [agent.id for agent in found.plan.agents]
        shifts = parse_roster(read_text(roster, MAX_ROSTER_BYTES), known, zone)
    else:
        store = SqlRoster(found.settings.database_url)
        shifts = asyncio.run(store.shifts(between(day, day, zone)))
    return shifts, groups_by_operator(found.plan)


def told(roster: Path | None) -> str:
    """Where the seats come from, as a sentence."""
    name = roster.name if roster else say("取り込み済みの勤務表", "the roster that was taken in")
    return say(
        f"人数は{name}のものです(時間帯ごとに画面の前にいる平均の人数。休憩中は数えません)。",
        f"The seats are those of {name}: the mean number at work in each interval, breaks left "
        "out.",
    )
