"""``madoguchi ledger outside``: the calls that operators made, and what came of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
import typer

from acd.cli import acts
from acd.cli.options import DEFAULT_CENTRE, CentreOption, FirstDayOption, JsonOption, LastDayOption
from acd.cli.words import say
from acd.ports_people import OperationKind

if TYPE_CHECKING:
    from metrics.outside import OutsideFigures

_OUTCOMES = {
    "answered": ("応答", "answered"),
    "busy": ("話し中", "busy"),
    "not_answered": ("応答なし", "no answer"),
    "rejected": ("拒否", "refused"),
    "unreachable": ("つながらない番号", "unreachable"),
    "cancelled": ("発信を取りやめ", "given up"),
    "own_phone": ("自分の電話に出ず", "own telephone not answered"),
}


def register(app: typer.Typer) -> None:
    """Add the verb to ``madoguchi ledger``."""
    told = say(
        "オペレーターからの外線発信の件数と結果を示します。",
        "Say how many calls operators made to the outside, and what came of them.",
    )
    app.command(help=told)(outside)


def outside(
    centre: CentreOption = DEFAULT_CENTRE,
    first_day: FirstDayOption = None,
    last_day: LastDayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Days are the centre's own. The numbers called are in the export, not here."""
    from acd.bootstrap.ledger_export import outside_of, span_ms
    from acd.config import load_settings, load_timezone

    zone = ZoneInfo(load_timezone(centre))
    settings = load_settings(centre)

    async def look() -> OutsideFigures:
        # They name operators.
        days = acts.span(first_day, last_day)
        await acts.note(settings, OperationKind.OPERATORS_VIEWED, days)
        return await outside_of(settings, *span_ms(first_day, last_day, zone))

    figures = asyncio.run(look())
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(figures)).decode())
    else:
        typer.echo("\n".join(lines(figures)))


def lines(figures: OutsideFigures) -> list[str]:
    """The figures as a table; an outcome that never was is left out."""
    minutes = figures.talk_s / 60
    found = [
        say(
            f"外線発信 {figures.calls} 件、通話 {minutes:.1f} 分",
            f"{figures.calls} calls to the outside, {minutes:.1f} minutes of talk",
        )
    ]
    for outcome, count in figures.outcomes.items():
        if count:
            found.append(f"  {count:>6}  {say(*_OUTCOMES[outcome])}")
    if figures.by_agent:
        found.append(say("オペレーター別", "by operator"))
        found += [f"  {count:>6}  {agent}" for agent, count in figures.by_agent.items()]
    if figures.by_trunk:
        found.append(say("回線別", "by line"))
        found += [f"  {count:>6}  {trunk}" for trunk, count in figures.by_trunk.items()]
    return found
