"""The report of a roster: how it was planned, and a study of the day that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sim.report.of_study import Around, study_paper
from sim.report.of_told import told_paper
from sim.report.page import page
from sim.report.paper import Drawn, Paper, Sheet
from sim.results import StudyResult


def shifts_page(
    subject: str,
    said: Sequence[str],
    plots: Sequence[Drawn],
    sheets: Sequence[Sheet],
    day: StudyResult | None,
    lang: str,
) -> str:
    """One HTML file; ``day``: the roster's day with everybody there (None: nobody was asked to
    simulate it)."""
    if day is None:
        title = "勤務表" if lang == "ja" else "The roster"
        return page(told_paper(title, subject, said, lang, plots=plots, sheets=sheets))
    return page(shifts_paper(subject, said, plots, sheets, day, lang))


def shifts_paper(
    subject: str,
    said: Sequence[str],
    plots: Sequence[Drawn],
    sheets: Sequence[Sheet],
    day: StudyResult,
    lang: str,
) -> Paper:
    """The same with its study, as a paper."""
    title = "勤務表" if lang == "ja" else "The roster"
    paper = study_paper(day, Around(), lang, title=title, subject=subject)
    return replace(
        paper,
        answer=(*said, *paper.answer),
        plots=(*plots, *paper.plots),
        sheets=(*sheets, *paper.sheets),
    )
