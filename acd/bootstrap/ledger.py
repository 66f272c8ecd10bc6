"""The ledger of a centre for those who look at it from outside: checking, replaying, measuring."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct

from acd.adapters.asterisk.cel import read_cel
from acd.adapters.asterisk.cel_files import record_files
from acd.adapters.asterisk.conffiles import CEL_FILE
from acd.adapters.segment import frame_size
from acd.adapters.spool import MIB, Spool, SpoolSize
from acd.adapters.spool_view import SpoolView
from acd.adapters.sql.database import sqlite_file
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.records import SqlRecords
from acd.app.drainer import Drainer
from acd.app.frames import decode_rows, decode_step
from acd.app.ledger_check import (
    Balance,
    Differences,
    Refold,
    check_calls,
    check_visits,
    compare_with_switch,
    taken_over,
)
from acd.app.replay import Replay, Replayed
from acd.config.settings import Settings
from acd.core.cdr import Book
from acd.core.cdr_types import CallRecord, Source
from acd.core.engine import Engine
from acd.core.events import VisitOutcome
from acd.core.ids import CallId, SwitchId, node_endpoint
from acd.errors import NotFound, StoreUnavailable
from acd.ports import Frame

#: Bytes of journal per call when too few calls lie in the spool to measure it (measured: six to
#: eight steps per call, see docs/adr/0002-journal-and-spool.md).
USUAL_CALL_BYTES = 2_200
USUAL_ROW_BYTES = 300
#: A city's peak hour.
USUAL_CALLS_PER_HOUR = 200.0
_ENOUGH_CALLS = 20
_SETTLE_S = 30.0
#: How long a running controller may take to store what it has journaled.
WAIT_S = 5.0
_HOUR_MS = 3_600_000


class Checked(Struct):
    """What ``madoguchi ledger check`` found."""

    calls: Balance
    visits: Balance
    steps: int
    dropped_steps: int
    lost_outcomes: int
    switch: Differences | None
    unreadable_lines: int
    taken_over: int

    @property
    def balances(self) -> bool:
        """Whether nothing differs that was not taken over."""
        agreed = self.switch is None or self.switch.none
        return self.calls.balances and self.visits.balances and agreed


class SpoolHolds(Struct, frozen=True):
    """How much the spool holds while the database is away. ``measured`` is false when too few
    calls lie in it and usual sizes were taken."""

    ring_bytes: int
    reserve_bytes: int
    call_bytes: int
    row_bytes: int
    measured: bool
    calls_per_hour: float
    hours: float
    hours_of_outcomes: float


def spool_folder(settings: Settings) -> Path:
    """Where a centre's spool lies."""
    return settings.state_dir / "spool"


def cel_file(settings: Settings) -> Path:
    """The record that the centre's Asterisk writes, where this controller sees it."""
    switch = settings.switch
    if switch.cel_file:
        return Path(switch.cel_file)
    home = f"asterisk-{switch.id}" if switch.further else "asterisk"
    return settings.state_dir / home / "run" / CEL_FILE


def _records(settings: Settings) -> list[Path]:
    """The records of all Asterisks of the centre, whole."""
    files = [record_files(cel_file(settings.at(node))) for node in settings.nodes]
    return [file for found in files for file in found]


async def settle(settings: Settings) -> None:
    """Have everything in the database: by the running controller, or, without one, at once."""
    folder = spool_folder(settings)
    if not any(folder.glob("ring-*.seg")):
        return
    store = settings.store
    size = SpoolSize(total_bytes=store.spool_mib * MIB, reserve_bytes=store.reserve_mib * MIB)
    try:
        spool = Spool(folder, size)
    except StoreUnavailable as error:
        if error.code != "spool_in_use":
            raise
        await _wait_for_controller(settings)
        return
    records = SqlRecords(settings.database_url)
    try:
        if not await Drainer(spool, records).finish(_SETTLE_S):
            raise StoreUnavailable(
                "not all of the spool could be stored: look at the database's disk and locks"
            )
    finally:
        spool.close()
        await records.close()


async def _wait_for_controller(settings: Settings) -> None:
    """What is journaled by now is stored soon: a few seconds are enough if all is well."""
    view = SpoolView(spool_folder(settings))
    last = max((frame.seq for frame in view.frames()), default=0)
    view.close()
    reader = LedgerReader(settings.database_url)
    try:
        for _ in range(int(WAIT_S / 0.1)):
            if await reader.position(view.stream) >= last:
                return
            await asyncio.sleep(0.1)
    finally:
        await reader.close()
    raise StoreUnavailable("the running centre is behind with storing its records: try again later")


async def check(
    settings: Settings, cel: Sequence[Path] | None = None, *, take_over: bool = False
) -> Checked:
    """Check the whole ledger; ``cel`` defaults to the record of the centre's own Asterisk."""
    if sqlite_file(settings.database_url) is not None:
        spool_folder(settings).parent.mkdir(parents=True, exist_ok=True)
    await settle(settings)
    reader = LedgerReader(settings.database_url)
    try:
        refold = Refold()
        for stream in await reader.streams():
            await _begin(refold, reader, stream)
            async for frame in reader.frames(stream):
                refold.take(decode_step(frame))
            refold.end_of_log()
        found = await _compare(settings, reader, refold, cel)
        if take_over and found.switch is not None:
            count = await _take_over(settings, reader, found.switch, cel)
            if count:
                found = await _compare(settings, reader, refold, cel)
                found.taken_over = count
        return found
    finally:
        await reader.close()


