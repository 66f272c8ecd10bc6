"""A whole centre in one process: its own Asterisk, and the controller connected to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

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
    """Asterisk and controller, up and connected; both are gone afterwards. ``phone_contacts`` are
    the SIP addresses of phones that do not register.

    Raises :class:`Refused` for a centre whose Asterisk runs on another host.
    """
    settings = centre.settings
    if settings.switch.kind is SwitchKind.REMOTE:
        raise Refused(
            say(
                "Asteriskが別のホストにあるので、`madoguchi serve` を使ってください。",
                "This centre's Asterisk runs on another host: use `madoguchi serve`.",
            )
        )
    paths = paths_of(settings)
    spec = conf_spec(centre, Secrets(settings.state_dir), paths, phone_contacts=phone_contacts)
    switch = await start_asterisk(settings, spec, paths)
    try:
        async with running_centre(centre) as running:
            try:
                await asyncio.wait_for(running.up.wait(), _UP_S)
            except TimeoutError:
                raise SwitchUnavailable("the controller did not reach Asterisk in time") from None
            yield switch, running
    finally:
        await switch.stop()
