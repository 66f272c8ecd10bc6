"""Where the planner's verbs on records read them: a CSV file, or the centre's ledger."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from acd.cli.files import write_file
from acd.cli.words import say
from acd.errors import Refused

if TYPE_CHECKING:
    from sim.page.ledger import History

_DAY = ["%Y-%m-%d"]
_ZONE = "Asia/Tokyo"

RecordsArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[RECORDS.csv]",
        help=say(
            # Spaces let the help break its lines.
            "電話の記録のCSV。 省略時はセンターの通話記録。 列: came (着信日時、必須)、 queue、 "
            "outcome (answered、 abandoned、 blocked、 left)、 wait_s、 talk_s、 hold_s、 "
            "wrap_up_s と caller、 operator。 件数だけの記録は came と calls。",
            "CSV of calls; without it the centre's ledger. Columns: came (needed), queue, outcome "
            "(answered/abandoned/blocked/left), wait_s, talk_s, hold_s, wrap_up_s, caller, "
            "operator; of counts alone: came and calls.",
        ),
    ),
]
FromOption = Annotated[
    dt.datetime | None,
    typer.Option("--from", formats=_DAY, help=say("この日から。", "From this day.")),
]
ToOption = Annotated[
    dt.datetime | None,
    typer.Option("--to", formats=_DAY, help=say("この日まで (省略時は昨日)。",
                                                "Up to this day (default: yesterday).")),
]  # fmt: skip
PeriodOption = Annotated[
    str, typer.Option("--period", help=say("時間帯の長さ (15m、30m、1h)。", "15m, 30m or 1h."))
]
WriteOption = Annotated[
    Path | None,
    typer.Option("--write", metavar="FILE",
                 help=say("シナリオを 書き出します。", "Write the scenario to this file.")),
]  # fmt: skip


def history(
    records: Path | None,
    centre: Path,
    first: dt.datetime | None = None,
    last: dt.datetime | None = None,
    now_s: float | None = None,
) -> History:
    """Read the records between two days; of the ledger, those that are over.

    Raises:
        MadoguchiError: they cannot be read, with every fault.
    """
    begin, end = first.date() if first else None, last.date() if last else None
    if begin and end and end < begin:
        raise Refused(
            "--to is before --from", ja="--to が --from より前になっています。", code="bad_range"
        )
    if records is not None:
        return _from_file(records, begin, end)
    from acd.bootstrap.logs import configure_logging
    from acd.bootstrap.past_calls import kinds_of, past_of
    from acd.config import load_centre
    from sim.calibrate.national import national_kind
    from sim.page.ledger import History

    found = load_centre(centre)
    configure_logging(found.settings.log)
    now = time.time() if now_s is None else now_s
    past = asyncio.run(past_of(found, begin, end, now, _told()))
    kind_of = kinds_of(found.plan)
    return History(past, kind_of or national_kind, kind_of is not None)


def _told() -> Callable[[int, int], None]:
    """A line of progress, on a terminal only."""
    if not sys.stderr.isatty():
        return lambda done, whole: None

    def told(done: int, whole: int) -> None:
        text = say(f"{done}/{whole}日を読みました", f"{done} of {whole} days read")
        sys.stderr.write(f"\r{text}" + ("\n" if done == whole else ""))

    return told


def _from_file(path: Path, first: dt.date | None, last: dt.date | None) -> History:
    from sim.calibrate.csv_file import read_csv
    from sim.calibrate.national import national_kind
    from sim.calibrate.past import within
    from sim.page.ledger import History

    past = read_csv(path, ZoneInfo(_ZONE))
    if first or last:
        past = within(past, first, last)
    return History(past, national_kind, calendar=False)


def period_s(text: str) -> int:
    """The length of an interval that a person asked for."""
    from sim.inputs.quantities import positive_duration_s

    seconds = positive_duration_s(text)
    if seconds not in (900.0, 1800.0, 3600.0):
        raise Refused("--period is 15m, 30m or 1h", ja="--period は 15m、30m、1h のどれかです。")
    return int(seconds)


def write(path: Path, text: str) -> None:
    """Write a scenario's file."""
    write_file(path, text)
    typer.echo(say(f"{path} を書きました。", f"{path} written."), err=True)
