"""``madoguchi plan verify``: the engines held against reference values; how far off they are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acd.cli.plan.form import PLAIN, Form, csv_text, taking
from acd.cli.plan.studying import language
from acd.cli.words import japanese, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.oracles.verify import Deviation, Verdict
    from sim.report.paper import Sheet


@taking("verify")
def verify(
    oracles: Annotated[
        Path | None,
        typer.Option(
            "--oracles",
            help=say(
                "基準値のファイル(指定しなければ同梱のもの)。",
                "A file of reference values instead of those that come with the project.",
            ),
        ),
    ] = None,
    form: Form = PLAIN,
) -> None:
    """A sentence, then a line for each row; exit code 1 when one is off."""
    from sim.oracles.rows import SHIPPED, read
    from sim.oracles.verify import simple_msk
    from sim.oracles.verify import verify as judge

    rows = list(read(oracles or SHIPPED))
    if oracles is None:
        rows.append(simple_msk())
    found = []
    with _progress(len(rows)) as done:
        for verdict in judge(rows, form.seed):
            found.append(verdict)
            done(len({each.row.id for each in found}))
    name = oracles.name if oracles else say("同梱の基準値", "those of the project")
    form.give(
        lambda: _print_words(found),
        data=lambda: _json(found),
        rows=lambda: _csv(found),
        page=lambda: _report(found, name, form.seed),
    )
    if not all(each.good for each in found):
        raise typer.Exit(1)


@contextmanager
def _progress(rows: int) -> Iterator[Callable[[int], None]]:
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(say("検算", "Verifying"), total=rows)
        yield lambda done: bar.update(task, completed=done)


def _print_words(found: list[Verdict]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    typer.echo(_sentence(found))
    sheet, made = _rows_sheet(found), Table(box=None, pad_edge=False)
    for head in sheet.head:
        made.add_column(head, overflow="fold")
    for row in sheet.rows:
        made.add_row(*map(Text, row))
    Console().print(made)
    for said in _faults(found):
        typer.echo(said)


def _faults(found: list[Verdict]) -> list[str]:
    """Why rows have no answer."""
    return [
        f"{each.row.id}: "
        + (each.fault.ja if japanese() and each.fault.ja else each.fault.message)
        for each in found if each.fault is not None
    ]  # fmt: skip


def _rows_sheet(found: list[Verdict]) -> Sheet:
    from sim.report.paper import Sheet

    head = (
        say("行", "row"), say("モデル", "model"), say("計算方法", "engine"),
        say("最もずれた値", "furthest off"), say("ずれ", "deviation"), "",
    )  # fmt: skip
    return Sheet(say("行ごとの結果", "Row by row"), head, tuple(map(_cells, found)))


def _report(found: list[Verdict], name: str, seed: int) -> str:
    """One HTML file: the verdict, every row, every value with its source."""
    from importlib import metadata

    from sim.report.of_held import verify_plots
    from sim.report.of_told import told_paper
    from sim.report.page import page
    from sim.report.paper import Sheet

    head = (say("行", "row"), say("値", "key"), say("計算方法", "engine"), say("基準", "expected"),
            say("計算", "found"), say("ずれ", "deviation"), say("出典", "source"))  # fmt: skip
    rows = tuple(
        (each.row.id, one.key, each.engine.value if each.engine else "–", f"{one.expected:.6g}",
         "–" if one.found is None else f"{one.found:.6g}", _off(one), each.row.source)
        for each in found for one in each.deviations
    )  # fmt: skip
    note = say(
        "ずれは、公式は許容差に対する比(1まで)、模擬は標準誤差の何倍か(4まで)です。",
        "Deviations: of formulas in parts of the tolerance (at most 1), of simulations in standard "
        "errors (at most 4).",
    )
    versions = (("madoguchi", metadata.version("madoguchi")), ("numpy", metadata.version("numpy")))
    paper = told_paper(
        say("計算方法の検算", "The engines against reference values"), name, [_sentence(found)],
        language(), warnings=_faults(found), plots=verify_plots(found, language()),
        sheets=(_rows_sheet(found), Sheet(say("すべての値", "Every value"), head, rows, note=note)),
        origin=((say("乱数の種", "Seed"), str(seed)), *versions),
    )  # fmt: skip
    return page(paper)


def _sentence(found: list[Verdict]) -> str:
    known = [each for each in found if each.engine is not None]
    off = sum(not each.good for each in known)
    values = sum(len(each.deviations) for each in known)
    rows, unknown = len({each.row.id for each in known}), len(found) - len(known)
    if japanese():
        told = f"基準値{rows}行({values}個の値)を検算しました。"
        told += f"{off}行が許容範囲を外れています。" if off else "すべて許容範囲内です。"
        return told + (f"知らないモデルが{unknown}行あります。" if unknown else "")
    told = f"{rows} reference rows ({values} values): "
    told += f"{off} off." if off else "all within tolerance."
    return told + (f" {unknown} of a model that is not known." if unknown else "")


def _cells(each: Verdict) -> tuple[str, ...]:
    worst = each.worst
    if each.engine is None:
        state = say("知らないモデル", "model not known")
    else:
        state = "ok" if each.good else say("外れ", "OFF")
    name = each.engine.value if each.engine else "–"
    if worst is None:
        return (each.row.id, each.row.model, name, "", "", state)
    return (each.row.id, each.row.model, name, worst.key, _off(worst), state)


def _off(of: Deviation) -> str:
    unit = "σ" if of.sigmas else " rtol"
    return f"{of.units:.2g}{unit}" if of.found is not None else say("値なし", "no figure")


def _data(each: Verdict) -> dict[str, Any]:
    return {
        "id": each.row.id,
        "model": each.row.model,
        "engine": each.engine.value if each.engine else None,
        "good": each.good,
        "fault": each.fault.message if each.fault else None,
        "source": each.row.source,
        "values": [
            {
                "key": one.key,
                "expected": one.expected,
                "found": one.found,
                "deviation": one.units if one.found is not None else None,
                "unit": "sigma" if one.sigmas else "rtol",
                "good": one.good,
            }
            for one in each.deviations
        ],
    }


def _json(found: list[Verdict]) -> str:
    import json

    return json.dumps([_data(each) for each in found], ensure_ascii=False, indent=1)


def _csv(found: list[Verdict]) -> str:
    heads = ("id", "model", "engine", "key", "expected", "found", "deviation", "unit", "good")
    wholes = [_data(each) for each in found]
    rows = [{**whole, **one} for whole in wholes for one in whole["values"] or [{}]]
    return csv_text(heads, [[row.get(head, "") for head in heads] for row in rows])
