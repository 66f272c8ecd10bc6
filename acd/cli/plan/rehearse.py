"""``madoguchi plan rehearse``: a scenario's busiest hour through real Asterisk, in minutes."""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from acd.cli.plan.form import PLAIN, Form, taking
from acd.cli.words import say

if TYPE_CHECKING:
    from rich.console import Console

    from acd.bootstrap import RunningCentre
    from sim.inputs.draws import Draws
    from sim.rehearsal.comparison import Comparison, Real
    from sim.rehearsal.piece import Piece

#: Exit code when the telephones and the simulation are further apart than is allowed.
APART = 1
_LAST_CALLS_S = 20.0

ScenarioArgument = Annotated[
    str,
    typer.Argument(
        help=say("シナリオのファイル、または例の名前。", "A scenario's file, or an example's name.")
    ),
]
MinutesOption = Annotated[
    float,
    typer.Option(
        "--minutes",
        min=0.1,
        max=60.0,
        help=say("1時間を何分で行うか。", "In how many minutes the hour is played."),
    ),
]
AllOption = Annotated[
    bool,
    typer.Option(
        "--all", help=say("違いをすべて表示します。", "List every difference, however many.")
    ),
]


@taking("rehearse")
def rehearse(
    scenario: ScenarioArgument = "city-b",
    minutes: MinutesOption = 5.0,
    show_all: AllOption = False,
    form: Form = PLAIN,
) -> None:
    """Exit code 1 when answer rate or mean wait are further apart than is allowed."""
    from rich.console import Console

    from acd.cli.plan import rehearse_text as text
    from sim.inputs.draws import draw
    from sim.rehearsal.piece import busiest_hour, check_size
    from sim.scenario_file.find import study_of

    console = Console(stderr=True)
    piece = busiest_hour(study_of(scenario).scenario)
    pace = piece.scenario.day_s / (60.0 * minutes)
    draws = draw(piece.scenario, form.seed)
    check_size(piece, draws, pace)
    text.say_to(console, text.begun(piece, len(draws), minutes, pace))
    found = asyncio.run(played(piece, draws, pace, console))
    form.give(
        lambda: text.show(found, piece, Console(), show_all=show_all),
        data=lambda: msgspec.json.format(msgspec.json.encode(_plain(found))).decode(),
        rows=lambda: text.rows(found, piece),
        page=lambda: text.report(found, piece, form.seed),
        figures=lambda: text.figures(found),
    )
    if not found.within:
        raise typer.Exit(APART)


def _plain(found: Comparison) -> dict[str, object]:
    whole = dataclasses.asdict(found)
    return {
        "within": found.within,
        "answer_rate_points": found.answer_rate_points,
        "mean_wait_share": found.mean_wait_share,
        "differences": [each.index for each in found.differences],
        **whole,
    }


async def played(piece: Piece, draws: Draws, pace: float, console: Console) -> Comparison:
    """The rehearsal and its simulation, compared. ``console``: rich's, for the progress."""
    from sim.rehearsal.comparison import compared, mean_ring_s
    from sim.twin.world import simulate

    with tempfile.TemporaryDirectory(prefix="madoguchi-rehearsal-") as folder:
        real = await _on_the_wire(piece, draws, pace, Path(folder), console)
    simulated = simulate(piece.scenario, draws)
    with_ring = simulate(piece.scenario, draws, ring_s=mean_ring_s(real) * pace)
    return compared(simulated, real, with_ring, pace)


async def _on_the_wire(
    piece: Piece, draws: Draws, pace: float, folder: Path, console: Console
) -> dict[int, Real]:
    """Play it; what the ledger says of every call."""
    from acd.adapters.sql.reader import LedgerReader
    from acd.bootstrap.logs import configure_logging
    from acd.cli.whole import whole_centre
    from sim.load.ports import free_ports
    from sim.rehearsal.comparison import read_real
    from sim.rehearsal.conductor import Conductor
    from sim.rehearsal.performance import Performance
    from sim.rehearsal.piece import Ports, contacts, staged_centre

    ports = Ports(*free_ports(8))
    centre, _ = staged_centre(piece, pace, folder, ports)
    configure_logging(centre.settings.log)
    async with whole_centre(centre, contacts(centre.plan, ports.phones)) as (_, running):
        performance = Performance(draws, pace, ports, folder / "sipp")
        conductor = Conductor(
            draws, pace, running.controller.deliver, ports.callers, performance.call_id
        )
        running.controller.follow(conductor)
        try:
            await _sit_down(running)
            await performance.begin()
            await _watched(performance.over(), console, piece.scenario.day_s / pace)
            await _settled(running)
        finally:
            running.controller.unfollow(conductor)
            conductor.close()
            await performance.close()
    reader = LedgerReader(centre.settings.database_url)
    try:
        return read_real(await reader.calls(), await reader.visits(), await reader.legs())
    finally:
        await reader.close()


async def _sit_down(running: RunningCentre) -> None:
    """All operators at work, in the scenario's order."""
    from acd.core.inputs import AgentLoggedIn, AgentReadied

    for agent in running.centre.plan.agents:
        await running.controller.submit(AgentLoggedIn(agent.id))
        await running.controller.submit(AgentReadied(agent.id))


async def _watched(over: Coroutine[Any, Any, int], console: Console, length_s: float) -> None:
    """Show how far it is while it is played."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    task = asyncio.create_task(over)
    with Progress(*columns, console=console, transient=True) as progress:
        shown = progress.add_task(say("試行中", "Playing"), total=length_s)
        began = time.monotonic()
        while not task.done():
            progress.update(shown, completed=min(length_s, time.monotonic() - began))
            await asyncio.wait({task}, timeout=0.5)
    await task


async def _settled(running: RunningCentre) -> None:
    """Wait until the engine has closed the last call (its hang-up is still on its way)."""
    for _ in range(int(_LAST_CALLS_S / 0.1)):
        if not running.engine.calls:
            return
        await asyncio.sleep(0.1)
