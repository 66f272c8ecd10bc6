"""The page's quick answer: every hour by formula."""

from __future__ import annotations

from dataclasses import replace

from acd.ports_studies import Assumed
from sim.inputs.scenario import Scenario
from sim.page.case import case_of
from sim.page.told import paper_of
from sim.report.exact import exact_study
from sim.report.paper import Paper
from sim.report.variants import studied
from sim.results import StudyResult
from sim.scenario_file.study_file import StudyFile


def exact_paper(assumed: Assumed, lang: str) -> Paper:
    """Sentences, figures and plots; raises NotFound for an unknown example."""
    case = case_of(assumed)

    def variant(scenario: Scenario) -> StudyResult:
        return exact_study(StudyFile(scenario, case.targets), lines=False)

    around = studied(case.scenario, variant)
    whole = replace(exact_study(case), absence=case.absence)
    return paper_of(assumed, whole, around.told(lang), lang)
