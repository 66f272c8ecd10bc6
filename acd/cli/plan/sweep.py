"""``madoguchi plan sweep``: one assumption over a range, all else and all chance the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from acd.cli.files import write_file
from acd.cli.options import JsonOption
from acd.cli.plan.studying import (
    AbsentOption,
    AhtOption,
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
    language,
    scenario_named,
    shown_progress,
    studies,
)
from acd.errors import Refused

if TYPE_CHECKING:
    from sim.results import StudyResult
    from sim.what_if import WhatIf


def sweep(
    scenario: ScenarioArgument,
    absent: AbsentOption = None,
    surge: SurgeOption = None,
    aht: AhtOption = None,
    patience: PatienceOption = None,
    seats: SeatsOption = None,
    lines: LinesOption = None,
    seed: SeedOption = 1,
    days: DaysOption = None,
    precision: PrecisionOption = "0.3%",
    engine: EngineOption = "kernel",
    cluster: ClusterOption = None,
    html: HtmlOption = None,
    json_: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """One of the flags holds a range: ``--seats 12..18``; the others stand as they are."""
    from sim.ranges import values_of
    from sim.what_if import WhatIf

    what_if = WhatIf(absent, surge, aht, patience, seats, lines)
    flag = _swept(what_if)
    values = values_of(getattr(what_if, flag))
    base = scenario_named(scenario)
    how = How(seed, days, precision, engine, cluster)
    asked, _ = how.asked(base.scenario)
    results: list[tuple[str, StudyResult]] = []
    variants = [replace(what_if, **{flag: value}) for value in values]
    changed = [each.applied(base) for each in variants]
    with studies(how) as running:
        for value, one, study in zip(values, variants, changed, strict=True):
            with shown_progress(f"--{flag} {value}") as progress:
                results.append((value, running.run(study, asked, progress, one.words)))
    if html is not None:
        from sim.report.of_several import sweep_page

        write_file(html, sweep_page(results, flag, language()))
    _print(results, flag, json_, csv)


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


def _print(results: list[tuple[str, StudyResult]], flag: str, as_json: bool, as_csv: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    from acd.cli.plan.showing import said, stamped, table
    from sim.exports import SCHEMA, json_text, study_csv, study_data
    from sim.report.assumed import origin
    from sim.saying import sweep as told
    from sim.saying import sweep_sheet

    if as_json:
        rows = [{"value": value, **study_data(result)} for value, result in results]
        typer.echo(json_text({"schema": SCHEMA, "flag": flag, "studies": rows}), nl=False)
        return
    if as_csv:
        named = [(f"--{flag} {value}", result) for value, result in results]
        typer.echo(study_csv(named), nl=False)
        return
    lang, out = language(), Console()
    out.print(Text(results[0][1].scenario.name, style="bold"))
    said(out, told(results, flag, lang))
    sheet = sweep_sheet(results, flag, lang)
    out.print(table(sheet))
    out.print(Text(sheet.note, style="dim"), soft_wrap=True)
    stamped(out, origin(results[0][1].stamp, lang))
