"""``madoguchi plan staff``: the least cost with which every target is met, found by simulation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from acd.cli.plan.form import PLAIN, Form, csv_text, judged, taking
from acd.cli.plan.progress import shown_steps
from acd.cli.plan.studying import (
    AhtOption,
    How,
    LinesOption,
    PatienceOption,
    SurgeOption,
    language,
    studies,
)
from acd.cli.words import japanese, say
from acd.errors import MadoguchiError, Refused
from sim.assertions import failed
from sim.experiment.workers import Cores
from sim.inputs.quantities import share
from sim.report.of_staff import found_people
from sim.scenario_file.find import study_of
from sim.scenario_file.read import scenario_hash
from sim.scenario_file.study_file import StudyFile
from sim.staffing.answer import Answer, names_of_intervals
from sim.staffing.answer import staff as find_staff
from sim.staffing.sentences import name_of, percent, sentences, threshold_of
from sim.staffing.targets import parse_costs, parse_target, usual
from sim.what_if import WhatIf

_STEPS = {
    "cuts": ("必要人数を見積もっています", "finding what is enough"),
    "search": ("安くしています", "making it cheaper"),
    "proof": ("より安いものを除いています", "ruling out what is cheaper"),
    "check": ("別の日で確かめています", "checking on other days"),
}
#: Days that the report's study simulates for each of its plots' points.
REPORT_DAYS = 200


TargetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        help=say(
            "どの時間帯でも満たす目標。例: 'sl_offered_20s>=80%'、'tax:answer_rate>=90%'。"
            "何度でも書けます。",
            "What to meet in every interval: 'sl_offered_20s>=80%', 'tax:answer_rate>=90%'. "
            "May be repeated.",
        ),
    ),
]
CostOption = Annotated[
    str | None,
    typer.Option("--cost", help=say("1人あたりの費用: A=1,B=1.1", "Cost of one: A=1,B=1.1")),
]
SampleOption = Annotated[
    int | None,
    typer.Option("--days", min=2, max=100_000, help=say("標本の日数。", "Days of the sample.")),
]


@taking("staff")
def staff(
    scenario: Annotated[
        str,
        typer.Argument(help=say("シナリオのファイルか例の名前。", "A scenario file or example.")),
    ],
    target: TargetOption = None,
    cost: CostOption = None,
    days: SampleOption = None,
    surge: SurgeOption = None,
    aht: AhtOption = None,
    patience: PatienceOption = None,
    lines: LinesOption = None,
    form: Form = PLAIN,
) -> None:
    """Find the least cost and print it. Claims are of the day with the people found."""
    what_if = WhatIf(surge=surge, aht=aht, patience=patience, lines=lines)
    study = what_if.applied(study_of(scenario))
    how = How(form.seed, REPORT_DAYS, claims=form.claims)
    _, claimed = how.asked(study.scenario)
    targets = [parse_target(each, study.scenario) for each in target or ()] or usual(study)
    if not targets:
        raise Refused(
            "there is no target: give --target 'sl_offered>=80%', or [targets] in the file",
            ja="目標がありません。--target 'sl_offered>=80%' を付けるか、ファイルの [targets] に"
            "書いてください。",
        )
    costs = parse_costs(cost, study.scenario)
    wanted = None if form.precision is None else _precision(form.precision)
    # No round is worth waiting until others have started: they start beside a search that is long.
    with Cores(small_calls=math.inf) as cores, shown_steps(_STEPS) as tell:
        answer = find_staff(
            study.scenario, targets, costs, seed=form.seed, days=days, precision=wanted,
            workers=cores, tell=tell,
        )  # fmt: skip
    form.give(
        lambda: _show(answer),
        data=lambda: msgspec.json.format(msgspec.json.encode(document(answer, study))).decode(),
        rows=lambda: _rows(answer),
        page=lambda: _report(answer, study, form.seed),
    )
    if claimed:
        judged(_unborne(answer, study, how))


def _unborne(answer: Answer, study: StudyFile, how: How) -> list[MadoguchiError]:
    """The claims that a study of the day does not bear out."""
    people = StudyFile(found_people(answer), study.targets)
    asked, claimed = how.asked(people.scenario)
    with studies(how) as running:
        return failed(claimed, running.run(people, asked))


def _report(answer: Answer, study: StudyFile, seed: int) -> str:
    """The report: a study of the day with the people that were found, and around it."""
    from sim.experiment.comparing import Paired
    from sim.experiment.study import Asked
    from sim.report.of_staff import staff_page

    with studies(How(seed)) as running:
        pair = Paired(running, Asked(seed=seed, days=REPORT_DAYS))
        return staff_page(answer, study, pair.run, language())


def _precision(text: str) -> float:
    wanted = share(text)
    if not 0.0005 <= wanted <= 0.2:
        raise Refused(
            "--precision must lie between 0.05% and 20%",
            ja="--precision は0.05%から20%の間にしてください。",
        )
    return wanted


def document(answer: Answer, study: StudyFile) -> dict[str, Any]:
    """The answer for programs; keys are stable."""
    found, names = answer.found, names_of_intervals(answer.scenario)
    groups = [group.name for group in answer.scenario.groups]

    def figure(of: Any) -> dict[str, float]:
        return {"value": of.value, "half_width_95": of.half_width}

    return {
        "scenario": answer.scenario.name,
        "scenario_hash": scenario_hash(study),
        "seed": answer.seed,
        "days": answer.days,
        "sentences": sentences(answer, japanese()),
        "cost": found.cost,
        "bounds": {"linear": found.linear_bound, "search": found.bound, "gap": found.gap},
        "simulations": found.simulations,
        "staffing": [
            {
                "from": name,
                **{group: int(row[at]) for group, row in zip(groups, found.staffing, strict=True)},
            }
            for at, name in enumerate(names)
        ],
        "reached": [
            {
                "from": names[each.interval],
                "target": each.target.key,
                "at_least": each.target.at_least,
                **figure(each.figure),
            }
            for each in answer.reached
        ],
        "one_fewer": [
            {
                "group": groups[each.group],
                "intervals_missed": each.missed,
                "change": {
                    target.key: figure(change)
                    for target, change in zip(answer.targets, each.changes, strict=True)
                },
            }
            for each in answer.fewer
        ],
    }


def _rows(answer: Answer) -> str:
    """One line an interval: operators of each group, then each target's share and half-width."""
    groups = [group.name for group in answer.scenario.groups]
    keys = [target.key for target in answer.targets]
    return csv_text(
        ["from", *groups, *(part for key in keys for part in (key, f"{key} ±"))],
        [
            [name, *map(int, answer.found.staffing[:, at]), *_cells(answer, at)]
            for at, name in enumerate(names_of_intervals(answer.scenario))
        ],
    )


