"""What the database holds beside the rows that the journal brings: people, recordings, rosters ...

Between two whole copies the journal's steps carry calls and all that belongs to them; these rows
are read as they are, few enough to be taken whole, but for logs that only grow and the recordings,
of which those since a moment and those under legal hold are taken. Sessions are left out: after a
restore people sign in anew, and who had signed out stays so. Blocks.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy
from msgspec import Struct
from sqlalchemy import Connection, MetaData, Table, bindparam, delete, insert, select, update

from acd.adapters.sql import tables
from acd.adapters.sql.database import blocking_engine, unavailable
from acd.adapters.sql.records import ROW_TABLES
from acd.core.recording import RecordingStatus
from acd.errors import StoreCorrupt

#: Filled from the journal's steps, computed anew from rows, or not to come back.
_LEFT_OUT = {
    *(table.name for table in ROW_TABLES.values()),
    *("journal", "snapshots", "tallies", "tally_quarters", "sessions", "alembic_version"),
}
#: Logs that only grow, whose triggers refuse anything else.
_GROWING = ("operations", "recording_deletions")
_POSITIONS, _RECORDINGS = "positions", "recordings"
#: Positions that are not of a journal's steps: those follow when the steps are stored.
_OPERATIONS = "operations:%"

Rows = list[tuple[Any, ...]]


class KeptTable(Struct):
    """Rows of one table, with the names of their columns."""

    columns: list[str]
    rows: Rows


Kept = dict[str, KeptTable]


class Since(Struct, frozen=True):
    """From where on growing tables are read: numbers by table, and a moment for recordings."""

    numbers: dict[str, int]
    recordings_ms: int


def read_kept(url: str, since: Since) -> Kept:
    """All these rows as of one moment. Raises StoreUnavailable."""
    engine = blocking_engine(url)
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        with unavailable(), engine.begin() as connection:
            return {
                str(table.name): _read(connection, table, since) for table in _known(connection)
            }
    finally:
        engine.dispose()


def _known(connection: Connection) -> list[Table]:
    """The tables of our own that are in the database and not left out, as they are there."""
    there = set(sqlalchemy.inspect(connection).get_table_names())
    names = sorted((there & set(tables.metadata.tables)) - _LEFT_OUT)
    return [Table(name, MetaData(), autoload_with=connection) for name in names]


def _read(connection: Connection, table: Table, since: Since) -> KeptTable:
    query = select(table)
    if table.name in _GROWING:
        query = query.where(table.c.number > since.numbers.get(table.name, 0))
        query = query.order_by(table.c.number)
    elif table.name == _POSITIONS:
        query = query.where(table.c.stream.like(_OPERATIONS))
    elif table.name == _RECORDINGS:
        new = table.c.stored_ms >= since.recordings_ms
        query = query.where(new | table.c.held_ms.is_not(None))
    rows = [tuple(row) for row in connection.execute(query).all()]
    return KeptTable([str(column.name) for column in table.columns], rows)


def marks_of(url: str) -> dict[str, int]:
    """The newest number of each growing table. Raises StoreUnavailable."""
    engine = blocking_engine(url)
    try:
        with unavailable(), engine.connect() as connection:
            return {
                name: connection.execute(
                    select(sqlalchemy.func.max(tables.metadata.tables[name].c.number))
                ).scalar()
                or 0
                for name in _GROWING
            }
    finally:
        engine.dispose()


def proven_deleted(url: str) -> list[str]:
    """Recordings whose deletion is proven. Raises StoreUnavailable."""
    engine = blocking_engine(url)
    try:
        with unavailable(), engine.connect() as connection:
            query = select(tables.recording_deletions.c.recording)
            return list(connection.execute(query).scalars())
    finally:
        engine.dispose()


def stored_recordings(url: str) -> dict[str, str]:
    """The recordings that are there as the index has them: id and check sum. Raises
    StoreUnavailable."""
    engine = blocking_engine(url)
    table = tables.recordings.c
    stored = table.status == RecordingStatus.STORED.value
    try:
        with unavailable(), engine.connect() as connection:
            found = connection.execute(select(table.id, table.sha256).where(stored))
            return {row.id: row.sha256 for row in found}
    finally:
        engine.dispose()


def write_kept(url: str, kept: Kept) -> None:
    """Put these rows in place of what a copy brought, in one transaction; the tables are those that
    they were read from. Raises StoreUnavailable, StoreCorrupt."""
    engine = blocking_engine(url)
    try:
        with unavailable(), engine.begin() as connection:
            known = {table.name: table for table in _known(connection)}
            for name, rows in kept.items():
                if name not in known or not set(rows.columns) <= set(known[name].c.keys()):
                    raise StoreCorrupt(
                        f"the backup has a table {name} that the database has not, or not so",
                        ja=f"バックアップの表 {name} がデータベースと合いません。",
                    )
                _write(connection, known[name], rows)
    finally:
        engine.dispose()


def _write(connection: Connection, table: Table, kept: KeptTable) -> None:
    rows = [dict(zip(kept.columns, row, strict=True)) for row in kept.rows]
    key = next(iter(table.primary_key.columns)).name
    if table.name in _GROWING:
        newest = connection.execute(select(sqlalchemy.func.max(table.c.number))).scalar() or 0
        rows = [row for row in rows if row["number"] > newest]
    elif table.name in (_POSITIONS, _RECORDINGS):
        if table.name == _RECORDINGS:
            connection.execute(update(table).values(held_ms=None, held_by="", hold_reason=None))
        replaced = delete(table).where(table.c[key] == bindparam("gone"))
        if rows:
            connection.execute(replaced, [{"gone": row[key]} for row in rows])
    else:
        connection.execute(delete(table))
    if rows:
        connection.execute(insert(table), rows)
    if table.name == "recording_deletions":
        _mark_deleted(connection)


def _mark_deleted(connection: Connection) -> None:
    """A proof says that a recording is gone, whatever the copy's row says."""
    recordings, proofs = tables.recordings, tables.recording_deletions
    gone = {"status": RecordingStatus.DELETED.value, "waveform": b"", "gaps": "[]"}
    proven = recordings.c.id.in_(select(proofs.c.recording))
    connection.execute(update(recordings).where(proven).values(gone))
