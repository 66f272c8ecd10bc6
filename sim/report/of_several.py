"""Reports of several studies: a range of one assumption, or before and after a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sim.experiment.comparing import Comparison
from sim.report import plots
from sim.report.convert import goals_of, seats_points
from sim.report.of_study import Around, study_paper
from sim.report.page import page
from sim.report.paper import Drawn
from sim.results import StudyResult
from sim.saying import comparison, comparison_sheet, sweep, sweep_sheet


def sweep_page(results: Sequence[tuple[str, StudyResult]], flag: str, lang: str) -> str:
    """One HTML file: what each value of the flag gives; assumptions are those of the first."""
    first = results[0][1]
    goals = goals_of(first)
    points = seats_points(tuple(enumerate(study for _, study in results)), -1)
    title = f"--{flag}"
    said = "; ".join(sweep(list(results), flag, lang))
    drawn = plots.levels(points, [value for value, _ in results], title, said, goals, lang)
    note = (
        "ほかの前提は同じで、どの値も同じ電話の列で試しました。"
        if lang == "ja"
        else "All else is equal, and every value met the same callers."
    )
    paper = study_paper(first, Around(), lang)
    return page(
        replace(
            paper,
            answer=tuple(sweep(list(results), flag, lang)),
            warnings=(),
            cards=(),
            plots=(Drawn(title, drawn, note),),
            sheets=(sweep_sheet(list(results), flag, lang),),
        )
    )


def comparison_page(found: Comparison, name: str, lang: str) -> str:
    """One HTML file: the paired differences, and each side's plots."""
    before, after = (study_paper(each, Around(), lang) for each in (found.base, found.other))
    names = ("変更前", "変更後") if lang == "ja" else ("Before", "After")
    drawn = tuple(
        replace(plot, title=f"{side}: {plot.title}")
        for side, paper in zip(names, (before, after), strict=True)
        for plot in paper.plots
    )
    sheets = tuple(
        replace(sheet, title=f"{side}: {sheet.title}")
        for side, paper in zip(names, (before, after), strict=True)
        for sheet in paper.sheets
    )
    return page(
        replace(
            after,
            answer=(*comparison(found, name, lang), *after.answer),
            plots=drawn,
            sheets=(comparison_sheet(found, name, lang), *sheets),
        )
    )
