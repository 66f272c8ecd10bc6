"""``madoguchi doctor``: looks at the whole installation and says what is not as it should be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from acd.cli.options import DEFAULT_CENTRE, CentreOption, JsonOption
from acd.cli.words import japanese, say

if TYPE_CHECKING:
    from acd.bootstrap.doctor import Examined

#: Exit code when there is a fault.
NOT_WELL = 1
_LOOKS = {
    "well": ("○", "green"),
    "note": ("△", "yellow"),
    "fault": ("×", "bold red"),
    "none": ("－", "dim"),
    "unknown": ("？", "yellow"),
}
_NAME_WIDTH = 17


def doctor(centre: CentreOption = DEFAULT_CENTRE, as_json: JsonOption = False) -> None:
    """Exit code 0 when nothing is a fault, 1 when something is."""
    from acd.bootstrap.doctor import examine
    from acd.bootstrap.doctor.run import all_well

    console = Console(highlight=False)

    def tell(each: Examined) -> None:
        if not as_json:
            show(console, each)

    found = asyncio.run(examine(centre, tell))
    if as_json:
        typer.echo(json.dumps(as_table(found), ensure_ascii=False, indent=1))
    else:
        console.print(_summary(found))
    if not all_well(found):
        raise typer.Exit(NOT_WELL)


def show(console: Console, each: Examined) -> None:
    """One check: mark, what was looked at, what was found, and below it what to do."""
    lang = "ja" if japanese() else "en"
    mark, style = _LOOKS[each.finding.verdict.value]
    said = Text(each.finding.found.of(lang))
    if each.finding.todo is not None:
        said.append(f"\n→ {each.finding.todo.of(lang)}", style)
    line = Table.grid(padding=(0, 1))
    line.add_column(width=2, no_wrap=True)
    line.add_column(width=_NAME_WIDTH)
    line.add_column(overflow="fold")
    line.add_row(Text(mark, style), Text(each.name.of(lang), "bold"), said)
    console.print(line)


def as_table(found: Sequence[Examined]) -> list[dict[str, object]]:
    """The answer for programs, both languages in it."""
    return [
        {
            "check": each.key,
            "looked_at": {"ja": each.name.ja, "en": each.name.en},
            "verdict": each.finding.verdict.value,
            "found": {"ja": each.finding.found.ja, "en": each.finding.found.en},
            "todo": None
            if each.finding.todo is None
            else {"ja": each.finding.todo.ja, "en": each.finding.todo.en},
            "took_s": each.took_s,
        }
        for each in found
    ]


def _summary(found: Sequence[Examined]) -> Text:
    counts = dict.fromkeys(_LOOKS, 0)
    for each in found:
        counts[each.finding.verdict.value] += 1
    if counts["fault"]:
        words = say(
            f"直すところが{counts['fault']}つ、見ておくところが{counts['note']}つあります。",
            f"{counts['fault']} to be mended, {counts['note']} to be looked at.",
        )
        return Text(words, "bold red")
    if counts["note"] or counts["unknown"]:
        words = say(
            f"異常はありません。見ておくところが{counts['note'] + counts['unknown']}つあります。",
            f"No fault; {counts['note'] + counts['unknown']} to be looked at.",
        )
        return Text(words, "bold yellow")
    return Text(say("すべて正常です。", "All is well."), "bold green")
