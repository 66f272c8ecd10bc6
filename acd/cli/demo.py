"""``madoguchi demo``: a city's busy hour in a minute, with real calls, and what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from acd.adapters.asterisk.process import AsteriskProcess
from acd.adapters.secrets import Secrets
from acd.bootstrap import RunningCentre
from acd.cli.demo_report import report
from acd.cli.links import print_links
from acd.cli.live_state import LiveState
from acd.cli.live_view import LiveView, Stage
from acd.cli.whole import whole_centre
from acd.cli.words import say
from acd.config import Centre, load_centre
from acd.config.settings import Settings
from acd.core.inputs import AgentLoggedIn, AgentReadied
from sim.load.demo import Performance, Place, Played, ports_needed
from sim.load.hour import Door, Hour, habits
from sim.load.ports import free_ports
from sim.load.stage import phones, stage

#: A wait of a minute takes a second on the stage; the talks are as short.
PACE = 60.0
_CALLS_PER_S = 1.3
_TALK_S = 3.5
_LAST_CALLS_S = 20.0
_OPENS_MIN = 10 * 60
_HOST = "127.0.0.1"

#: The way into each queue of the example city: keys with their times after the answer. The first
#: cuts the greeting short; the second waits for the notice, which is heard in full.
DOORS = (
    Door("tax", ((1.0, "1"), (7.5, "1")), 3.0, menu_s=11.0),
    Door("residents", ((1.0, "2"),), 2.2),
    Door("general", ((1.0, "3"),), 3.4),
    Door("switchboard", ((1.0, "0"),), 2.0),
)
_UNLISTED = "0466009999"


def staged(centre: Centre, state_dir: Path, pace: float = PACE) -> Centre:
    """The centre on the stage: clocks ``pace`` times as fast, free ports, records of its own."""
    sip, ami, agi, api, ws = free_ports(5)
    settings = centre.settings
    moved = settings.model_copy(
        update={
            "state_dir": state_dir,
            "switch": settings.switch.model_copy(update={"sip_port": sip, "ami_port": ami}),
            "agi": settings.agi.model_copy(update={"port": agi}),
            "api": settings.api.model_copy(update={"port": api}),
            "softphone": settings.softphone.model_copy(update={"ws_port": ws}),
            # The callers are tones: an hour of them in a minute is not worth keeping.
            "recording": settings.recording.model_copy(update={"enabled": False}),
        }
    )
    return replace(centre, settings=moved, plan=stage(centre.plan, pace))


async def play(centre_path: Path, length_s: float, seed: int, console: Console) -> bool:
    """Play the hour and print the report; whether the ledger balances."""
    home = load_centre(centre_path)
    folder = home.settings.state_dir / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    centre = staged(home, folder)
    began = time.monotonic()
    async with whole_centre(centre) as (switch, running):
        performance = Performance(
            _hour(centre, length_s, seed),
            habits(phones(centre.plan)),
            _place(centre.settings, running.secrets, phones(centre.plan)),
            folder / "sipp",
            _TALK_S,
        )
        try:
            await performance.raise_phones()
            console.print(_ready(await switch.version(), time.monotonic() - began))
            print_links(console, running)
            played = await _watch(performance, running, console, length_s)
            await _settled(running)
            left = await _channels(switch)
        finally:
            await performance.close()
    return await report(console, centre, played, left)


def _hour(centre: Centre, length_s: float, seed: int) -> Hour:
    number = next(each.number for each in centre.plan.numbers)
    return Hour(length_s, _CALLS_PER_S, number, _UNLISTED, DOORS, seed)


def _place(settings: Settings, secrets: Secrets, devices: list[str]) -> Place:
    return Place(
        host=_HOST,
        sip_port=settings.switch.sip_port,
        secrets={device: secrets.get(f"phone.{device}") for device in devices},
        ports=free_ports(ports_needed()),
    )


async def _start_work(running: RunningCentre) -> None:
    for agent in running.centre.plan.agents:
        await running.controller.submit(AgentLoggedIn(agent.id))
        await running.controller.submit(AgentReadied(agent.id))


async def _watch(
    performance: Performance, running: RunningCentre, console: Console, length_s: float
) -> Played:
    state = LiveState(running.centre.plan)
    running.controller.follow(state)
    await _start_work(running)
    stage_frame = Stage(say("市役所の忙しい1時間", "A city's busy hour"), length_s, _OPENS_MIN)
    view = LiveView(state, stage_frame, console, running.clock.now)
    showing = asyncio.create_task(view.run())
    try:
        return await performance.play()
    finally:
        showing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await showing
        running.controller.unfollow(state)


async def _settled(running: RunningCentre) -> None:
    """Wait until the engine has closed the last call (its hang-up is still on its way)."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_CALLS_S):
            while running.engine.calls:  # noqa: ASYNC110 - the engine is plain data
                await asyncio.sleep(0.1)


async def _channels(switch: AsteriskProcess) -> int:
    """How many channels the switch still has."""
    for line in (await switch.cli("core show channels count")).splitlines():
        if "active channel" in line:
            return int(line.split()[0])
    return -1


def _ready(version: str, took_s: float) -> str:
    version = version.partition("+")[0]
    return say(
        f"{version} とコントローラーが {took_s:.1f} 秒で起動しました。電話がかかってきます。",
        f"{version} and the controller are up after {took_s:.1f} s. Here come the callers.",
    )
