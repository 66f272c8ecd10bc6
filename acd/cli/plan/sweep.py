"""``madoguchi plan sweep``: one assumption over a range, all else and all chance the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

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
from acd.errors import Refused

if TYPE_CHECKING:
    from sim.results import StudyResult
    from sim.what_if import WhatIf


@taking("sweep")
def sweep(
    scenario: ScenarioArgument,
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
    """One of the flags holds a range: ``--seats 12..18``; the others stand as they are. Claims are
    of every value."""
    from sim.assertions import failed
    from sim.ranges import values_of
    from sim.what_if import WhatIf

    what_if = WhatIf(absent, surge, aht, patience, seats, lines)
    flag = _swept(what_if)
    values = values_of(getattr(what_if, flag))
    base = scenario_named(scenario)
    how = How.of(form, days, engine, cluster)
    asked, claimed = how.asked(base.scenario)
    results: list[tuple[str, StudyResult]] = []
    variants = [replace(what_if, **{flag: value}) for value in values]
    changed = [each.applied(base) for each in variants]
    with studies(how) as running:
        for value, one, study in zip(values, variants, changed, strict=True):
            with shown_progress(f"--{flag} {value}") as progress:
                results.append((value, running.run(study, asked, progress, one.words)))
    from sim.exports import study_csv
    from sim.report.of_several import sweep_page

    form.give(
        lambda: _print(results, flag),
        data=lambda: _data(results, flag),
        rows=lambda: study_csv([(f"--{flag} {value}", found) for value, found in results]),
        page=lambda: sweep_page(results, flag, language()),
    )
    judged([each for value, found in results
            for each in failed(claimed, found, f"--{flag} {value}: ")])  # fmt: skip


def _swept(what_if: WhatIf) -> str:
    """The one flag that holds a range."""
    from sim.ranges import is_range
    from sim.what_if import CHANGES

    found = [name for name in CHANGES if is_range(getattr(what_if, name) or "")]
    if len(found) != 1:
        raise Refused(
            "one flag must hold a range, such as --seats 12..18 or --surge 0.8..1.4:0.2",
            ja="ちょうど1つの項目に、--seats 12..18 のような範囲を書いてください。",
        )
    return found[0]


def _data(results: list[tuple[str, StudyResult]], flag: str) -> str:
    from sim.exports import SCHEMA, json_text, study_data

    rows = [{"value": value, **study_data(result)} for value, result in results]
    return json_text({"schema": SCHEMA, "flag": flag, "studies": rows})


def _print(results: list[tuple[str, StudyResult]], flag: str) -> None:
    from rich.console import Console
    from rich.text import Text

    from acd.cli.plan.showing import said, stamped, table
    from sim.report.assumed import origin
    from sim.saying import sweep as told
    from sim.saying import sweep_sheet

    lang, out = language(), Console()
    out.print(Text(results[0][1].scenario.name, style="bold"))
    said(out, told(results, flag, lang))
    sheet = sweep_sheet(results, flag, lang)
    out.print(table(sheet))
    out.print(Text(sheet.note, style="dim"), soft_wrap=True)
    stamped(out, origin(results[0][1].stamp, lang))
