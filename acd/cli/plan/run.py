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
    from sim.experiment.study import Asked, Studies
    from sim.results import StudyResult
    from sim.scenario_file.study_file import StudyFile


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
    from sim.what_if import WhatIf

    what_if = WhatIf(absent, surge, aht, patience, seats, lines)
    study = what_if.applied(scenario_named(scenario))
    how = How.of(form, days, engine, cluster)
    asked, claimed = how.asked(study.scenario)
    with studies(how) as running, shown_progress() as progress:
        result = running.run(study, asked, progress, what_if.words)
        # The others are held against this one: as many days, under the same chance.
        same = replace(asked, days=result.stamp.days)
        beside: dict[int, StudyResult] = {}
        if not form.for_programs:
            beside = _neighbours(running, study, same, result)
        if form.html is not None:
            _write(form.html, running, study, same, result)
    from sim.exports import json_text, study_csv, study_data

    form.give(
        lambda: _print_words(result, beside),
        data=lambda: json_text(study_data(result)),
        rows=lambda: study_csv([(result.scenario.name, result)]),
    )
    judged(failed(claimed, result))


def _neighbours(
    running: Studies, study: StudyFile, asked: Asked, result: StudyResult
) -> dict[int, StudyResult]:
    """The same days with one seat less and one more."""
    from sim.experiment.days import as_played
    from sim.report.told import most_seats
    from sim.report.variants import seats_shifted

    counted = as_played(study, asked.engine)
    most = most_seats(result.scenario)
    found = {most: result}
    for by in (-1, 1):
        if most + by > 0:
            other = seats_shifted(counted.scenario, by)
            found[most + by] = running.run(replace(counted, scenario=other), asked)
    return found


def _print_words(result: StudyResult, beside: dict[int, StudyResult]) -> None:
    from acd.cli.plan.showing import show
    from sim.report.of_study import Around, study_paper
    from sim.report.told import most_seats
    from sim.saying import absences, classes_sheet, groups_sheet, with_fewer

    lang = language()
    fewer = most_seats(result.scenario) - 1
    more = [with_fewer(fewer, beside[fewer], lang)] if fewer in beside else []
    more.append(absences(result, lang))
    sheets = [groups_sheet(result, lang)]
    if len(result.scenario.classes) > 1:
        sheets.insert(0, classes_sheet(result, lang))
    paper = study_paper(result, Around(tuple(beside.items())), lang)
    show(paper, [each for each in more if each], sheets)


def _write(
    path: Path, running: Studies, study: StudyFile, asked: Asked, result: StudyResult
) -> None:
    """The report, with the same study under other assumptions."""
    from sim.experiment.days import as_played
    from sim.report.of_study import study_paper
    from sim.report.page import page
    from sim.report.variants import studied

    counted = as_played(study, asked.engine)
    found = studied(
        counted.scenario, lambda each: running.run(replace(counted, scenario=each), asked)
    )
    lang = language()
    write_file(path, page(study_paper(result, found.told(lang), lang)))
