"""A whole database into files and out of them: consistent, beside whoever writes to it.

SQLite gives a copy of its file. PostgreSQL gives each table's rows as text, all as of one moment
(COPY in one snapshot): that needs none of its programs on this machine, and the tables are made by
our own migrations wherever the rows are brought. Blocks; for a thread or a process of its own.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy
from msgspec import Struct
from sqlalchemy import Connection, text

from acd.adapters.sql import journal_months
from acd.adapters.sql.database import (
    blocking_engine,
    downgrade,
    sqlite_file,
    unavailable,
    upgrade,
)
from acd.errors import StoreCorrupt, StoreUnavailable

#: The copy of a SQLite file; a table of PostgreSQL is ``<name>.copy``.
SQLITE_NAME, SUFFIX = "ledger.sqlite", ".copy"
_VERSION = "alembic_version"
#: Bytes that are given to the database at a time.
_PIECE = 1 << 18
#: Before this a clock was wrong.
_OLDEST = "SELECT MIN(at_ms) FROM journal WHERE at_ms >= 946684800000"
_NAME = re.compile(r"[a-z_0-9]+")
_NAMES = re.compile(r'"[a-z_0-9]+"(, "[a-z_0-9]+")*')


class WholeCopy(Struct, frozen=True):
    """What was copied: the tables' revision, rows by table, how far each log is stored, and when
    the oldest step of the journal was (0 for none)."""

    kind: str
    revision: str
    rows: dict[str, int]
    positions: dict[str, int]
    journal_from_ms: int


def kind_of(url: str) -> str:
    """``sqlite`` or ``postgresql``."""
    return sqlalchemy.make_url(url).get_backend_name()


def copy_out(url: str, folder: Path) -> WholeCopy:
    """Copy all of a database into a folder. Raises StoreUnavailable."""
    file = sqlite_file(url)
    if file is not None:
        return _copy_file(file, folder / SQLITE_NAME)
    engine = blocking_engine(url).execution_options(isolation_level="REPEATABLE READ")
    try:
        with unavailable(), engine.connect() as connection:
            connection.execute(text("SET TRANSACTION READ ONLY"))
            rows = {}
            for table in _tables(connection):
                rows[table] = _table_out(connection, table, folder / f"{table}{SUFFIX}")
            oldest = connection.execute(text(_OLDEST)).scalar() or 0
            positions = _positions(connection)
            return WholeCopy("postgresql", _revision(connection), rows, positions, oldest)
    finally:
        engine.dispose()


def is_empty(url: str) -> bool:
    """Whether there is nothing of ours in the database yet. Raises StoreUnavailable."""
    file = sqlite_file(url)
    if file is not None:
        return not file.exists()
    engine = blocking_engine(url)
    try:
        with unavailable(), engine.connect() as connection:
            return set(sqlalchemy.inspect(connection).get_table_names()) <= {_VERSION}
    finally:
        engine.dispose()


def copy_in(url: str, folder: Path, revision: str, journal_from_ms: int) -> None:
    """Bring a copy into an empty database of the same kind, under the tables that it was made with.
    Raises StoreUnavailable, StoreCorrupt."""
    file = sqlite_file(url)
    if file is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _copy_file(folder / SQLITE_NAME, file)
        return
    upgrade(url, revision)
    engine = blocking_engine(url)
    try:
        with unavailable(), engine.begin() as connection:
            if journal_from_ms and journal_months.parts(connection):
                since = dt.datetime.fromtimestamp(journal_from_ms / 1000, dt.UTC).date()
                today = dt.datetime.now(dt.UTC).date()
                journal_months.make_ahead(connection, today, since)
            for path in sorted(folder.glob(f"*{SUFFIX}")):
                _table_in(connection, path)
        with unavailable(), engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    finally:
        engine.dispose()


def clear(url: str) -> None:
    """Take away what a copy brought that did not end well. Raises StoreUnavailable."""
    file = sqlite_file(url)
    if file is None:
        downgrade(url, "base")
        return
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()


def whole_folder(folder: Path) -> bool:
    """Whether a copy is whole as the database itself sees it; true for rows as text, of which only
    the check sums tell."""
    path = folder / SQLITE_NAME
    return not path.exists() or whole_file(path)


def whole_file(path: Path) -> bool:
    """Whether SQLite finds its file whole."""
    try:
        with _opened(path) as connection:
            return bool(connection.execute("PRAGMA quick_check").fetchone() == ("ok",))
    except sqlite3.Error:
        return False


# -- SQLite ------------------------------------------------------------------------------------


def _copy_file(source: Path, to: Path) -> WholeCopy:
    """Copy a file page by page while others read and write it; one step, as of one moment."""
    if not source.exists():
        raise StoreUnavailable(
            f"there is no ledger at {source}: start the centre first",
            code="store_missing",
            ja=f"{source} に通話記録がありません。先にセンターを起動してください。",
        )
    with unavailable():
        to.touch(mode=0o600)
        try:
            with _opened(source) as reading, sqlite3.connect(to) as writing:
                reading.backup(writing, pages=-1)
            # What is copied stands alone: no second file belongs to it.
            with sqlite3.connect(to) as connection:
                connection.execute("PRAGMA journal_mode = DELETE")
            connection.close()
            with _opened(to) as copied:
                return _described(copied)
        except sqlite3.Error as error:
            raise StoreUnavailable(
                f"{source} could not be copied ({error})",
                ja=f"{source} をコピーできませんでした ({error})。",
            ) from error


def _opened(path: Path) -> Any:
    return _Closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30))


class _Closing:
    """A connection that is closed at the end of a ``with``, where the library's stays open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _described(connection: sqlite3.Connection) -> WholeCopy:
    def ask(query: str) -> list[Any]:
        return connection.execute(query).fetchall()

    names = [name for (name,) in ask("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {name: ask(f'SELECT COUNT(*) FROM "{name}"')[0][0] for name in sorted(names)}  # noqa: S608
    revision = str(ask("SELECT version_num FROM alembic_version")[0][0])
    positions = dict(ask("SELECT stream, seq FROM positions"))
    return WholeCopy("sqlite", revision, rows, positions, ask(_OLDEST)[0][0] or 0)


# -- PostgreSQL --------------------------------------------------------------------------------


def _tables(connection: Connection) -> list[str]:
    """All tables of ours; the journal as one, whatever its parts."""
    names = sqlalchemy.inspect(connection).get_table_names()
    parts = {part.name for part in journal_months.parts(connection)} | {journal_months.REST}
    return sorted(set(names) - parts - {_VERSION})


def _revision(connection: Connection) -> str:
    return str(connection.execute(text(f"SELECT version_num FROM {_VERSION}")).scalar_one())  # noqa: S608


def _positions(connection: Connection) -> dict[str, int]:
    found = connection.execute(text("SELECT stream, seq FROM positions"))
    return {row.stream: row.seq for row in found}


def _table_out(connection: Connection, table: str, path: Path) -> int:
    """Write the columns' names and then the rows, as COPY gives them; returns how many rows."""
    columns = [each["name"] for each in sqlalchemy.inspect(connection).get_columns(table)]
    names = ", ".join(f'"{name}"' for name in columns)
    driver: Any = connection.connection.driver_connection
    with path.open("wb") as file, driver.cursor() as cursor:
        file.write(f"{names}\n".encode())
        with cursor.copy(f'COPY (SELECT {names} FROM "{table}") TO STDOUT') as copy:  # noqa: S608
            for data in copy:
                file.write(data)
        return int(cursor.rowcount)


def _table_in(connection: Connection, path: Path) -> None:
    table = path.name.removesuffix(SUFFIX)
    driver: Any = connection.connection.driver_connection
    with path.open("rb") as file, driver.cursor() as cursor:
        names = file.readline().decode(errors="replace").strip()
        if not (_NAMES.fullmatch(names) and _NAME.fullmatch(table)):
            raise StoreCorrupt(
                f"{path} is no table of a backup of ours",
                ja=f"{path} はバックアップの表ではありません。",
            )
        with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            while piece := file.read(_PIECE):
                copy.write(piece)
