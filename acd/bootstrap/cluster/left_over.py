"""Brings logs of earlier times into the database, and then forgets them.

The log that the present leader's state goes on from is stored as it is: nobody else can have its
rows. Of another one (of a controller that led on for a moment without being heard) only calls that
ended in it and that nobody recorded are taken: everybody else's record of a call is the better one.
"""

from __future__ import annotations

import asyncio

import structlog

from acd.adapters.sql.late import LateRecords
from acd.adapters.sql.records import SqlRecords
from acd.app.drainer import Drainer
from acd.bootstrap.cluster.folders import Folders, Left
from acd.config.settings import Settings
from acd.errors import StoreError
from acd.ports import RecordStore

#: Whoever leads now has recorded its calls by then.
SETTLED_S = 15.0
EVERY_S = 5.0

_log = structlog.get_logger("madoguchi.cluster")


async def store_left(settings: Settings, folders: Folders, records: SqlRecords | None) -> None:
    """Store what is left over, until cancelled. ``records``: the leader's own way to the database;
    who stands by has none, and leaves alone what only a leader may write."""
    late = LateRecords(settings.database_url)
    waited_s = 0.0
    try:
        while True:
            for left in folders.left():
                store: RecordStore | None = records if left.continued else late
                if store is None or (store is late and waited_s < SETTLED_S):
                    continue
                await _store(folders, left, store)
            await asyncio.sleep(EVERY_S)
            waited_s += EVERY_S
    finally:
        await late.close()


async def _store(folders: Folders, left: Left, store: RecordStore) -> None:
    try:
        spool = folders.open_left(left)
    except StoreError as error:
        _log.warning("stream_not_stored", code=error.code)
        return
    drainer = Drainer(spool, store)
    try:
        while await drainer.drain_once():  # noqa: ASYNC110
            await asyncio.sleep(0)
    except StoreError as error:
        _log.warning("stream_not_stored", code=error.code, continued=left.continued)
    else:
        _log.info("stream_stored", last_seq=spool.last_seq, continued=left.continued)
        folders.forget(left)
    finally:
        spool.close()
