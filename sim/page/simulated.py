"""The page's simulated studies: the same code as the command line's, in one process, on one core; a
study on all cores would be felt by callers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from acd.errors import Refused
from acd.ports_studies import OF_RECORDS, Assumed, StudyKind, Wanted
from sim.experiment.comparing import compared
from sim.inputs.scenario import Scenario
from sim.page.case import case_of
from sim.page.engine import engine_of
from sim.page.least import least
from sim.page.ledger import Ledger
from sim.page.load import check_load
from sim.page.rosters import rostered
from sim.page.runs import LANGUAGES, Made, Runs, Tell
from sim.page.told import as_set, paper_of
from sim.page.words import called, changes, said
from sim.report.of_several import comparison_paper, sweep_paper
from sim.report.page import page
from sim.report.paper import Paper
from sim.report.variants import Studied, studied, variants
from sim.results import StudyResult
from sim.scenario_file.study_file import StudyFile


def simulated(
    assumed: Assumed, wanted: Wanted, tell: Tell, ledger: Ledger | None = None
) -> dict[str, Any]:
    """``papers`` and ``files`` by language; ``csv``: the roster, and ``scenarios``: the scenario's
    file by language, if they were made."""
    if wanted.kind in OF_RECORDS:
        from sim.page.records import from_records

        made = from_records(assumed, wanted, tell, ledger)
    else:
        made = _KINDS[wanted.kind](assumed, wanted, tell)
    return {
        "papers": {lang: msgspec.to_builtins(paper) for lang, paper in made.papers.items()},
        "files": {lang: page(paper) for lang, paper in made.papers.items()},
        "csv": made.csv,
        "scenarios": dict(made.scenarios),
    }


def _around(case: StudyFile, result: StudyResult, runs: Runs) -> Studied:
    """The same with other seats and other assumptions."""

    def variant(scenario: Scenario) -> StudyResult:
        # The chosen number of seats is among the variants: it need not be simulated twice.
        if scenario == case.scenario:
            return result
        return runs.run(replace(case, scenario=scenario))

    return studied(case.scenario, variant)


def _day(assumed: Assumed, wanted: Wanted, tell: Tell) -> Made:
    case = case_of(assumed)
    whole = variants(case.scenario)
    check_load([case.scenario] * whole, wanted.days)
    runs = Runs(wanted.days, whole, tell, engine_of([case.scenario]))
    result = runs.run(case)
    others = _around(case, result, runs)
    return Made({lang: paper_of(assumed, result, others.told(lang), lang) for lang in LANGUAGES})


def _compare(assumed: Assumed, wanted: Wanted, tell: Tell) -> Made:
    before = wanted.before
    if before is None or not changes(before, assumed, "ja"):
        raise Refused(
            "nothing to compare: both settings are the same; move a slider first",
            code="nothing_to_compare",
            ja="比べるものがありません。2つの設定が同じです。先に前提を変えてください。",
        )
    cases = case_of(before), case_of(assumed)
    scenarios = [each.scenario for each in cases]
    check_load(scenarios, wanted.days)
    runs = Runs(wanted.days, 2, tell, engine_of(scenarios))
    found = compared(runs.studies, *cases, runs.asked, runs.heard)

    def paper(lang: str) -> Paper:
        sides = replace(
            found,
            base=as_set(before, found.base, lang),
            other=as_set(assumed, found.other, lang),
        )
        name = ("、" if lang == "ja" else ", ").join(changes(before, assumed, lang))
        return comparison_paper(sides, name, lang)

    return Made({lang: paper(lang) for lang in LANGUAGES})


def _sweep(assumed: Assumed, wanted: Wanted, tell: Tell) -> Made:
    key = wanted.swept.value
    whole = key in ("seats", "absent", "lines")
    values = sorted(int(each) if whole else each for each in wanted.values)
    cases = [case_of(msgspec.structs.replace(assumed, **{key: value})) for value in values]
    scenarios = [each.scenario for each in cases]
    check_load(scenarios, wanted.days)
    runs = Runs(wanted.days, len(cases), tell, engine_of(scenarios))
    results = [runs.run(each) for each in cases]

    def paper(lang: str) -> Paper:
        named = [(said(key, value, lang), result)
                 for value, result in zip(values, results, strict=True)]  # fmt: skip
        return sweep_paper(named, key, lang, called(key, lang))

    return Made({lang: paper(lang) for lang in LANGUAGES})


_KINDS: Mapping[StudyKind, Callable[[Assumed, Wanted, Tell], Made]] = {
    StudyKind.DAY: _day,
    StudyKind.COMPARE: _compare,
    StudyKind.SWEEP: _sweep,
    StudyKind.STAFF: least,
    StudyKind.SHIFTS: rostered,
}
