"""Options that several verbs share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from acd.cli.words import say

CentreOption = Annotated[
    Path,
    typer.Option(
        "--centre",
        envvar="MADOGUCHI_CENTRE",
        help=say("センターのディレクトリ。", "The centre's directory."),
    ),
]

CentreArgument = Annotated[
    Path,
    typer.Argument(
        envvar="MADOGUCHI_CENTRE",
        help=say("センターのディレクトリ。", "The centre's directory."),
    ),
]

JsonOption = Annotated[
    bool, typer.Option("--json", help=say("JSONで出力します。", "Print JSON instead."))
]

_DAY = ["%Y-%m-%d"]
FirstDayOption = Annotated[
    dt.datetime | None,
    typer.Option("--from", formats=_DAY, help=say("この日から。", "From this day.")),
]
LastDayOption = Annotated[
    dt.datetime | None,
    typer.Option("--to", formats=_DAY, help=say("この日まで。", "Up to this day.")),
]

#: Where a checkout keeps its example city.
DEFAULT_CENTRE = Path("centre")
