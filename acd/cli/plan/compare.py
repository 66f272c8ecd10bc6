"""``madoguchi plan compare``: what a change does, under the same chance, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.plan.form import PLAIN, Form, judged, taking
from acd.cli.plan.progress import shown_progress
from acd.cli.plan.studying import (
    AbsentOption,
    AhtOption,
    ClusterOption,
    DaysOption,
    EngineOption,
    How,
    LinesOption,
    PatienceOption,
    ScenarioArgument,
    SeatsOption,
    SurgeOption,
    language,
    scenario_named,
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


@taking("compare")
def compare(
    scenario: ScenarioArgument,
    other: OtherArgument = None,
    absent: AbsentOption = None,
    surge: SurgeOption = None,
    aht: AhtOption = None,
    patience: PatienceOption = None,
    seats: SeatsOption = None,
    lines: LinesOption = None,
    days: DaysOption = None,
    engine: EngineOption = "kernel",
    cluster: ClusterOption = None,
    form: Form = PLAIN,
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
    how = How.of(form, days, engine, cluster)
    asked, claimed = how.asked(changed.scenario)
    with studies(how) as running, shown_progress() as progress:
        found = compared(running, base, changed, asked, progress, what_if.words)
    name = " ".join((*([changed.scenario.name] if other else []), *what_if.words))
    from sim.exports import comparison_csv, comparison_data, json_text
    from sim.report.of_several import comparison_page

    form.give(
        lambda: _print(found, name),
        data=lambda: json_text(comparison_data(found)),
        rows=lambda: comparison_csv(found),
        page=lambda: comparison_page(found, name, language()),
    )
    judged(failed(claimed, found.other))


def _print(found: Comparison, name: str) -> None:
    from rich.console import Console
    from rich.text import Text

    from acd.cli.plan.showing import said, stamped, table
    from sim.report.assumed import origin
    from sim.saying import comparison, comparison_sheet

    lang, out = language(), Console()
    out.print(Text(found.base.scenario.name, style="bold"))
    said(out, comparison(found, name, lang))
    out.print(table(comparison_sheet(found, name, lang)))
    stamped(out, origin(found.base.stamp, lang))
