"""``madoguchi plan compare``: what a change does, under the same chance, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.files import write_file
from acd.cli.options import JsonOption
from acd.cli.plan.studying import (
    AbsentOption,
    AhtOption,
    AssertOption,
    ClusterOption,
    CsvOption,
    DaysOption,
    EngineOption,
    How,
    HtmlOption,
    LinesOption,
    PatienceOption,
    PrecisionOption,
    ScenarioArgument,
    SeatsOption,
    SeedOption,
    SurgeOption,
    judged,
    language,
    scenario_named,
    shown_progress,
    studies,
)
from acd.cli.words import say
from acd.errors import Refused

if TYPE_CHECKING:
    from sim.experiment.comparing import Comparison

OtherArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[OTHER]",
        help=say(
            "比べるシナリオ。省略すると、同じシナリオを --absent などで変えて比べます。",
            "The scenario to compare with. Default: the same one, changed by --absent and others.",
        ),
    ),
]


def compare(
    scenario: ScenarioArgument,
    other: OtherArgument = None,
    absent: AbsentOption = None,
    surge: SurgeOption = None,
    aht: AhtOption = None,
    patience: PatienceOption = None,
    seats: SeatsOption = None,
    lines: LinesOption = None,
    seed: SeedOption = 1,
    days: DaysOption = None,
    precision: PrecisionOption = "0.3%",
    claims: AssertOption = None,
    engine: EngineOption = "kernel",
    cluster: ClusterOption = None,
    html: HtmlOption = None,
    json_: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """The first as it stands; the second (or the first again) with the changes."""
    from sim.assertions import failed
    from sim.experiment.comparing import compared
    from sim.what_if import WhatIf

    what_if = WhatIf(absent, surge, aht, patience, seats, lines)
    if other is None and not what_if.words:
        raise Refused(
            "nothing to compare: name a second scenario, or a change such as --absent 2",
            ja="比べるものがありません。2つめのシナリオか、--absent 2 などを書いてください。",
        )
    base = scenario_named(scenario)
    changed = what_if.applied(base if other is None else scenario_named(other))
    how = How(seed, days, precision, engine, cluster, tuple(claims or ()))
    asked, claimed = how.asked(changed.scenario)
    with studies(how) as running, shown_progress() as progress:
        found = compared(running, base, changed, asked, progress, what_if.words)
    name = " ".join((*([changed.scenario.name] if other else []), *what_if.words))
    if html is not None:
        from sim.report.of_several import comparison_page

        write_file(html, comparison_page(found, name, language()))
    _print(found, name, json_, csv)
    judged(failed(claimed, found.other))


def _print(found: Comparison, name: str, as_json: bool, as_csv: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    from acd.cli.plan.showing import said, stamped, table
    from sim.exports import comparison_csv, comparison_data, json_text
    from sim.report.assumed import origin
    from sim.saying import comparison, comparison_sheet

    if as_json or as_csv:
        text = json_text(comparison_data(found)) if as_json else comparison_csv(found)
        typer.echo(text, nl=False)
        return
    lang, out = language(), Console()
    out.print(Text(found.base.scenario.name, style="bold"))
    said(out, comparison(found, name, lang))
    out.print(table(comparison_sheet(found, name, lang)))
    stamped(out, origin(found.base.stamp, lang))
