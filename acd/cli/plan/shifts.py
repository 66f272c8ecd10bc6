"""``madoguchi plan shifts``: a roster with its breaks at least cost, and what absences do to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from acd.cli.options import JsonOption
from acd.cli.plan.staff_progress import Steps
from acd.cli.plan.studying import SeedOption
from acd.cli.words import japanese, say
from acd.errors import Refused
from sim.inputs.scenario import Scenario
from sim.scenario_file.find import study_of
from sim.staffing.absences import Day, with_absent
from sim.staffing.cover import Cover, cover
from sim.staffing.people import Assigned, assign
from sim.staffing.roster import Duty, Kind, RosterPlan
from sim.staffing.roster_csv import roster_csv
from sim.staffing.roster_file import roster_of
from sim.staffing.shift_sentences import sentences

_USUAL_ABSENT = (0, 1, 2, 3)
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
    int, typer.Option("--days", min=2, max=100_000, help=say("模擬する日数。", "Days simulated."))
]
RosterCsvOption = Annotated[
    bool,
    typer.Option(
        "--csv",
        help=say("勤務表を取り込めるCSVで出力します。", "Print the roster as CSV to import."),
    ),
]


def shifts(
    roster: RosterArgument,
    scenario: ScenarioOption = None,
    absent: AbsencesOption = None,
    days: SimulatedOption = 200,
    seed: SeedOption = 1,
    json: JsonOption = False,
    as_csv: RosterCsvOption = False,
) -> None:
    """Plan the roster and print it."""
    if json and as_csv:
        raise Refused(
            "--json and --csv exclude each other",
            ja="--json と --csv は同時に使えません。",
        )
    plan = roster_of(roster)
    name = scenario or plan.scenario
    study = study_of(name).scenario if name and not as_csv else None
    with Steps(_STEPS) as tell:
        tell("cover", 0.0)
        found = cover(plan)
        assigned = assign(plan, found.duties)
        tell("cover", 1.0)
        counted = [] if study is None else _counted(study, plan, found, absent, days, seed, tell)
    if as_csv:
        typer.echo(roster_csv(plan, assigned), nl=False)
        return
    thresholds = {each.threshold_s for each in study.classes} if study else set()
    threshold_s = thresholds.pop() if len(thresholds) == 1 else None
    said = sentences(plan, found, assigned, counted, threshold_s, japanese())
    if json:
        whole = document(plan, found, assigned, counted) | {"sentences": said, "seed": seed}
        typer.echo(msgspec.json.format(msgspec.json.encode(whole)).decode())
        return
    for sentence in said:
        typer.echo(sentence)
    typer.echo()
    Console().print(_cover_table(plan, found))
    Console().print(_week(plan, assigned) if plan.people else _duties(plan, assigned))


def _counted(
    study: Scenario,
    plan: RosterPlan,
    found: Cover,
    absent: Sequence[int] | None,
    days: int,
    seed: int,
    tell: Callable[[str, float], None],
) -> list[Day]:
    """The absences asked for; without any, some usual ones and those that the plan expects."""
    numbers: list[int | None] = [*(absent or _USUAL_ABSENT)]
    if plan.absence and not absent:
        numbers.append(None)
    return with_absent(
        study, plan, found.duties, numbers, days=days, seed=seed,
        tell=lambda part: tell("absent", part),
    )  # fmt: skip


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
                    {"from": plan.clock(s.begin), "to": plan.clock(s.end), "kind": s.kind}
                    for s in each.duty.stretches
                ],
            }
            for each in assigned
        ],
        "absences": [
            {
                "absent": each.absent if each.absent is not None else "drawn",
                "answer_rate_a": figure(each.answered),
                "sl_offered": figure(each.quick),
                "worst_from_s": each.worst_s,
                "worst_answer_rate_a": figure(each.worst_answered),
                "worst_sl_offered": figure(each.worst_quick),
            }
            for each in days
        ],
    }


def _cover_table(plan: RosterPlan, found: Cover) -> Table:
    """Seats asked for and people at the screen, where either changes."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column(say("時刻", "from"), justify="right")
    for group in plan.required:
        table.add_column(say(f"{group} 必要", f"{group} required"), justify="right")
        table.add_column(say(f"{group} 画面の前", f"{group} at the screen"), justify="right")
    there = {group: [0] * plan.slots for group in plan.required}
    for duty in found.duties:
        for slot in duty.at_screen():
            there[duty.group][slot] += 1
    before: list[str] = []
    for slot in range(plan.slots):
        cells = [
            str(numbers[slot]) for group in plan.required
            for numbers in (plan.required[group], there[group])
        ]  # fmt: skip
        if cells != before:
            table.add_row(plan.clock(slot), *cells)
        before = cells
    return table


def _duties(plan: RosterPlan, assigned: Sequence[Assigned]) -> Table:
    """One day, a person a line; every planned day is alike."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column(say("勤務", "duty"), no_wrap=True)
    table.add_column(say("時間", "from–to"), no_wrap=True)
    table.add_column(say("昼休み", "meal"), no_wrap=True)
    table.add_column(say("休憩", "rests"))
    for each in assigned:
        if each.day == plan.days[0]:
            meals, rests = (_times(plan, each.duty, kind) for kind in (Kind.MEAL, Kind.REST))
            table.add_row(each.person, _span(plan, each.duty), ", ".join(meals), ", ".join(rests))
    return table


def _week(plan: RosterPlan, assigned: Sequence[Assigned]) -> Table:
    """Everybody's week, a person a line."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column(say("氏名", "person"), no_wrap=True)
    for day in plan.days:
        table.add_column(f"{'月火水木金土日'[day.weekday()]} {day:%m/%d}" if japanese()
                         else f"{day:%a %m/%d}", no_wrap=True)  # fmt: skip
    at = {(each.person, each.day): each.duty for each in assigned}
    for person in plan.people:
        duties = [at.get((person.name, day)) for day in plan.days]
        spans = (_span(plan, duty).replace("–", "–\n") if duty else "–" for duty in duties)
        table.add_row(person.name, *spans)
    return table


def _span(plan: RosterPlan, duty: Duty) -> str:
    return f"{plan.clock(duty.shift.start)}–{plan.clock(duty.shift.end)}"


def _times(plan: RosterPlan, duty: Duty, kind: Kind) -> list[str]:
    spans = [each for each in duty.stretches if each.kind is kind]
    if kind is Kind.MEAL:
        return [f"{plan.clock(each.begin)}–{plan.clock(each.end)}" for each in spans]
    return [plan.clock(each.begin) for each in spans]
