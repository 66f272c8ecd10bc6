"""An explanation as a report: the study's own page, with the reasons and the traps in between."""

from __future__ import annotations

from dataclasses import replace

from sim.explain.explained import explained
from sim.inputs.scenario import Scenario
from sim.report.exact import exact_study
from sim.report.of_study import Around, study_paper
from sim.report.page import page
from sim.report.variants import Studied, studied
from sim.results import StudyResult
from sim.scenario_file.study_file import StudyFile


def explained_page(study: StudyFile, lang: str, result: StudyResult | None = None) -> str:
    """One HTML file, of a scenario (by formula) or of a kept ``result`` of it.

    Other seats and assumptions are drawn for the formula alone: beside a simulated figure theirs
    would be those of another method.
    """
    parts = {part.key: part for part in explained(study, lang, result)}
    around = Around() if result else _around(study).told(lang)
    paper = study_paper(
        result or exact_study(study), around, lang,
        title="席数の説明" if lang == "ja" else "Why so many seats",
    )  # fmt: skip
    chapters = tuple(
        (parts[key].title, parts[key].sentences) for key in ("why", "traps") if key in parts
    )
    return page(replace(paper, chapters=chapters))


def _around(study: StudyFile) -> Studied:
    def variant(scenario: Scenario) -> StudyResult:
        return exact_study(replace(study, scenario=scenario, breaks=None), lines=False)

    return studied(study.at_seats, variant)
