"""The page's answer as a paper: the study's, with what was set beside it."""

from __future__ import annotations

from dataclasses import replace

from acd.ports_studies import Assumed
from sim.report.of_study import Around, study_paper
from sim.report.paper import Paper
from sim.results import StudyResult


def paper_of(assumed: Assumed, study: StudyResult, around: Around, lang: str) -> Paper:
    """The report of what was set."""
    return study_paper(as_set(assumed, study, lang), around, lang)


def as_set(assumed: Assumed, study: StudyResult, lang: str) -> StudyResult:
    """A study with what was set beside it."""
    return replace(study, changes=beside(assumed, study.absence, lang))


def beside(assumed: Assumed, absence: float, lang: str) -> tuple[str, ...]:
    """What a reader would not see from the scenario alone."""
    ja = lang == "ja"
    found = []
    if assumed.absent:
        found.append(
            f"{assumed.seats}席のうち{assumed.absent}人が欠けた場合"
            if ja
            else f"{assumed.absent} of {assumed.seats} people are missing"
        )
    if assumed.surge != 1:
        by = f"{100 * assumed.surge:.0f} %"
        found.append(f"着信は{by}" if ja else f"calls at {by}")
    if absence:
        by = f"{100 * absence:g} %"
        found.append(
            f"一人ひとりがその日に{by}の確率で欠ける(シミュレーションだけに入る)"
            if ja
            else f"each operator is missing on a day with a chance of {by} (simulations only)"
        )
    return tuple(found)
