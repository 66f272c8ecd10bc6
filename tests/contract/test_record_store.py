"""What every record store promises: the same suite for memory, SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy
from msgspec.structs import replace

from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.records import SqlRecords
from acd.adapters.store_memory import MemoryRecords
from acd.app.frames import encode, encode_rows
from acd.core.cdr import Book
from acd.core.cdr_types import (
    CallRecord,
    DetailDropped,
    DispositionRecord,
    OutsideRecord,
    VisitRecord,
)
from acd.core.events import SCHEMA
from acd.core.ids import AgentId
from acd.ports import Frame, RecordStore, Snapshot, Step
from tests.call_stories import T0_S, abandoned_call, answered_call, call_id

STREAM = "0" * 32
Query = Callable[[str], Awaitable[list[tuple[object, ...]]]]


class Case:
    """A store and a way to count what it holds. ``url`` is its database's, without a driver that
    waits on the event loop; empty for the one in memory."""

    def __init__(self, store: MemoryRecords | SqlRecords, url: str) -> None:
        self.store: RecordStore = store
        self._memory = store if isinstance(store, MemoryRecords) else None
        self._url = url

    def count(self, table: str) -> int:
        if self._memory is not None:
            return len(getattr(self._memory, table))
        query = sqlalchemy.select(sqlalchemy.func.count()).select_from(sqlalchemy.table(table))
        engine = sqlalchemy.create_engine(self._url)
        with engine.connect() as connection:
            count = connection.execute(query).scalar_one()
        engine.dispose()
        return int(count)

    def call(self, call: str) -> tuple[str, str, bool | None]:
        """Outcome, disposition, resolved."""
        if self._memory is not None:
            row = self._memory.calls[call]
            return row.outcome.value, row.disposition, row.resolved
        engine = sqlalchemy.create_engine(self._url)
        query = sqlalchemy.text("select outcome, disposition, resolved from calls where call = :c")
        with engine.connect() as connection:
            outcome, code, resolved = connection.execute(query, {"c": call}).one()
        engine.dispose()
        return outcome, code, None if resolved is None else bool(resolved)

    def dropped(self) -> list[tuple[int, int, int]]:
        """First step, last step, number of steps."""
        if self._memory is not None:
            rows = self._memory.dropped.values()
            return [(row.first_seq, row.last_seq, row.steps) for row in rows]
        engine = sqlalchemy.create_engine(self._url)
        query = sqlalchemy.text("select first_seq, last_seq, steps from dropped")
        with engine.connect() as connection:
            found = connection.execute(query).all()
        engine.dispose()
        return [(first, last, steps) for first, last, steps in found]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Case]:
    if request.param == "memory":
        yield Case(MemoryRecords(), "")
        return
    if request.param == "postgresql":
        asynchronous = blocking = request.getfixturevalue("postgres").new_database()
    else:
        path = tmp_path / "ledger.sqlite"
        asynchronous, blocking = sqlite_url(path), f"sqlite:///{path}"
    store = SqlRecords(asynchronous)
    yield Case(store, blocking)
    await store.close()


def frames_of(steps: list[Step], first_seq: int = 1) -> list[Frame]:
    book, frames = Book(), []
    for seq, step in enumerate(steps, first_seq):
        records = [row for event in step.events for row in book.fold(step.at_s, event)]
        kept = (CallRecord, VisitRecord, DispositionRecord, OutsideRecord)
        rows = [row for row in records if isinstance(row, kept)]
        details = [row for row in records if not isinstance(row, kept)]
        frames.append(encode(seq, step, rows, details))
    return frames


async def test_position_is_zero_before_the_first_frame(case: Case) -> None:
    assert await case.store.position(STREAM) == 0


async def test_rows_and_position_are_stored_together(case: Case) -> None:
    frames = frames_of([*answered_call(1), *abandoned_call(2)])
    await case.store.store(STREAM, frames)
    assert await case.store.position(STREAM) == len(frames)
    counts = {name: case.count(name) for name in ("calls", "visits", "legs", "journal")}
    assert counts == {"calls": 2, "visits": 2, "legs": 1, "journal": len(frames)}
    assert case.call(call_id(1))[0] == "answered"
    assert case.call(call_id(2))[0] == "abandoned"


async def test_storing_the_same_frames_again_changes_nothing(case: Case) -> None:
    frames = frames_of(answered_call(1))
    await case.store.store(STREAM, frames)
    tables = ("calls", "visits", "legs", "segments", "journal")
    before = [case.count(name) for name in tables]
    await case.store.store(STREAM, frames)
    assert [case.count(name) for name in tables] == before


async def test_two_logs_keep_their_own_positions(case: Case) -> None:
    await case.store.store(STREAM, frames_of(answered_call(1)))
    assert await case.store.position("f" * 32) == 0


async def test_a_frame_of_outcome_rows_only_is_stored_with_its_count(case: Case) -> None:
    last = frames_of(answered_call(1))[-3]
    dropped = DetailDropped(1, 9, 9, 0)
    await case.store.store(
        STREAM,
        [Frame(6, SCHEMA, last.rows, b""), Frame(9, SCHEMA, encode_rows([dropped]), b"")],
    )
    assert await case.store.position(STREAM) == 9
    assert [case.count(name) for name in ("calls", "journal", "dropped")] == [1, 0, 1]


async def test_what_was_stored_before_its_answer_was_lost_is_not_counted_as_dropped(
    case: Case,
) -> None:
    frames = frames_of(answered_call(1))
    await case.store.store(STREAM, frames[:3])
    dropped = encode_rows([DetailDropped(frames[0].seq, frames[-1].seq, len(frames), 0)])
    await case.store.store(STREAM, [Frame(frames[-1].seq, SCHEMA, dropped, b"")])
    assert case.dropped() == [(frames[3].seq, frames[-1].seq, len(frames) - 3)]


async def test_a_disposition_after_the_end_reaches_the_call(case: Case) -> None:
    frames = frames_of(answered_call(1))
    await case.store.store(STREAM, frames)
    late = DispositionRecord(call_id(1), AgentId("sato"), round(T0_S * 1000), "tax-1", True)
    mark = replace(frames[-1], seq=99, rows=encode_rows([late]))
    await case.store.store(STREAM, [mark])
    assert case.call(call_id(1)) == ("answered", "tax-1", True)
    assert case.count("dispositions") == 1


async def test_snapshots_are_kept_once(case: Case) -> None:
    snapshot = Snapshot(STREAM, 0, T0_S, SCHEMA, b"engine", b"book")
    await case.store.keep_snapshot(snapshot)
    await case.store.keep_snapshot(snapshot)
    assert case.count("snapshots") == 1
