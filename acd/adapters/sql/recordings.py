"""The ledger of recordings in the database: the RecordingIndex port."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql import tables
from acd.adapters.sql.fence import SqlFence
from acd.adapters.sql.seldom import SeldomUsed
from acd.core.recording import (
    Deletion,
    DeletionReason,
    Gap,
    HoldReason,
    Recording,
    RecordingStatus,
)
from acd.errors import NotFound, Refused
from acd.ports_recording import Found, RecordingQuery

#: Expired recordings that are taken at a time.
_PAGE = 500

_table, _calls = tables.recordings, tables.calls
_joined = select(_table, _calls.c.caller_kind, _calls.c.caller_number).select_from(
    _table.outerjoin(_calls, _calls.c.call == _table.c.call)
)
_stored = _table.c.status == RecordingStatus.STORED.value
_there = _table.c.status != RecordingStatus.DELETED.value


class SqlRecordings:
    """A RecordingIndex over one database."""

    def __init__(self, url: str, fence: SqlFence | None = None) -> None:
        self._store = SeldomUsed(url, fence)

    async def add(self, recording: Recording) -> None:
        """Take a finished recording, unless it is there already."""

        async def work(connection: AsyncConnection) -> None:
            known = select(_table.c.id).where(_table.c.id == recording.id)
            if (await connection.execute(known)).first() is None:
                await connection.execute(insert(_table), _as_row(recording))

        await self._store.change(work)

    async def get(self, recording: str) -> Found:
        """One recording, deleted ones too."""
        found = await self._found(_joined.where(_table.c.id == recording))
        if not found:
            raise _unknown()
        return found[0]

    async def search(self, query: RecordingQuery) -> list[Found]:
        """Stored recordings, the newest first."""
        return await self._found(_narrowed(query))

    async def hold(self, recording: str, by: str, reason: HoldReason | None, at_ms: int) -> None:
        """Put under legal hold, or release."""
        values: dict[str, object] = {"held_ms": None, "held_by": "", "hold_reason": None}
        if reason is not None:
            values = {"held_ms": at_ms, "held_by": by, "hold_reason": reason.value}

        async def work(connection: AsyncConnection) -> None:
            where = (_table.c.id == recording) & _stored
            done = await connection.execute(update(_table).where(where).values(values))
            if done.rowcount == 0:
                raise await _gone(connection, recording)

        await self._store.change(work)

    async def begin_deletion(self, recording: str) -> None:
        """From now on nobody can hold it; refused for one that is held."""
        free = (_table.c.id == recording) & _there & _table.c.held_ms.is_(None)
        going = {"status": RecordingStatus.DELETING.value}

        async def work(connection: AsyncConnection) -> None:
            done = await connection.execute(update(_table).where(free).values(going))
            if done.rowcount:
                return
            held = select(_table.c.id).where((_table.c.id == recording) & _stored)
            if (await connection.execute(held)).first() is not None:
                raise _held()
            if (await _gone(connection, recording)).code == "unknown_recording":
                raise _unknown()

        await self._store.change(work)

    async def expired(self, at_ms: int) -> list[Recording]:
        """Some of the recordings that are due for deletion and not held, the oldest first."""
        due = _there & (_table.c.expires_ms <= at_ms) & _table.c.held_ms.is_(None)
        query = select(_table).where(due).order_by(_table.c.expires_ms).limit(_PAGE)
        return await self._recordings(query)

    async def stored(self) -> list[Recording]:
        """Every recording that is not deleted."""
        return await self._recordings(select(_table).where(_there).order_by(_table.c.id))

    async def delete(self, recording: str, reason: DeletionReason, by: str, at_ms: int) -> Deletion:
        """Mark as deleted and chain the proof, in one transaction. What the row says about the
        sound (waveform, gaps) goes with it."""
        deletions = tables.recording_deletions

        async def work(connection: AsyncConnection) -> Deletion:
            known = select(deletions).where(deletions.c.recording == recording)
            row = (await connection.execute(known)).mappings().first()
            if row is not None:
                first = {str(name): value for name, value in row.items()}
                return msgspec.convert(first, Deletion, strict=False)
            found = (
                await connection.execute(select(_table).where(_table.c.id == recording))
            ).first()
            if found is None:
                raise _unknown()
            if found.held_ms is not None:
                raise _held()
            last = select(deletions).order_by(deletions.c.number.desc()).limit(1)
            before = (await connection.execute(last)).first()
            proof = Deletion(
                number=before.number + 1 if before else 1,
                recording=recording,
                call=found.call,
                sha256=found.sha256,
                deleted_ms=at_ms,
                reason=reason,
                by=by,
                previous=before.hash if before else "",
            )
            proof = structs.replace(proof, hash=chain_hash(proof))
            await connection.execute(insert(deletions), msgspec.to_builtins(proof))
            gone = {"status": RecordingStatus.DELETED.value, "waveform": b"", "gaps": "[]"}
            await connection.execute(update(_table).where(_table.c.id == recording).values(gone))
            return proof

        return await self._store.change(work)

    async def deletions(self) -> list[Deletion]:
        """All proofs, in order."""
        table = tables.recording_deletions
        rows = await self._rows(select(table).order_by(table.c.number))
        return [msgspec.convert(row, Deletion, strict=False) for row in rows]

    async def _recordings(self, query: Select[Any]) -> list[Recording]:
        return [_recording(row) for row in await self._rows(query)]

    async def _found(self, query: Select[Any]) -> list[Found]:
        found = []
        for row in await self._rows(query):
            kind, number = row.pop("caller_kind"), row.pop("caller_number")
            found.append(Found(_recording(row), kind or "", number or ""))
        return found

    async def _rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        async def work(connection: AsyncConnection) -> Sequence[Any]:
            rows: Sequence[Any] = (await connection.execute(query)).mappings().all()
            return rows

        rows = await self._store.transaction(work)
        return [{str(name): value for name, value in row.items()} for row in rows]


def chain_hash(proof: Deletion) -> str:
    """The hash of a proof: over all its fields, the hash of the one before included."""
    return hashlib.sha256(proof.digest_input()).hexdigest()


def _narrowed(query: RecordingQuery) -> Select[Any]:
    columns = _table.c
    asked = _joined.where(_there).order_by(columns.started_ms.desc(), columns.id.desc())
    if query.from_ms:
        asked = asked.where(columns.started_ms >= query.from_ms)
    if query.to_ms is not None:
        asked = asked.where(columns.started_ms < query.to_ms)
    for name in ("agent", "queue", "dialled", "call"):
        value = getattr(query, name)
        if value:
            asked = asked.where(columns[name] == value)
    if query.caller:
        asked = asked.where(_calls.c.caller_number.endswith(query.caller, autoescape=True))
    if query.held is not None:
        is_held = columns.held_ms.is_not(None)
        asked = asked.where(is_held if query.held else ~is_held)
    if query.longer_ms:
        asked = asked.where(columns.duration_ms >= query.longer_ms)
    if query.before:
        mark = select(columns.started_ms).where(columns.id == query.before).scalar_subquery()
        earlier = (columns.started_ms == mark) & (columns.id < query.before)
        asked = asked.where((columns.started_ms < mark) | earlier)
    return asked.limit(query.limit)


def _as_row(recording: Recording) -> dict[str, Any]:
    row = structs.asdict(recording)
    row["gaps"] = msgspec.json.encode(recording.gaps).decode()
    return row


def _recording(row: dict[str, Any]) -> Recording:
    gaps = msgspec.json.decode(row["gaps"], type=tuple[Gap, ...])
    return msgspec.convert({**row, "gaps": gaps}, Recording, strict=False)


async def _gone(connection: AsyncConnection, recording: str) -> NotFound:
    """Why there is no stored recording of this id."""
    known = select(_table.c.id).where(_table.c.id == recording)
    if (await connection.execute(known)).first() is None:
        return _unknown()
    return NotFound("this recording was deleted", code="recording_deleted")


def _held() -> Refused:
    return Refused("this recording is under legal hold", code="recording_held")


def _unknown() -> NotFound:
    return NotFound("there is no such recording", code="unknown_recording")
