"""``madoguchi demo`` and ``up``: a whole centre, with its own Asterisk."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say


def demo(
    centre: CentreOption = DEFAULT_CENTRE,
    seconds: Annotated[
        float,
        typer.Option(
            envvar="DEMO_S",
            min=5,
            max=900,
            help=say("再現にかける秒数。", "Seconds that the hour takes."),
        ),
    ] = 60.0,
    seed: Annotated[
        int, typer.Option(envvar="DEMO_SEED", help=say("乱数の種。", "Another seed, another hour."))
    ] = 1,
) -> None:
    """Play a city's busy hour with real calls; exit 1 unless the ledger balances."""
    from acd.bootstrap.logs import configure_logging
    from acd.cli.demo import play
    from acd.config.settings import LogLevel, LogSettings

    configure_logging(LogSettings(level=LogLevel.ERROR))
    if not asyncio.run(play(centre, seconds, seed, Console())):
        raise typer.Exit(1)
