"""The report of one interval's size, by the same closed forms as the command's answer."""

from __future__ import annotations

from dataclasses import replace

from sim.inputs.distributions import exponential
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.report.exact import exact_study
from sim.report.of_study import study_paper
from sim.report.page import page
from sim.report.variants import studied
from sim.results import LinesResult, StudyResult, Targets
from sim.scenario_file.study_file import StudyFile
from sim.size.seats import Goals, Interval, figures

_HOUR_S = 3600.0


def size_page(
    of: Interval,
    goals: Goals,
    seats: int,
    lang: str,
    shares: tuple[float, ...] = (),
    have: int | None = None,
) -> str:
    """One HTML file. Those who call again count as calls, as they do in the answer. ``shares`` and
    ``have``: of the time with k lines in use, menu and transfers included, and how many there are;
    without them, of calls waiting and served alone."""
    rate = figures(of, seats).attempts_per_s if of.redials else of.arrival_per_s
    calls = CallClass(
        "calls", (rate, rate), exponential(of.aht_s), (of.patience,) * 2, threshold_s=of.threshold_s
    )
    # The first of two equal hours is the warm-up: what follows is the steady state.
    scenario = Scenario(
        "size", _HOUR_S, (calls,), (Group("seats", (seats,) * 2, ("calls",)),),
        lines=of.lines, warm_up_s=_HOUR_S,
    )  # fmt: skip
    targets = Targets(goals.answer_rate, goals.service_level, None, None)
    study = StudyFile(scenario, targets)

    def variant(each: Scenario) -> StudyResult:
        return exact_study(StudyFile(each, targets), lines=False)

    around = studied(scenario, variant).told(lang)
    name = (
        f"{of.arrival_per_s * _HOUR_S:,.4g}件/時"
        if lang == "ja"
        else (f"{of.arrival_per_s * _HOUR_S:,.4g} calls an hour")
    )
    result = exact_study(study)
    paper = study_paper(
        replace(result, lines=LinesResult(0, shares, (), have)) if shares else result,
        around,
        lang,
        subject=name,
    )
    return page(paper)
