"""What comes to the records late, and only where nobody has it: from a controller that led on for a
moment without being heard, and from the switch about calls that no controller met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql import tables
from acd.adapters.sql.records import ROW_TABLES, SqlRecords, as_row
from acd.adapters.sql.tally_marks import Touched, void
from acd.app.frames import decode_details, decode_rows
from acd.core.cdr_types import AgentSpan, CallRecord, DetailDropped, DispositionRecord, Source
from acd.core.ids import CallId
from acd.core.inputs import CallerKind
from acd.ports import Frame

#: Rows that say something of a person or of the log, not of one call.
_NOT_OF_A_CALL = (AgentSpan, DetailDropped, DispositionRecord)


class LateRecords(SqlRecords):
    """A RecordStore that takes a call only as a whole: one that ended in these frames and that the
    database does not know. Steps themselves are kept, to be replayed."""

    async def store(self, stream: str, frames: Sequence[Frame]) -> None:
        """Store what nobody has, and the position after it; raises a StoreError."""
        by_call, steps = _by_call(frames)

        async def work(connection: AsyncConnection) -> None:
            known = await _known(connection, list(by_call))
            known -= await _unmet(connection, list(by_call))
            touched = Touched()
            await touched.add_stored(connection, [CallId(call) for call in by_call])
            for call, records in by_call.items():
                if call in known:
                    continue
                for record in records:
                    touched.add(record)
                    await self._put(connection, ROW_TABLES[type(record)], [as_row(record)])
            await void(connection, touched)
            if steps:
                rows = [(stream, *step) for step in steps]
                await self._put(connection, tables.journal, rows)
            await self._put(connection, tables.positions, [(stream, frames[-1].seq)])

        await self._transaction(work)

    async def put_in(self, calls: Sequence[CallRecord]) -> list[CallRecord]:
        """Put in the rows of calls that only the switch saw, but for those that somebody has
        recorded by now. Returns those put in; raises a StoreError."""
        new: list[CallRecord] = []

        async def work(connection: AsyncConnection) -> None:
            known = await _known(connection, [call.call for call in calls])
            new[:] = [call for call in calls if call.call not in known]
            touched = Touched()
            for call in new:
                touched.add(call)
            if new:
                await self._put(connection, tables.calls, [as_row(call) for call in new])
                await void(connection, touched)

        await self._transaction(work)
        return new


def _by_call(frames: Sequence[Frame]) -> tuple[dict[str, list[Struct]], list[tuple[Any, ...]]]:
    """Rows of the calls that ended in these frames, and the steps."""
    rows: dict[str, list[Struct]] = {}
    ended: set[str] = set()
    steps: list[tuple[Any, ...]] = []
    for frame in frames:
        records: list[Struct] = list(decode_rows(frame))
        if frame.detail:
            at_s, details = decode_details(frame)
            records += details
            steps.append((frame.seq, round(at_s * 1000), frame.schema, frame.detail))
        for record in records:
            if isinstance(record, _NOT_OF_A_CALL):
                continue
            call = str(getattr(record, "call", ""))
            if isinstance(record, CallRecord):
                ended.add(call)
            rows.setdefault(call, []).append(record)
    return {call: found for call, found in rows.items() if call in ended}, steps


async def _known(connection: AsyncConnection, calls: list[str]) -> set[str]:
    """Calls that somebody has recorded."""
    query = select(tables.calls.c.call).where(tables.calls.c.call.in_(calls))
    return set((await connection.execute(query)).scalars())


async def _unmet(connection: AsyncConnection, calls: list[str]) -> set[str]:
    """Calls of which there is the switch's word alone: a controller that met them knows more."""
    row = tables.calls.c
    query = select(row.call).where(
        row.call.in_(calls),
        row.source == Source.SWITCH.value,
        row.caller_kind == CallerKind.UNAVAILABLE.value,
        row.visits == 0,
        row.detail == "",
    )
    return set((await connection.execute(query)).scalars())
