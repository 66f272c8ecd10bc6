"""``madoguchi plan bench``: how fast the planner's engines are here, beside C, SimPy and Ciw."""

from __future__ import annotations

import importlib.util
from typing import Annotated

import typer

from acd.cli.words import say
from acd.errors import Refused

#: What is measured beside our own engines; both belong to the development group.
_PEERS = ("simpy", "ciw")


def bench(
    quick: Annotated[
        bool, typer.Option("--quick", help=say("短く試します。", "A taste, not the figures."))
    ] = False,
) -> None:
    """Measure the planner's engines side by side; exit 1 when a target is missed."""
    missing = [name for name in _PEERS if importlib.util.find_spec(name) is None]
    if missing or importlib.util.find_spec("tools.bench") is None:
        raise Refused(
            f"this measures beside {', '.join(_PEERS)}, in a checkout: run `make setup` there "
            "and the command again",
            code="no_peers",
            ja=f"{'、'.join(_PEERS)}と並べて測ります。チェックアウトで `make setup` を"
            "実行してから、もう一度試してください。",
        )
    from tools.bench.__main__ import main

    raise typer.Exit(main(["--only", "planner", *(["--quick"] if quick else [])]))