def _cells(answer: Answer, at: int) -> list[str]:
    cells = []
    for target in answer.targets:
        figure = next(
            (each.figure for each in answer.reached
             if each.interval == at and each.target is target), None
        )  # fmt: skip
        cells += ["", ""] if figure is None else [f"{figure.value:.5f}", f"{figure.half_width:.5f}"]
    return cells


def _show(answer: Answer) -> None:
    for sentence in sentences(answer, japanese()):
        typer.echo(sentence)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    names = names_of_intervals(answer.scenario)
    if len(names) > 1:
        table.add_column(say("時間帯", "from"), justify="right")
    for group in answer.scenario.groups:
        table.add_column(group.name, justify="right")
    for target in answer.targets:
        name = name_of(target, japanese(), threshold_of(answer, target))
        table.add_column(f"{name} ≥ {100 * target.at_least:g} %", justify="right")
    for at, name in enumerate(names):
        numbers = [str(int(number)) for number in answer.found.staffing[:, at]]
        table.add_row(*([name] if len(names) > 1 else []), *numbers, *_shown(answer, at))
    typer.echo()
    Console().print(table)


def _shown(answer: Answer, at: int) -> Sequence[str]:
    by_target = {
        each.target: percent(each.figure) for each in answer.reached if each.interval == at
    }
    return [by_target.get(target, "–") for target in answer.targets]
