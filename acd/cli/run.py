"""The verbs that bring their own Asterisk: ``demo``, ``up``, ``bench`` and ``soak``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from acd.bootstrap.logs import configure_logging
from acd.bootstrap.loop import run
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say
from acd.config.settings import LogLevel, LogSettings

_QUIET = LogSettings(level=LogLevel.ERROR)

Seconds = Annotated[
    float,
    typer.Option(
        envvar="DEMO_S",
        min=5,
        max=900,
        help=say("1時間を何秒で再現するか。", "Seconds that the hour takes."),
    ),
]
Seed = Annotated[
    int,
    typer.Option(envvar="DEMO_SEED", help=say("乱数の種。", "Another seed, another hour.")),
]


def demo(centre: CentreOption = DEFAULT_CENTRE, seconds: Seconds = 60.0, seed: Seed = 1) -> None:
    """Play a city's busy hour with real calls; exit 1 unless the ledger balances."""
    from acd.cli.demo import play

    configure_logging(_QUIET)
    if not run(play(centre, seconds, seed, Console())):
        raise typer.Exit(1)


def up(
    centre: CentreOption = DEFAULT_CENTRE,
    always_open: Annotated[
        bool,
        typer.Option(
            "--open", help=say("いつでも受付にします。", "Open whatever the calendar says.")
        ),
    ] = False,
) -> None:
    """Start Asterisk and the controller; stay until Ctrl-C."""
    from acd.cli.up import run_up

    configure_logging(_QUIET)
    run(run_up(centre, Console(), always_open=always_open))


def bench(
    quick: Annotated[
        bool, typer.Option("--quick", help=say("短く試します。", "A taste, not the figures."))
    ] = False,
) -> None:
    """Measure every figure; exit 1 when a target is missed."""
    from tools.bench.__main__ import main

    raise typer.Exit(main(["--quick"] if quick else []))


def soak(
    calls: Annotated[
        int, typer.Option(min=10, max=100_000, help=say("件数。", "How many calls."))
    ] = 10_000,
    rate: Annotated[
        float, typer.Option(min=1, max=100, help=say("1秒あたりの件数。", "Calls per second."))
    ] = 22.0,
) -> None:
    """Play calls of known truth and compare them one by one; exit 1 when anything differs."""
    from tools.soak.__main__ import main

    raise typer.Exit(main(["--calls", str(calls), "--rate", str(rate)]))
