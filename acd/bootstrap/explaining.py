"""Why an offer was made, worked out from the journal when somebody asks."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.sql.reader import LedgerReader
from acd.app.frames import decode_step
from acd.bootstrap.ledger import settle, spool_folder
from acd.config.settings import Settings
from acd.core.engine import Engine
from acd.core.events import CallOffered
from acd.core.explain import explain
from acd.core.explain_text import Told, told
from acd.core.ids import OfferId
from acd.errors import NotFound
from acd.ports import Snapshot


async def explain_offer(settings: Settings, timezone: str, offer: OfferId) -> Told:
    """The reasons of an offer in both languages; raises NotFound.

    Runs in a thread of its own: taking an hour's steps apart must not hold up the controller.
    """
    return await asyncio.to_thread(lambda: asyncio.run(_explain(settings, timezone, offer)))


async def _explain(settings: Settings, timezone: str, offer: OfferId) -> Told:
    await settle(settings)
    reader = LedgerReader(settings.database_url)
    try:
        start, engine = await _before(reader, settings, timezone, offer)
        async for frame in reader.frames(start.stream, start.seq):
            step = decode_step(frame)
            if any(isinstance(e, CallOffered) and e.offer == offer for e in step.events):
                return told(explain(engine, step.events, step.at_s, offer))
            for event in step.events:
                engine.apply(event, step.at_s)
    finally:
        await reader.close()
    raise _unknown(offer)


async def _before(
    reader: LedgerReader, settings: Settings, timezone: str, offer: OfferId
) -> tuple[Snapshot, Engine]:
    """The newest snapshot that does not know the offer yet, and its engine."""
    newest = SnapshotFiles(spool_folder(settings)).newest()
    streams = [newest.stream] if newest else await reader.streams()
    kept = await reader.snapshots(streams[-1]) if streams else []
    for snapshot in [*([newest] if newest else []), *reversed(kept)]:
        engine = Engine.restore(snapshot.engine, ZoneInfo(timezone))
        if engine.state.counters.offers < int(offer[1:]):
            return snapshot, engine
    raise _unknown(offer)


def _unknown(offer: OfferId) -> NotFound:
    return NotFound(f"offer {offer} is not in the journal", code="unknown_offer")
