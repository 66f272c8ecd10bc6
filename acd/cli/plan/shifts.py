"""``madoguchi plan shifts``: a roster with its breaks at least cost, and what absences do to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from acd.cli.plan.form import PLAIN, Form, judged, taking
from acd.cli.plan.progress import shown_steps
from acd.cli.plan.showing import table
from acd.cli.plan.studying import (
    AhtOption,
    How,
    PatienceOption,
    SurgeOption,
    language,
    studies,
)
from acd.cli.words import japanese, say
from acd.errors import MadoguchiError, Refused
from sim.assertions import failed
from sim.experiment.workers import Cores
from sim.report.of_shifts import shifts_page
from sim.report.paper import Sheet
from sim.results import StudyResult
from sim.scenario_file.find import study_of
from sim.scenario_file.study_file import StudyFile
from sim.staffing.absences import (
    Day,
    common_threshold_s,
    numbers_of,
    precise_days,
    roster_day,
)
from sim.staffing.cover import Cover, cover
from sim.staffing.people import Assigned, assign
from sim.staffing.plannable import check_plannable
from sim.staffing.roster import RosterPlan
from sim.staffing.roster_csv import roster_csv
from sim.staffing.roster_file import roster_of
from sim.staffing.roster_plots import roster_plots
from sim.staffing.roster_sheets import cover_sheet, people_sheet
from sim.staffing.shift_sentences import sentences
from sim.what_if import WhatIf

_USUAL_SURE = 0.01
_STEPS = {
    "cover": ("勤務を組んでいます", "planning shifts"),
    "absent": ("欠員のときを模擬しています", "simulating absences"),
}


RosterArgument = Annotated[
    str, typer.Argument(help=say("勤務の条件のファイルか例の名前。", "A roster file or example."))
]
ScenarioOption = Annotated[
    str | None,
    typer.Option(
        "--scenario",
        help=say("欠員を模擬するシナリオ。", "The scenario to simulate absences with."),
    ),
]
AbsencesOption = Annotated[
    list[int] | None,
    typer.Option(
        "--absent", min=0, max=10_000, help=say("欠けた人数(何度でも)。", "So many absent.")
    ),
]
SimulatedOption = Annotated[
    int | None,
    typer.Option(
        "--days",
        min=2,
        max=100_000,
        help=say("模擬する日数(--precision の代わり)。", "So many days, not by --precision."),
    ),
]


@taking("shifts")
def shifts(
    roster: RosterArgument,
    scenario: ScenarioOption = None,
    absent: AbsencesOption = None,
    surge: SurgeOption = None,
    aht: AhtOption = None,
    patience: PatienceOption = None,
    days: SimulatedOption = None,
    form: Form = PLAIN,
) -> None:
    """Plan the roster and print it. Claims are of the day with everybody there."""
    what_if = WhatIf(surge=surge, aht=aht, patience=patience)
    sure = form.half_width() or _USUAL_SURE
    plan = roster_of(roster)
    name = scenario or plan.scenario
    if (form.claims or what_if.words) and not name:
        raise Refused(
            "what callers meet needs a scenario: --scenario city-b, or in the roster's file",
            ja="シナリオが必要です。--scenario か、ファイルの scenario に書いてください。",
        )
    study = what_if.applied(study_of(name)) if name else None
    if study is not None and not form.csv:
        check_plannable(study.scenario)
    with Cores() as cores, shown_steps(_STEPS) as tell:
        tell("cover", 0.0)
        found = cover(plan)
        assigned = assign(plan, found.duties)
        tell("cover", 1.0)
        counted: list[Day] = []
        if study is not None and not form.csv:
            numbers = numbers_of(plan, absent)
            counted = precise_days(
                study.scenario, plan, found.duties, numbers, days=days, precision=sure,
                seed=form.seed, tell=lambda part: tell("absent", part), workers=cores,
            )  # fmt: skip
    threshold = common_threshold_s(study.scenario) if study else None
    said = sentences(plan, found, assigned, counted, threshold, japanese())
    sheets = (cover_sheet(plan, found, language()), people_sheet(plan, assigned, language()))
    whole: StudyResult | None = None
    problems: list[MadoguchiError] = []
    if study is not None and (form.claims or form.html):
        whole, problems = _whole_day(study, plan, found, How.of(form, days))
    data = document(plan, found, assigned, counted) | {"sentences": said, "seed": form.seed}
    form.give(
        lambda: _show(said, sheets),
        data=lambda: msgspec.json.format(msgspec.json.encode(data)).decode(),
        rows=lambda: roster_csv(plan, assigned),
        page=lambda: shifts_page(
            plan.name, said, roster_plots(plan, found, language()), sheets, whole, language()
        ),
    )
    judged(problems)


def _show(said: Sequence[str], sheets: Sequence[Sheet]) -> None:
    for sentence in said:
        typer.echo(sentence)
    for sheet in sheets:
        typer.echo()
        Console().print(table(sheet))


def _whole_day(
    study: StudyFile, plan: RosterPlan, found: Cover, how: How
) -> tuple[StudyResult, list[MadoguchiError]]:
    """A study of the roster's day with everybody there, and the claims that it does not bear
    out."""
    day = StudyFile(roster_day(study.scenario, plan, found.duties), study.targets)
    asked, claimed = how.asked(day.scenario)
    with studies(how) as running:
        result = running.run(day, asked)
    return result, failed(claimed, result)


def document(
    plan: RosterPlan, found: Cover, assigned: Sequence[Assigned], days: Sequence[Day]
) -> dict[str, Any]:
    """The answer for programs; keys are stable."""

    def figure(of: Any) -> dict[str, float]:
        return {"value": of.value, "half_width_95": of.half_width}

    return {
        "roster": plan.name,
        "cost": found.cost,
        "people": len(found.duties),
        "bounds": {"linear": found.linear_bound, "search": found.bound, "gap": found.gap},
        "duties": [
            {
                "date": each.day.isoformat(),
                "operator": each.person or None,
                "group": each.duty.group,
                "shift": each.duty.shift.name,
                "stretches": [
                    {"date": day.isoformat(), "from": since, "to": to, "kind": s.kind}
                    for s in each.duty.stretches
                    for day, since, to in plan.by_date(each.day, s.begin, s.end)
                ],
            }
            for each in assigned
        ],
        "absences": [
            {
                "absent": each.absent if each.absent is not None else "drawn",
                "answer_rate_a": figure(each.answered),
                "answer_rate_a_change": figure(each.change) if each.change else None,
                "sl_offered": figure(each.quick),
                "worst_from_s": each.worst_s,
                "worst_answer_rate_a": figure(each.worst_answered),
                "worst_sl_offered": figure(each.worst_quick),
            }
            for each in days
        ],
    }
