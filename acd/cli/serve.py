"""``madoguchi serve``: the controller alone, against an Asterisk that runs already."""

from __future__ import annotations

import asyncio
import signal

import structlog
import typer

from acd.bootstrap import RunningCentre, running_centre
from acd.bootstrap.cluster.member import Member
from acd.bootstrap.logs import configure_logging
from acd.bootstrap.loop import run
from acd.cli.links import address
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say
from acd.config import Centre, load_centre

_log = structlog.get_logger("madoguchi.serve")


def serve(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Run until Ctrl-C or SIGTERM; calls that wait or talk stay in Asterisk meanwhile."""
    loaded = load_centre(centre)
    configure_logging(loaded.settings.log)
    run(_serve(loaded))


async def _serve(centre: Centre) -> None:
    stop = stop_signal()
    if centre.settings.cluster.on:
        await Member(centre, stop, lambda role: typer.echo(_role(centre, role))).run()
        return
    async with running_centre(centre) as running:
        api = address(centre.settings)
        typer.echo(
            say(
                f"コントローラーが動いています。API: {api}/ (Ctrl-Cで終わります)",
                f"The controller runs. API: {api}/ (Ctrl-C ends it)",
            )
        )
        warned = asyncio.get_running_loop().call_later(10.0, _warn, running)
        await stop
        warned.cancel()


def _role(centre: Centre, role: str) -> str:
    node = centre.settings.cluster.node
    if role == "leading":
        return say(f"コントローラー {node} が主になりました。", f"Controller {node} leads now.")
    return say(
        f"コントローラー {node} は待機しています。主が止まれば引き継ぎます。(Ctrl-Cで終わります)",
        f"Controller {node} stands by and takes over when the leader stops. (Ctrl-C ends it)",
    )


def _warn(running: RunningCentre) -> None:
    if not running.up.is_set():
        switch = running.centre.settings.switch
        _log.warning("switch_not_there_yet", host=switch.host, ami_port=switch.manager_port)


def stop_signal() -> asyncio.Future[None]:
    """A future that resolves at the first SIGTERM or Ctrl-C."""
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[None] = loop.create_future()

    def end() -> None:
        if not stop.done():
            stop.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    return stop
