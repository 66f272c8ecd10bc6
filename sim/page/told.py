"""The page's answer as a paper: the study's, with what was set beside it."""

from __future__ import annotations

from dataclasses import replace

from acd.ports_studies import Assumed
from sim.report.of_study import Around, study_paper
from sim.report.paper import Paper
from sim.results import StudyResult


def paper_of(assumed: Assumed, study: StudyResult, around: Around, lang: str) -> Paper:
    """The report of what was set."""
    return study_paper(replace(study, changes=_set(assumed, lang)), around, lang)


def _set(assumed: Assumed, lang: str) -> tuple[str, ...]:
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
    return tuple(found)
