"""What the database has of the stream of whoever led before, and we were not sent any more."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import select

from acd.adapters.sql import tables
from acd.adapters.sql.database import async_engine, unavailable
from acd.app.standby import Warm
from acd.config.settings import Settings
from acd.errors import StoreError
from acd.ports import Frame

#: How long calls wait for this; what is missing then, the sweep over the switch mends.
PATIENCE_S = 0.3
MAX_FRAMES = 20_000

_log = structlog.get_logger("madoguchi.cluster")


async def frames_after(url: str, stream: str, seq: int) -> list[Frame]:
    """Frames of a stream after ``seq`` up to the first that is missing; their rows are stored
    already and are left out. Raises StoreUnavailable."""
    journal = tables.journal.c
    query = (
        select(journal.seq, journal.schema, journal.detail)
        .where((journal.stream == stream) & (journal.seq > seq))
        .order_by(journal.seq)
        .limit(MAX_FRAMES)
    )
    engine = async_engine(url)
    try:
        with unavailable():
            async with engine.connect() as connection:
                rows = (await connection.execute(query)).all()
    finally:
        await engine.dispose()
    found: list[Frame] = []
    for row in rows:
        if row[0] != seq + 1 + len(found):
            break
        found.append(Frame(row[0], row[1], b"", row[2]))
    return found


async def live_newer(settings: Settings, warm: Warm) -> None:
    """Let the state live through what the database has and the stream did not bring."""
    reached = warm.reached
    try:
        async with asyncio.timeout(PATIENCE_S):
            newer = await frames_after(settings.database_url, reached.stream, reached.seq)
    except (StoreError, TimeoutError) as error:
        _log.warning("newer_steps_not_asked", why=type(error).__name__)
        return
    if newer:
        try:
            warm.live(newer)
        except StoreError as error:
            _log.error("newer_steps_not_lived", code=error.code)
        else:
            _log.info("newer_steps", steps=len(newer))
