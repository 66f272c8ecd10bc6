"""The ledger of recordings: the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy
from msgspec.structs import replace

from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.recordings import SqlRecordings
from acd.app.recordings import broken_proofs
from acd.core.ids import AgentId, CallId, OfferId, QueueId
from acd.core.recording import (
    DeletionReason,
    Gap,
    GapKind,
    HoldReason,
    Recording,
    RecordingStatus,
)
from acd.errors import NotFound, Refused
from acd.ports_recording import RecordingQuery

ROW = Recording(
    id="0a" * 16,
    call=CallId("1700000000.1"),
    offer=OfferId("o000000000001"),
    agent=AgentId("op1"),
    queue=QueueId("tax"),
    dialled="0466001111",
    started_ms=1_700_000_000_000,
    duration_ms=61_000,
    stored_ms=1_700_000_070_000,
    expires_ms=1_700_100_000_000,
    size_bytes=600_000,
    sha256="ab" * 32,
    gaps=(Gap(GapKind.DIGITS, 1_000, 4_000, 2_700),),
    waveform=bytes(range(256)),
)
OTHER = replace(ROW, id="0b" * 16, started_ms=ROW.started_ms + 1, expires_ms=ROW.expires_ms + 1)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres").new_database())
    return sqlite_url(tmp_path / "ledger.sqlite")


@pytest.fixture
def index(url: str) -> SqlRecordings:
    return SqlRecordings(url)


@pytest.mark.requirement("M16")
async def test_a_row_comes_back_as_it_was_and_once(index: SqlRecordings) -> None:
    await index.add(ROW)
    await index.add(replace(ROW, agent=AgentId("somebody else")))
    await index.add(OTHER)
    assert (await index.get(ROW.id)).recording == ROW
    found = await index.search(RecordingQuery(agent="op1"))
    assert [each.recording for each in found] == [OTHER, ROW]
    assert (found[0].caller_kind, found[0].caller_number) == ("", "")
    assert await index.search(RecordingQuery(caller="%")) == []
    assert [each.id for each in await index.stored()] == [ROW.id, OTHER.id]
    with pytest.raises(NotFound):
        await index.get("ff" * 16)


@pytest.mark.requirement("M16")
async def test_what_is_held_is_neither_due_nor_deleted(index: SqlRecordings) -> None:
    await index.add(ROW)
    await index.add(OTHER)
    assert await index.expired(ROW.expires_ms - 1) == []
    assert await index.expired(ROW.expires_ms) == [ROW]
    await index.hold(ROW.id, "sv", HoldReason.DISPUTE, 5)
    held = (await index.get(ROW.id)).recording
    assert (held.held_ms, held.held_by, held.hold_reason) == (5, "sv", HoldReason.DISPUTE)
    assert await index.expired(OTHER.expires_ms) == [OTHER]
    with pytest.raises(Refused):
        await index.delete(ROW.id, DeletionReason.ORDER, "admin", 6)
    await index.hold(ROW.id, "sv", None, 7)
    assert (await index.get(ROW.id)).recording == ROW
    with pytest.raises(NotFound):
        await index.hold("ff" * 16, "sv", HoldReason.DISPUTE, 8)


@pytest.mark.requirement("M16")
async def test_what_goes_can_no_more_be_held_and_what_is_held_does_not_go(
    index: SqlRecordings,
) -> None:
    await index.add(ROW)
    await index.add(OTHER)
    await index.hold(OTHER.id, "sv", HoldReason.DISPUTE, 5)
    with pytest.raises(Refused):
        await index.begin_deletion(OTHER.id)
    for _ in range(2):
        await index.begin_deletion(ROW.id)
    for reason in (HoldReason.DISPUTE, None):
        with pytest.raises(NotFound) as late:
            await index.hold(ROW.id, "sv", reason, 6)
        assert late.value.code == "recording_deleted"
    # Until it is gone it is found, and is due again when its deletion broke off.
    going = replace(ROW, status=RecordingStatus.DELETING)
    assert await index.expired(ROW.expires_ms) == [going]
    assert [each.id for each in await index.stored()] == [ROW.id, OTHER.id]
    assert len(await index.search(RecordingQuery())) == 2
    proof = await index.delete(ROW.id, DeletionReason.RETENTION, "retention", 7)
    await index.begin_deletion(ROW.id)
    assert (await index.get(ROW.id)).recording.status is RecordingStatus.DELETED
    assert await index.deletions() == [proof]
    with pytest.raises(NotFound) as never:
        await index.begin_deletion("ff" * 16)
    assert never.value.code == "unknown_recording"


@pytest.mark.requirement("M16")
async def test_a_hold_and_a_deletion_at_once_agree_on_one_of_the_two(url: str) -> None:
    holder, deleter = SqlRecordings(url), SqlRecordings(url)
    for number in range(10):
        row = replace(ROW, id=f"{number:032x}")
        await holder.add(row)
        held, going = await asyncio.gather(
            holder.hold(row.id, "sv", HoldReason.DISPUTE, 5),
            deleter.begin_deletion(row.id),
            return_exceptions=True,
        )
        assert isinstance(held, NotFound) is (going is None), (held, going)
        assert isinstance(going, Refused) is (held is None), (held, going)


@pytest.mark.requirement("M16")
async def test_proofs_are_chained_and_nobody_changes_one(url: str, index: SqlRecordings) -> None:
    await index.add(ROW)
    await index.add(OTHER)
    first = await index.delete(ROW.id, DeletionReason.RETENTION, "retention", 10)
    second = await index.delete(OTHER.id, DeletionReason.ORDER, "admin", 11)
    assert await index.delete(ROW.id, DeletionReason.ORDER, "again", 12) == first
    assert await index.deletions() == [first, second]
    assert second.previous == first.hash
    assert broken_proofs([first, second]) == []
    gone = (await index.get(ROW.id)).recording
    assert (gone.status, gone.waveform, gone.gaps) == (RecordingStatus.DELETED, b"", ())
    engine = sqlalchemy.create_engine(url.replace("+aiosqlite", ""))
    for change in (
        "UPDATE recording_deletions SET sha256 = ''",
        "DELETE FROM recording_deletions",
    ):
        with pytest.raises(sqlalchemy.exc.DBAPIError), engine.begin() as connection:
            connection.execute(sqlalchemy.text(change))
    engine.dispose()


@pytest.mark.requirement("M16")
async def test_searching_narrows_and_pages(index: SqlRecordings) -> None:
    row = ROW
    await index.add(row)
    for number in range(5):
        other = replace(
            row,
            id=f"{number:032x}",
            agent=AgentId("op11"),
            started_ms=row.started_ms + number * 1_000,
            duration_ms=number * 1_000,
        )
        await index.add(other)

    async def ids(**query: object) -> list[str]:
        asked = RecordingQuery(**query)  # type: ignore[arg-type]
        return [each.recording.id for each in await index.search(asked)]

    newest_first = [f"{number:032x}" for number in (4, 3, 2, 1, 0)]
    assert await ids(agent="op11") == newest_first
    assert await ids(agent="op11", limit=2) == newest_first[:2]
    assert await ids(agent="op11", limit=2, before=newest_first[1]) == newest_first[2:4]
    assert await ids(agent="op11", longer_ms=3_500) == newest_first[:1]
    assert await ids(agent="op11", from_ms=row.started_ms + 3_000) == newest_first[:2]
    assert await ids(agent="op11", to_ms=row.started_ms + 1_000) == newest_first[4:]
    assert await ids(caller="5678") == []
    assert await ids(held=True) == []
