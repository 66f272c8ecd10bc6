"""The whole explanation: what comes out, what is assumed, why, what figures mean, what misleads."""

from __future__ import annotations

from dataclasses import dataclass

from metrics.report_model import Name
from sim.explain.reasons import reasons
from sim.explain.traps import traps
from sim.report import assumed, told
from sim.report.convert import goals_of
from sim.report.exact import exact_study
from sim.report.of_study import definitions
from sim.results import StudyResult
from sim.scenario_file.study_file import StudyFile

_HEADS = {
    "result": Name("何が起きるか", "What happens"),
    "assumed": Name("前提", "What is assumed"),
    "why": Name("なぜこの席数か (公式による)", "Why so many seats (by formula)"),
    "figures": Name("数字の意味", "What the figures mean"),
    "traps": Name("読み違えやすいところ", "What is easily misread"),
    "method": Name("計算のしかた", "How it was computed"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One chapter: sentences, or pairs of name and text."""

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


def explained(study: StudyFile, lang: str, result: StudyResult | None = None) -> tuple[Part, ...]:
    """The chapters, for a scenario (by formula) or for a kept result of it."""
    found = result or exact_study(study)
    goals = goals_of(found)

    def part(
        key: str, sentences: tuple[str, ...] = (), pairs: tuple[tuple[str, str], ...] = ()
    ) -> Part:
        return Part(key, _HEADS[key].of(lang), sentences, pairs)

    parts = (
        part("result", (*told.answer(found, goals, (), (), lang),
                        *told.warnings(found, goals, lang))),
        part("assumed", pairs=assumed.assumptions(found.scenario, lang)),
        part("why", tuple(reasons(study, lang))),
        part("traps", tuple(traps(found, lang))),
        part("figures", pairs=definitions(goals, lang)),
        part("method", assumed.method(found, lang), assumed.origin(found.stamp, lang)),
    )  # fmt: skip
    return tuple(each for each in parts if each.sentences or each.pairs)
