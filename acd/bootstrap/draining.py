"""What a planned stop waits for (SIGTERM, Ctrl-C), so that nobody notices it (docs/adr/0035).

Calls that wait and talks that go on need no controller for a while: they stay in Asterisk. What
does need one is a telephone that rings and a menu that is being heard: nobody new is rung and no
menu begins, and those under way may come to their end. What has not by then is found again by
whoever leads next: an operator who picks up finds the caller without us, a menu is asked for again
by the dialplan each second.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from acd.core.ids import SwitchId
from acd.core.inputs import SwitchDown
from acd.core.offer import OfferState

if TYPE_CHECKING:
    from acd.bootstrap.centre import RunningCentre

_LOOK_EVERY_S = 0.05
_BEFORE_THE_TALK = (OfferState.RINGING, OfferState.PICKED_UP)
_log = structlog.get_logger("madoguchi.drain")


async def drain(running: RunningCentre) -> None:
    """Return when nothing is under way that a stop would break off, or ``drain_s`` later. A
    controller that no longer leads has nothing to wait for."""
    if not running.leadership.holds():
        return
    settings = running.centre.settings
    # To the engine its switches are gone: it offers nothing more, and takes no ring for unanswered.
    for name in (settings.switch.id, *settings.switches):
        await running.controller.submit(SwitchDown(SwitchId(name)))
    rings, menus = await asyncio.gather(
        _rings_end(running, settings.agi.drain_s), running.agi.drain(settings.agi.drain_s)
    )
    _log.info("drained", rings_left=rings, menus_left=menus)


async def _rings_end(running: RunningCentre, within_s: float) -> int:
    """Wait until no telephone rings for a caller; returns how many still do."""
    ringing = 0
    for _ in range(round(within_s / _LOOK_EVERY_S) + 1):
        offers = running.engine.state.offers.values()
        ringing = sum(each.state in _BEFORE_THE_TALK for each in offers)
        if not ringing:
            break
        await asyncio.sleep(_LOOK_EVERY_S)
    return ringing
