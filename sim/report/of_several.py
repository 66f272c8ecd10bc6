"""Reports of several studies: a range of one assumption, or before and after a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from sim.experiment.comparing import Comparison
from sim.report import plots
from sim.report.convert import goals_of, seats_points
from sim.report.of_study import Around, study_paper
from sim.report.page import page
from sim.report.paper import Paper, drawn
from sim.results import StudyResult
from sim.saying import comparison, comparison_sheet, sweep, sweep_sheet


def sweep_page(results: Sequence[tuple[str, StudyResult]], flag: str, lang: str) -> str:
    """One HTML file: what each value of the flag gives."""
    return page(sweep_paper(results, flag, lang))


def sweep_paper(
    results: Sequence[tuple[str, StudyResult]], flag: str, lang: str, name: str = ""
) -> Paper:
    """What each value gives; assumptions are those of the first. ``name``: what the assumption is
    called where it is no flag of a command."""
    first = results[0][1]
    goals = goals_of(first)
    points = seats_points(tuple(enumerate(study for _, study in results)), -1)
    title = name[:1].upper() + name[1:] or f"--{flag}"
    answer = sweep(list(results), flag, lang, name)
    said = "; ".join(answer)
    values = [value for value, _ in results]

    def draw(width: float) -> str:
        return plots.levels(points, values, title, said, goals, lang, width)

    note = (
        "ほかの前提は同じで、どの値も同じ電話の列で試しました。"
        if lang == "ja"
        else "All else is equal, and every value met the same callers."
    )
    return replace(
        study_paper(first, Around(), lang),
        answer=answer,
        warnings=(),
        cards=(),
        plots=(drawn(title, draw, note),),
        sheets=(sweep_sheet(list(results), flag, lang, name),),
    )


def comparison_page(found: Comparison, name: str, lang: str) -> str:
    """One HTML file: the paired differences, and each side's plots."""
    return page(comparison_paper(found, name, lang))


def comparison_paper(found: Comparison, name: str, lang: str) -> Paper:
    """The paired differences, and each side's plots side by side."""
    before = study_paper(found.base, Around(), lang, beside=found.other)
    after = study_paper(found.other, Around(), lang, beside=found.base)
    names = ("変更前", "変更後") if lang == "ja" else ("Before", "After")
    sides = [
        [replace(plot, title=f"{side}: {plot.title}") for plot in paper.plots]
        for side, paper in zip(names, (before, after), strict=True)
    ]
    sheets = tuple(
        replace(sheet, title=f"{side}: {sheet.title}")
        for side, paper in zip(names, (before, after), strict=True)
        for sheet in paper.sheets
    )
    return replace(
        after,
        answer=(*comparison(found, name, lang), *after.answer),
        plots=tuple(plot for pair in zip_longest(*sides) for plot in pair if plot is not None),
        sheets=(comparison_sheet(found, name, lang), *sheets),
    )
