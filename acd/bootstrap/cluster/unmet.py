"""Callers who came and left between two leaders: Asterisk alone saw them, and its record tells.

Once after a takeover, in the background and with time: whoever led before, and this leader, store
what they know first, so that a call has one outcome, and that of a controller where one met it.
"""

from __future__ import annotations

import asyncio

import structlog

from acd.adapters.asterisk.cel_recent import Recent, read_recent
from acd.adapters.sql.late import LateRecords
from acd.app.ledger_check import SwitchCall, taken_over
from acd.bootstrap.centre import RunningCentre
from acd.bootstrap.cluster.folders import Folders
from acd.bootstrap.fencing import store_fence
from acd.bootstrap.ledger import cel_file
from acd.config.settings import Settings
from acd.core.ids import SwitchId
from acd.errors import Deposed, NotFound, StoreError

#: What a controller that led on unheard has to tell is in by then (:mod:`.left_over`).
SETTLED_S = 30.0
#: Whom the static queue took may talk for long: so many looks, each after twice as long.
LOOKS = 6
#: So much earlier than the former leader's last word: a leader before it may have led too short a
#: time for its own look, and clocks may differ.
EARLIER_MS = 300_000
#: Rows that are stored at a time, and how long others may take to store theirs.
AT_ONCE = 500
STORED_EVERY_S, STORED_S = 0.5, 600.0

_log = structlog.get_logger("madoguchi.cluster")


class Unmet:
    """Of one controller, over all its times as leader: what it cannot see it says once."""

    def __init__(self, settings: Settings, folders: Folders) -> None:
        self._settings, self._folders = settings, folders
        self._told: set[SwitchId] = set()

    async def record(self, running: RunningCentre, since_s: float) -> None:
        """Put into the ledger who came since ``since_s`` (Unix seconds; 0: nobody led before) and
        left before anybody met them."""
        if not since_s:
            return
        store = LateRecords(
            self._settings.database_url, store_fence(self._settings, running.leadership)
        )
        pause_s = SETTLED_S
        try:
            for _ in range(LOOKS):
                await asyncio.sleep(pause_s)
                pause_s *= 2
                try:
                    if await self._look(running, store, round(since_s * 1000) - EARLIER_MS):
                        return
                except Deposed:
                    return
                except StoreError as error:
                    _log.warning("unmet_calls_not_stored", code=error.code)
        finally:
            await store.close()

    async def _look(self, running: RunningCentre, store: LateRecords, from_ms: int) -> bool:
        """One look; whether there is nothing more to come."""
        seen = [call for node in self._settings.nodes for call in await self._of(node, from_ms)]
        # Who had left before that, and is not known now, is in a row of this leader or in none.
        known = set(running.engine.calls)
        if not await self._all_stored(running):
            return False
        strangers = [each for each in seen if each[1].call not in known]
        rows = [taken_over(call, at, None) for at, call in strangers if call.ended_ms is not None]
        for first in range(0, len(rows), AT_ONCE):
            new = await store.put_in(rows[first : first + AT_ONCE])
            running.figures.take(new)
            for row in new:
                _log.info("unmet_call_recorded", call=row.call, outcome=row.outcome.value)
        return len(rows) == len(strangers)

    async def _of(self, node: str, from_ms: int) -> list[tuple[SwitchId, SwitchCall]]:
        """The calls of one switch since then, as far as this controller can see its record."""
        switch, path = SwitchId(node), cel_file(self._settings.at(node))
        try:
            found = await asyncio.to_thread(read_recent, path, from_ms)
        except NotFound:
            self._say_unseen(switch)
            return []
        if not found.whole:
            _log.warning(
                "unmet_calls_too_many",
                switch=switch,
                why="the record of Asterisk since the last leader is too long to look through"
                " beside the calls: run madoguchi ledger check --take-over",
            )
        return _each(switch, found)

    def _say_unseen(self, switch: SwitchId) -> None:
        if switch in self._told:
            return
        self._told.add(switch)
        _log.warning(
            "unmet_calls_not_seen",
            switch=switch,
            why="this controller cannot read the record of this Asterisk (run/log/cel.csv), so who"
            " calls and leaves between two leaders is missing in the ledger: name the file as"
            " cel_file of the switch, or run madoguchi ledger check --take-over --cel FILE",
        )

    async def _all_stored(self, running: RunningCentre) -> bool:
        """Return when all rows of before this moment are in the database, the former leader's
        too; whether that was in time."""
        records = running.records
        last = records.journal.last_seq
        for _ in range(int(STORED_S / STORED_EVERY_S)):
            stored = records.spool.stored_seq >= last
            if stored and not any(left.continued for left in self._folders.left()):
                return True
            await asyncio.sleep(STORED_EVERY_S)
        return False


def _each(switch: SwitchId, found: Recent) -> list[tuple[SwitchId, SwitchCall]]:
    return [(switch, call) for call in found.record.calls.values()]
