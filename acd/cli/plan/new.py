"""``madoguchi plan new``: a commented scenario to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from acd.cli.words import japanese, say
from acd.errors import Refused


def new(
    path: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=say("作るファイル。", "The file to write.")),
    ],
    example: Annotated[
        str | None,
        typer.Option("--from", metavar="EXAMPLE", help=say("例を写します (city-a、city-b)。",
                                                           "Copy an example (city-a, city-b).")),
    ] = None,
) -> None:  # fmt: skip
    """Never overwrites."""
    from sim.scenario_file.find import example_names, found
    from sim.scenario_file.new import commented

    text = commented("ja" if japanese() else "en")
    if example is not None:
        text = found(example).read_text("utf-8")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Refused(
            f"{path} is there already; choose another name",
            ja=f"{path} はすでにあります。別の名前にしてください。",
        ) from None
    except OSError as error:
        raise Refused(
            f"{path} cannot be written: {error.strerror}",
            ja=f"{path} に書けません: {error.strerror}",
        ) from None
    names = ", ".join(example_names())
    typer.echo(
        say(
            f"{path} を作りました。書き換えて madoguchi plan run {path} で試せます(例: {names})。",
            f"Wrote {path}. Edit it, then: madoguchi plan run {path} (examples: {names}).",
        )
    )
