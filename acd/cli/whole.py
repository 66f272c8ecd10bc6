"""A whole centre in one process: its own Asterisk, and the controller connected to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

from acd.adapters.asterisk.process import AsteriskProcess
from acd.adapters.secrets import Secrets
from acd.bootstrap import RunningCentre, running_centre
from acd.bootstrap.switch import conf_spec, paths_of, start_asterisk
from acd.cli.words import say
from acd.config import Centre
from acd.config.settings import SwitchKind
from acd.errors import Refused, SwitchUnavailable

_UP_S = 15.0


@contextlib.asynccontextmanager
async def whole_centre(
    centre: Centre, phone_contacts: dict[str, str] | None = None
) -> AsyncIterator[tuple[AsteriskProcess, RunningCentre]]:
    """Asterisk (of several the first one is yielded) and controller, up and connected; all are gone
    afterwards. ``phone_contacts`` are the SIP addresses of phones that do not register.

    Raises :class:`Refused` for a centre with an Asterisk that runs on another host.
    """
    settings = centre.settings
    if any(each.kind is SwitchKind.REMOTE for each in settings.nodes.values()):
        raise Refused(
            say(
                "Asteriskが別のホストにあるので、`madoguchi serve` を使ってください。",
                "This centre's Asterisk runs on another host: use `madoguchi serve`.",
            )
        )
    switches: list[AsteriskProcess] = []
    try:
        for node in settings.nodes:
            switches.append(await _start(centre, node, phone_contacts or {}))
        async with running_centre(centre) as running:
            try:
                await asyncio.wait_for(running.up.wait(), _UP_S)
            except TimeoutError:
                raise SwitchUnavailable("the controller did not reach Asterisk in time") from None
            yield switches[0], running
    finally:
        for switch in switches:
            await switch.stop()


async def _start(centre: Centre, node: str, contacts: dict[str, str]) -> AsteriskProcess:
    """One Asterisk; it knows the addresses of the telephones that are at home there."""
    settings = centre.settings.at(node)
    away = {each.device for each in centre.plan.agents if each.switch != node}
    here = {phone: where for phone, where in contacts.items() if phone not in away}
    paths = paths_of(settings)
    spec = conf_spec(
        replace(centre, settings=settings),
        Secrets(settings.secrets_dir),
        paths,
        phone_contacts=here,
    )
    return await start_asterisk(settings, spec, paths)
