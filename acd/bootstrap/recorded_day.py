"""A recorded day out of the ledger and its journal, for those who play it again."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

from acd.adapters.sql.reader import LedgerReader
from acd.app.frames import decode_step
from acd.bootstrap.ledger import settle
from acd.config.settings import Settings
from acd.core.cdr import Book
from acd.core.engine import Engine
from acd.errors import NotFound
from acd.ports import Frame, Snapshot
from sim.replay.day import Day
from sim.replay.recorder import Recorder

#: How far back a day with calls is looked for when none is named.
_LOOK_BACK_DAYS = 40
#: Calls of the day are read on to their end, for so long after it.
_BEYOND_S = 3_600.0


async def recorded_day(settings: Settings, zone: ZoneInfo, date: dt.date | None) -> Day:
    """A local day as it was recorded; None: yesterday, or else the last one with calls.

    Raises:
        NotFound: there are no calls on that day, or no whole journal of it.
    """
    await settle(settings)
    reader = LedgerReader(settings.database_url)
    try:
        date = date or await _last_day(reader, zone)
        from_s, to_s = (_midnight(day, zone) for day in (date, date + dt.timedelta(days=1)))
        if not await reader.calls(round(from_s * 1000), round(to_s * 1000)):
            raise NotFound(
                f"there are no calls on {date}",
                code="no_calls",
                ja=f"{date}の通話記録がありません。",
            )
        start = await _start(reader, from_s, to_s)
        if start is None:
            raise _no_journal(date)
        return await _read(reader, start, zone, from_s, to_s, date)
    finally:
        await reader.close()


def _midnight(day: dt.date, zone: ZoneInfo) -> float:
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def _no_journal(date: dt.date) -> NotFound:
    return NotFound(
        f"the journal of {date} is not there any more, or not whole: the ledger keeps calls longer "
        "than how they were decided (store.journal_days)",
        code="no_journal",
        ja=f"{date}の判断の記録(ジャーナル)が残っていないか、欠けています。"
        "保存する日数は store.journal_days で設定できます。",
    )


async def _last_day(reader: LedgerReader, zone: ZoneInfo) -> dt.date:
    today = dt.datetime.now(zone).date()
    for back in (*range(1, _LOOK_BACK_DAYS), 0):
        day = today - dt.timedelta(days=back)
        span = (_midnight(day, zone), _midnight(day + dt.timedelta(days=1), zone))
        if await reader.calls(round(span[0] * 1000), round(span[1] * 1000)):
            return day
    return today


async def _start(reader: LedgerReader, from_s: float, to_s: float) -> Snapshot | None:
    """The last snapshot before the day, or the first in it."""
    for stream in reversed(await reader.streams()):
        kept = await reader.snapshots(stream)
        before = [each for each in kept if each.at_s <= from_s]
        if before:
            return before[-1]
        if kept and kept[0].at_s < to_s:
            return kept[0]
    return None


async def _read(
    reader: LedgerReader,
    start: Snapshot,
    zone: ZoneInfo,
    from_s: float,
    to_s: float,
    date: dt.date,
) -> Day:
    engine, book = Engine.restore(start.engine, zone), Book.restore(start.book)
    recorder: Recorder | None = None
    if start.at_s >= from_s:
        recorder = Recorder(start.engine, start.book, zone, start.at_s)
    async for frame in _whole(reader, start, date):
        step = decode_step(frame)
        if step.at_s < from_s:
            for event in step.events:
                engine.apply(event, step.at_s)
                book.fold(step.at_s, event)
            continue
        if recorder is None:
            recorder = Recorder(engine.snapshot(), book.snapshot(), zone, from_s)
        if step.at_s >= to_s and (not recorder.calls_open or step.at_s >= to_s + _BEYOND_S):
            break
        recorder.take(frame.seq, step.at_s, step.happened, step.events)
    if recorder is None:
        raise _no_journal(date)
    return recorder.day


async def _whole(reader: LedgerReader, start: Snapshot, date: dt.date) -> AsyncIterator[Frame]:
    """The journal from a snapshot on; raises NotFound where a step is missing."""
    expected = start.seq + 1
    async for frame in reader.frames(start.stream, start.seq):
        if frame.seq != expected:
            raise _no_journal(date)
        expected += 1
        yield frame
