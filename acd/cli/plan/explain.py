"""``madoguchi plan explain``: a scenario or a kept result in plain words."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.plan.form import PLAIN, Form, taking
from acd.cli.plan.studying import (
    AbsentOption,
    AhtOption,
    LinesOption,
    PatienceOption,
    SeatsOption,
    SurgeOption,
    language,
    scenario_named,
)
from acd.cli.words import say

if TYPE_CHECKING:
    from sim.explain.explained import Part


@taking("explain")
def explain(
    what: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO|RESULT.json",
            help=say(
                "シナリオ(ファイルまたは例の名前)、または plan run --json の結果。",
                "A scenario (file or example), or what `plan run --json` wrote.",
            ),
        ),
    ],
    absent: AbsentOption = None,
    surge: SurgeOption = None,
    aht: AhtOption = None,
    patience: PatienceOption = None,
    seats: SeatsOption = None,
    lines: LinesOption = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario",
            help=say("結果のもとのシナリオ。", "The scenario that the result was made of."),
        ),
    ] = None,
    form: Form = PLAIN,
) -> None:
    """Chapters of sentences, or JSON."""
    from acd.errors import Refused
    from sim.explain.explained import explained
    from sim.explain.page import explained_page
    from sim.what_if import WhatIf

    what_if = WhatIf(absent, surge, aht, patience, seats, lines)
    if what.endswith(".json"):
        from sim.explain.kept import read_kept

        if what_if != WhatIf():
            raise Refused(
                "a result is as it was made: change the scenario and run it again",
                ja="結果は変えられません。シナリオを変えて、もう一度計算してください。",
            )
        study, result = read_kept(Path(what), scenario)
    else:
        study, result = what_if.applied(scenario_named(what)), None
    parts = explained(study, language(), result)
    form.give(
        lambda: _print(parts),
        data=lambda: _json(parts),
        page=lambda: explained_page(study, language(), result),
    )


def _json(parts: tuple[Part, ...]) -> str:
    import json

    return json.dumps([asdict(part) for part in parts], ensure_ascii=False, indent=2)


def _print(parts: tuple[Part, ...]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    out = Console()
    for part in parts:
        out.print(Text(part.title, style="bold"))
        for sentence in part.sentences:
            out.print(Text(f"- {sentence}"), soft_wrap=True)
        if part.pairs:
            table = Table.grid(padding=(0, 2))
            table.add_column(style="dim", max_width=32, overflow="fold")
            table.add_column(overflow="fold")
            for name, text in part.pairs:
                table.add_row(Text(name), Text(text))
            out.print(table)
        out.print()