async def _begin(refold: Refold, reader: LedgerReader, stream: str) -> None:
    """A log that was cut begins with the snapshot at which it was cut, and a new leader's log with
    the state that it took over."""
    first = await reader.first_seq(stream)
    for snapshot in await reader.snapshots(stream):
        if snapshot.seq == first - 1:
            refold.begin(Book.restore(snapshot.book))


async def _compare(
    settings: Settings, reader: LedgerReader, refold: Refold, cel: Sequence[Path] | None
) -> Checked:
    rows = await reader.calls()
    corrected = {row.call for row in rows if row.source is Source.SWITCH}
    dropped = await reader.dropped()
    files = _records(settings) if cel is None else cel
    switch, unreadable = None, 0
    if files:
        record = await asyncio.to_thread(read_cel, files)
        unreadable = record.unreadable
        open_calls = refold.open_calls - {row.call for row in rows}
        switch = compare_with_switch(record.calls, rows, await reader.legs(), open_calls)
    return Checked(
        calls=check_calls(refold, rows),
        visits=check_visits(refold, await reader.visits(), corrected),
        steps=refold.steps,
        dropped_steps=sum(one.steps for one in dropped),
        lost_outcomes=sum(one.outcomes_lost for one in dropped),
        switch=switch,
        unreadable_lines=unreadable,
        taken_over=0,
    )


async def _take_over(
    settings: Settings, reader: LedgerReader, found: Differences, cel: Sequence[Path] | None
) -> int:
    wanted = [*found.only_switch, *found.answered_unseen]
    if not wanted:
        return 0
    files = _records(settings) if cel is None else cel
    seen = (await asyncio.to_thread(read_cel, files)).calls
    ours = {row.call: row for row in await reader.calls()}
    records = SqlRecords(settings.database_url)
    try:
        return await records.take_over(
            [taken_over(seen[call], _switch_of(call, settings), ours.get(call)) for call in wanted],
            visit_outcome=VisitOutcome.SENT_ELSEWHERE,
        )
    finally:
        await records.close()


def _switch_of(call: CallId, settings: Settings) -> SwitchId:
    """Where a call came: the ids of all switches but the first begin with their names."""
    named = [
        SwitchId(node)
        for node in settings.switches
        if call.startswith(f"{node_endpoint(SwitchId(node))}-")
    ]
    # Of "b" and "b-west" both fit the latter's calls.
    return max(named, key=len, default=SwitchId(settings.switch.id))


async def replay(settings: Settings, timezone: str, *, newest: bool = False) -> Replayed:
    """Decide the journal's inputs again, from the oldest snapshot kept (or the newest)."""
    await settle(settings)
    reader = LedgerReader(settings.database_url)
    try:
        streams = await reader.streams()
        kept = await reader.snapshots(streams[-1]) if streams else []
        if not kept:
            raise NotFound("there is no snapshot to replay from yet", code="no_snapshot")
        start = kept[-1] if newest else kept[0]
        zone = ZoneInfo(timezone)
        again = Replay(start.engine, lambda data: Engine.restore(data, zone), start.seq)
        async for frame in reader.frames(start.stream, start.seq):
            if not again.take(frame.seq, decode_step(frame)):
                break
        return again.found
    finally:
        await reader.close()


def spool_holds(settings: Settings, calls_per_hour: float | None = None) -> SpoolHolds:
    """How many hours of calls the spool holds, at the rate given or the highest hour in it."""
    reserve = settings.store.reserve_mib * MIB
    ring = settings.store.spool_mib * MIB - reserve
    total, rows, ends_ms = 0, 0, []
    try:
        view = SpoolView(spool_folder(settings))
    except StoreUnavailable:
        frames: Iterator[Frame] = iter(())
    else:
        ring = view.ring_bytes
        frames = view.frames()
    for frame in frames:
        total += frame_size(frame)
        rows += len(frame.rows)
        if frame.rows:
            ended = [row.closed_ms for row in decode_rows(frame) if isinstance(row, CallRecord)]
            ends_ms += ended
    measured = len(ends_ms) >= _ENOUGH_CALLS
    call_bytes = total // len(ends_ms) if measured else USUAL_CALL_BYTES
    row_bytes = rows // len(ends_ms) if measured else USUAL_ROW_BYTES
    busiest = float(_busiest_hour(ends_ms)) if measured else USUAL_CALLS_PER_HOUR
    rate = calls_per_hour or busiest
    return SpoolHolds(
        ring_bytes=ring,
        reserve_bytes=reserve,
        call_bytes=call_bytes,
        row_bytes=row_bytes,
        measured=measured,
        calls_per_hour=rate,
        hours=ring / (call_bytes * rate),
        hours_of_outcomes=reserve / (row_bytes * rate),
    )


def _busiest_hour(ends_ms: Sequence[int]) -> int:
    """The most calls that ended within any hour of sixty minutes."""
    most, first = 0, 0
    ordered = sorted(ends_ms)
    for last, end in enumerate(ordered):
        while end - ordered[first] > _HOUR_MS:
            first += 1
        most = max(most, last - first + 1)
    return most
