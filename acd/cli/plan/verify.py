"""``madoguchi plan verify``: the engines held against reference values; how far off they are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acd.cli.options import JsonOption
from acd.cli.plan.studying import CsvOption
from acd.cli.words import japanese, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.oracles.verify import Verdict


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
    seed: Annotated[
        int, typer.Option("--seed", min=0, help=say("乱数の種。", "Seed of the simulations."))
    ] = 1,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
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
        for verdict in judge(rows, seed):
            found.append(verdict)
            done(len({each.row.id for each in found}))
    if as_json:
        _print_json(found)
    elif as_csv:
        _print_csv(found)
    else:
        _print_words(found)
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
    table = Table(box=None, pad_edge=False)
    for head in (
        say("行", "row"),
        say("モデル", "model"),
        say("計算方法", "engine"),
        say("最もずれた値", "furthest off"),
        say("ずれ", "deviation"),
        "",
    ):
        table.add_column(head, overflow="fold")
    for each in found:
        table.add_row(*(Text(cell) for cell in _cells(each)))
    Console().print(table)
    for each in found:
        if each.fault is not None:
            told = each.fault.ja if japanese() and each.fault.ja else each.fault.message
            typer.echo(f"{each.row.id}: {told}")


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
    unit = "σ" if worst.sigmas else " rtol"
    off = f"{worst.units:.2g}{unit}" if worst.found is not None else say("値なし", "no figure")
    return (each.row.id, each.row.model, name, worst.key, off, state)


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


def _print_json(found: list[Verdict]) -> None:
    import json

    typer.echo(json.dumps([_data(each) for each in found], ensure_ascii=False, indent=1))


def _print_csv(found: list[Verdict]) -> None:
    import csv

    heads = ("id", "model", "engine", "key", "expected", "found", "deviation", "unit", "good")
    writer = csv.DictWriter(sys.stdout, heads, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for each in found:
        whole = _data(each)
        writer.writerows({**whole, **one} for one in whole["values"] or [{}])
