"""Talks that began and ended while nobody of us looked: the switch's own record knows of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from acd.adapters.asterisk.cel_recent import answered_since
from acd.app.reconcile import rung_and_gone
from acd.bootstrap.ledger import cel_file
from acd.config.settings import Settings
from acd.core.engine import Engine
from acd.core.ids import OfferId, SwitchId
from acd.errors import NotFound
from acd.ports import ChannelSeen

#: Clocks of the switch and of this machine differ by less than this.
CLOCKS_MS = 5_000

_log = structlog.get_logger("madoguchi.unseen")


async def talked_unseen(
    settings: Settings, engine: Engine, switch: SwitchId, seen: Sequence[ChannelSeen]
) -> set[OfferId]:
    """Which rings, whose callers are gone by now, became talks. A record that this controller
    cannot see says of none: their callers count as having hung up."""
    rings = rung_and_gone(engine, switch, seen)
    if not rings:
        return set()
    from_ms = round(min(ring.offered_s for ring in rings) * 1000) - CLOCKS_MS
    try:
        answered = await asyncio.to_thread(answered_since, cel_file(settings.at(switch)), from_ms)
    except NotFound:
        return set()
    found = answered & {ring.id for ring in rings}
    if found:
        _log.warning("talks_unseen", switch=switch, talks=len(found))
    return found
