"""The report of a staffing: the search's answer, and a study of the day with those people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sim.inputs.scenario import Scenario
from sim.report.of_study import study_paper
from sim.report.page import page
from sim.report.paper import Paper, Sheet
from sim.report.variants import Studied, studied
from sim.results import StudyResult
from sim.scenario_file.study_file import StudyFile
from sim.staffing.answer import Answer, names_of_intervals
from sim.staffing.operators import intervals, staffed
from sim.staffing.sentences import sentences


def staff_page(
    answer: Answer, study: StudyFile, run: Callable[[StudyFile], StudyResult], lang: str
) -> str:
    """One HTML file; ``run`` simulates a study."""
    result, around = around_staff(answer, study, run)
    return page(staff_paper(answer, result, around, lang))


def around_staff(
    answer: Answer, study: StudyFile, run: Callable[[StudyFile], StudyResult]
) -> tuple[StudyResult, Studied]:
    """A study of the day with the people that were found, and those around it."""
    people = found_people(answer)
    result = run(StudyFile(people, study.targets))

    def variant(each: Scenario) -> StudyResult:
        return result if each == people else run(StudyFile(each, study.targets))

    return result, studied(people, variant)


def found_people(answer: Answer) -> Scenario:
    """The day with the people that were found."""
    return staffed(answer.scenario, answer.found.staffing, intervals(answer.scenario))


def staff_paper(answer: Answer, result: StudyResult, around: Studied, lang: str) -> Paper:
    """The report in one language."""
    ja = lang == "ja"
    paper = study_paper(
        result,
        around.told(lang),
        lang,
        title="最も安い人数" if ja else "The least staff",
    )
    rows = tuple(
        (name, *(str(int(row[at])) for row in answer.found.staffing))
        for at, name in enumerate(names_of_intervals(answer.scenario))
    )
    head = ("時間帯" if ja else "From", *(group.name for group in answer.scenario.groups))
    sheet = Sheet("グループごとの人数" if ja else "People by group", head, rows)
    return replace(
        paper,
        answer=(*sentences(answer, ja), *paper.answer),
        sheets=(sheet, *paper.sheets),
    )
