"""``madoguchi up``: the whole centre left running for a person, until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from acd.adapters.asterisk.process import AsteriskProcess
from acd.adapters.secrets import FILE, Secrets
from acd.bootstrap import RunningCentre
from acd.cli.links import address, print_links
from acd.cli.live_state import LiveState
from acd.cli.live_view import LiveView, Stage
from acd.cli.serve import stop_signal
from acd.cli.whole import whole_centre
from acd.cli.words import say
from acd.config import Centre, load_centre
from acd.errors import SwitchUnavailable
from sim.load.stage import open_always


async def run_up(path: Path, console: Console, *, always_open: bool) -> None:
    """Start everything, say how to call and how to work, and stay until told to stop.

    ``always_open`` leaves the calendars aside: somebody who tries it on a Sunday is answered too,
    after a reload as well.
    """
    centre = load_centre(path)
    if always_open:
        centre = centre.shaped(open_always)
    stop = stop_signal()
    async with whole_centre(centre) as (switch, running):
        _print_welcome(console, centre, await switch.version(), running.secrets)
        print_links(console, running)
        console.print(Text(say("Ctrl-C で終わります。", "Ctrl-C stops it."), "dim"))
        await _stay(switch, running, console, stop)
    console.print(say("終わりました。", "Stopped."))


async def _stay(
    switch: AsteriskProcess, running: RunningCentre, console: Console, stop: asyncio.Future[None]
) -> None:
    """Until Ctrl-C, or until Asterisk is gone."""
    state = LiveState(running.centre.plan)
    state.catch_up(running.engine)
    running.controller.follow(state)
    title = next((say(n.name_ja, n.name_en) for n in running.centre.plan.numbers), "madoguchi")
    view = LiveView(state, Stage(title), console, running.clock.now)
    ended: asyncio.Future[int] = asyncio.ensure_future(switch.wait())
    tasks: list[asyncio.Future[int] | asyncio.Future[None]] = [ended]
    if console.is_terminal:
        tasks.append(asyncio.ensure_future(view.run()))
    try:
        await asyncio.wait((stop, ended), return_when=asyncio.FIRST_COMPLETED)
        if not stop.done():
            raise SwitchUnavailable(
                say("Asteriskが終了しました。", "Asterisk has ended by itself; see its log.")
            )
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


def _print_welcome(console: Console, centre: Centre, version: str, secrets: Secrets) -> None:
    settings, plan = centre.settings, centre.plan
    server = f"{settings.switch.sip_bind}:{settings.switch.sip_port}"
    numbers = ", ".join(f"sip:{each.number}@{server}" for each in plan.numbers)
    command = sys.argv[0]
    name = version.partition("+")[0]
    first = plan.agents[0].id if plan.agents else "op01"
    console.print(Text(say(f"{name} が動いています。", f"{name} is up."), "bold"))
    console.print(accounts(centre, secrets))
    lines = [
        (say("SIPサーバー", "SIP server"), server),
        (say("電話をかける", "to call"), numbers),
        (
            say("受ける", "to answer"),
            f"{command} agent login {first}; {command} agent ready {first}",
        ),
        (say("受付時間", "hours"), _hours(centre)),
        (say("API", "API"), f"{address(settings)}/"),
        (say("記録", "records"), str(settings.state_dir)),
        (say("パスワード", "passwords"), f"{settings.state_dir / FILE} (0600)"),
    ]
    grid = Table.grid(padding=(0, 2))
    for name, value in lines:
        grid.add_row(Text(name, "dim"), Text(value))
    console.print(grid)


def _hours(centre: Centre) -> str:
    if centre.plan == open_always(centre.plan):
        return say("いつでも受付中", "always open")
    return say(
        "calendars.toml のとおり (--open でいつでも受付)",
        "as in calendars.toml (--open: always)",
    )


def accounts(centre: Centre, secrets: Secrets) -> Table:
    """The operators' SIP accounts; the passwords were made at random on the first run."""
    table = Table(
        title=say("オペレーターのSIPアカウント", "The operators' SIP accounts"),
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
    )
    table.add_column(say("オペレーター", "operator"), overflow="fold")
    # A password that is cut off is of no use: the other columns give way.
    table.add_column(say("ユーザー", "user"), no_wrap=True)
    table.add_column(say("パスワード", "password"), no_wrap=True)
    table.add_column(say("担当", "skills"), overflow="fold")
    made = secrets.get_all([f"phone.{agent.device}" for agent in centre.plan.agents])
    for agent in centre.plan.agents:
        skills = " ".join(f"{need.skill} {need.level}" for need in agent.skills)
        table.add_row(agent.name, agent.device, made[f"phone.{agent.device}"], skills)
    return table
