"""The page's simulated study: what is set, and the same with other seats and other assumptions.

One process does it, one core: a study on all cores would be felt by callers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from acd.ports_studies import Assumed
from sim.experiment.study import Asked, Studies
from sim.experiment.workers import Here
from sim.inputs.scenario import Scenario
from sim.page.case import case_of
from sim.page.told import paper_of
from sim.report.page import page
from sim.report.variants import studied, variants
from sim.results import StudyResult
from sim.scenario_file.study_file import StudyFile

SEED = 1
LANGUAGES = ("ja", "en")


def simulated(assumed: Assumed, days: int, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """``papers`` and ``files`` by language; ``progress`` hears of days done and days in all."""
    case = case_of(assumed)
    asked = Asked(seed=SEED, days=days)
    studies = Studies(Here())
    whole = 1 + variants(case.scenario)
    done = 0

    def run(of: StudyFile) -> StudyResult:
        nonlocal done
        result = studies.run(of, asked, lambda some, _: say(done + some / days))
        done += 1
        say(done)
        return result

    def say(parts: float) -> None:
        progress(int(days * parts / whole), days)

    def variant(scenario: Scenario) -> StudyResult:
        # The chosen number of seats is among the variants: it need not be simulated twice.
        return result if scenario == case.scenario else run(StudyFile(scenario, case.targets))

    result = run(case)
    around = studied(case.scenario, variant)
    papers = {lang: paper_of(assumed, result, around.told(lang), lang) for lang in LANGUAGES}
    return {
        "papers": {lang: msgspec.to_builtins(paper) for lang, paper in papers.items()},
        "files": {lang: page(paper) for lang, paper in papers.items()},
    }
