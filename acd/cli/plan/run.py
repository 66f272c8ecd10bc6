"""``madoguchi plan run``: what a scenario gives, with how sure that is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from acd.cli.files import write_file
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

if TYPE_CHECKING:
    from sim.inputs.scenario import Scenario
    from sim.report.variants import Studied
    from sim.results import StudyResult


@taking("run")
def run(
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
    """Sentences, then tables; or JSON, or CSV."""
    from sim.assertions import failed
    from sim.experiment.comparing import Paired
    from sim.experiment.days import as_played
    from sim.report.variants import Studied, nearest, studied
    from sim.what_if import WhatIf

    what_if = WhatIf(absent, surge, aht, patience, seats, lines)
    study = what_if.applied(scenario_named(scenario))
    how = How.of(form, days, engine, cluster)
    asked, claimed = how.asked(study.scenario)
    with studies(how) as running, shown_progress() as progress:
        # The others are held against this one: as many days, under the same chance.
        pair = Paired(running, asked)
        result = pair.run(study, progress, what_if.words)
        counted = as_played(study, asked.engine)

        def other(of: Scenario) -> StudyResult:
            # The chosen number of seats is among them: it need not be simulated twice.
            same = of == counted.scenario
            return result if same else pair.run(replace(counted, scenario=of))

        near = Studied((), ()) if form.csv else nearest(counted.scenario, other)
        if form.html is not None:
            _write(form.html, result, studied(counted.scenario, other))
    from sim.exports import json_text, run_data, study_csv

    form.give(
        lambda: _print_words(result, near),
        data=lambda: json_text(run_data(result, near)),
        rows=lambda: study_csv([(result.scenario.name, result)]),
    )
    judged(failed(claimed, result))


def _print_words(result: StudyResult, near: Studied) -> None:
    from acd.cli.plan.showing import show
    from sim.report.of_study import study_paper
    from sim.report.told import most_seats
    from sim.saying import absences, classes_sheet, groups_sheet, with_fewer

    lang = language()
    fewer, beside = most_seats(result.scenario) - 1, dict(near.seats)
    more = [with_fewer(fewer, beside[fewer], lang)] if fewer in beside else []
    more.append(absences(result, lang))
    sheets = [groups_sheet(result, lang)]
    if len(result.scenario.classes) > 1:
        sheets.insert(0, classes_sheet(result, lang))
    paper = study_paper(result, near.told(lang), lang)
    show(paper, [each for each in more if each], sheets)


def _write(path: Path, result: StudyResult, found: Studied) -> None:
    """The report, with the same study under other assumptions."""
    from sim.report.of_study import study_paper
    from sim.report.page import page

    lang = language()
    write_file(path, page(study_paper(result, found.told(lang), lang)))
