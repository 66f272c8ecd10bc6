"""``madoguchi plan``: how many seats, how many lines, and why. One table of verbs.

Each verb has a file of its own in this folder, imported when the verb runs, so that a quick one
stays quick. A new verb is its file and one entry here, in the order in which a planner needs them.
"""

from __future__ import annotations

import typer

from acd.cli.lazy import LazyGroup, Verb
from acd.cli.words import say

VERBS: tuple[Verb, ...] = ()


class _Plan(LazyGroup):
    verbs = VERBS


app = typer.Typer(cls=_Plan, add_completion=False, pretty_exceptions_enable=False)


@app.callback(
    invoke_without_command=True,
    help=say(
        "席と回線が何席・何本要るか、その理由とともに計算します。",
        "Work out how many seats and lines are needed, and why.",
    ),
)
def _plan(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
