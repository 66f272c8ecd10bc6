"""``madoguchi ledger lost``: callers whom a fault of ours cut off, for calling them back."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from acd.cli.options import DEFAULT_CENTRE, CentreOption, FirstDayOption, JsonOption, LastDayOption
from acd.cli.words import say

if TYPE_CHECKING:
    from acd.ports_reports import LostCall

_DOING = {
    "menu": ("案内中", "in the menu"),
    "waiting": ("待っていた", "waiting"),
    "talking": ("通話中", "talking"),
}


def register(app: typer.Typer) -> None:
    """Add the verb to ``madoguchi ledger``."""
    told = say(
        "Asteriskの障害などで切れてしまった発信者を、折り返しのために並び順で示します。",
        "List the callers whom a fault cut off, in their order in the line, for calling back.",
    )
    app.command(help=told)(lost)


def lost(
    centre: CentreOption = DEFAULT_CENTRE,
    first_day: FirstDayOption = None,
    last_day: LastDayOption = None,
    numbers: Annotated[
        bool,
        typer.Option(
            "--numbers",
            help=say("電話番号も示します (個人情報)。", "With their numbers (personal data)."),
        ),
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help=say("CSVで。", "As CSV."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Days are the centre's own."""
    from acd.bootstrap.ledger_export import lost_of, span_ms
    from acd.cli.acts import days, note
    from acd.config import load_settings, load_timezone
    from acd.ports_people import OperationKind

    zone = ZoneInfo(load_timezone(centre))
    span = span_ms(first_day, last_day, zone)
    settings = load_settings(centre)

    async def look() -> list[LostCall]:
        if numbers:
            subject = f"lost callers {days(first_day, last_day)}"
            await note(settings, OperationKind.RECORDS_EXPORTED, subject)
        return await lost_of(settings, *span, numbers=numbers)

    found = asyncio.run(look())
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    elif as_csv:
        typer.echo(as_rows(found, zone), nl=False)
    else:
        _print(found, zone, numbers)


def as_rows(found: list[LostCall], zone: ZoneInfo) -> str:
    """The list for a spreadsheet, one caller a line."""
    from acd.bootstrap.ledger_export import cell
    from acd.ports_reports import LostCall

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["local_time", *LostCall.__struct_fields__])
    for each in found:
        values = msgspec.to_builtins(each).values()
        writer.writerow([_moment(each.lost_ms, zone).isoformat(), *map(cell, values)])
    return text.getvalue()


def _moment(at_ms: int, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.fromtimestamp(at_ms // 1000, zone)


def sentence(found: list[LostCall]) -> str:
    """What is to be known at first sight."""
    if not found:
        return say("障害で切れてしまった電話はありません。", "No caller was cut off by a fault.")
    waiting = sum(each.doing == "waiting" for each in found)
    return say(
        f"障害で切れてしまった電話が {len(found)} 件あります (うち待っていた方 {waiting} 件)。",
        f"{len(found)} callers were cut off by a fault, {waiting} of them while waiting.",
    )


def _print(found: list[LostCall], zone: ZoneInfo, numbers: bool) -> None:
    console = Console()
    console.print(sentence(found))
    if not found:
        return
    console.print(table(found, zone, numbers))
    if not numbers:
        console.print(
            say("電話番号は --numbers を付けると示します。", "--numbers shows their numbers.")
        )


def table(found: list[LostCall], zone: ZoneInfo, numbers: bool) -> Table:
    """The callers, the first in line first."""
    made = Table(box=SIMPLE_HEAD)
    heads = [("切れた時刻", "cut off"), ("状態", "was"), ("窓口", "queue"), ("並び順", "place")]
    heads += [("待ち時間", "waited"), ("かけた番号", "dialled"), ("Asterisk", "switch")]
    heads += [("電話番号", "number")] if numbers else [("通話ID", "call")]
    for head in heads:
        made.add_column(say(*head), overflow="fold")
    for each in found:
        minutes, seconds = divmod(each.waited_ms // 1000, 60)
        made.add_row(
            _moment(each.lost_ms, zone).strftime("%m-%d %H:%M:%S"),
            say(*_DOING[each.doing]),
            each.queue or "-",
            str(each.place or "-"),
            f"{minutes}:{seconds:02}",
            each.dialled,
            each.switch,
            (each.number or say("非通知", "withheld")) if numbers else each.call,
        )
    return made
