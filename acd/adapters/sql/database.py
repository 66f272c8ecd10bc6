"""Engines, migrations and errors of the database, the same for writer and reader."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Literal

import sqlalchemy
from sqlalchemy import Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from acd.errors import StoreUnavailable

_upgrading = threading.Lock()

#: The steps from one version's tables to the next's; each file's name begins with its number.
_MIGRATIONS = Path(__file__).parent / "migrations"

#: How long a statement waits for another process's lock before it counts as a fault.
BUSY_TIMEOUT_MS = 2_000


#: How long a transaction with PostgreSQL may take before its connection is given up: a server that
#: stands still or a link that swallows everything would hold the rows back for ever.
WRITE_TIMEOUT_S = 20.0
#: After how long PostgreSQL ends a session that began a transaction and says nothing more: where
#: the link or the machine died without a word, its locks would hold back all others for hours.
SILENT_WRITER_S = 30
#: libpq's: connecting to each address, and how soon the kernel notices that a link is dead.
_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file, for :class:`acd.adapters.sql.records.SqlRecords` and others."""
    return f"sqlite+aiosqlite:///{path}"


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; None for another database, or one in memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def async_engine(url: str, *, pooled: bool = True) -> AsyncEngine:
    """An engine for use on the event loop. Values never appear in its errors or logs.

    Without a pool each use connects anew: for what is used once in seconds.
    """
    pool = {} if pooled else {"poolclass": NullPool}
    engine = create_async_engine(
        url, hide_parameters=True, pool_pre_ping=False, connect_args=_connect_args(url), **pool
    )
    _prepare(engine.sync_engine)
    return engine


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that ends, well or not, within :data:`WRITE_TIMEOUT_S`.

    Shutting the socket is what ends it: the statement under way fails as one whose server went
    away. SQLite has its own limit (:data:`BUSY_TIMEOUT_MS`).
    """
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        number = getattr(getattr(raw.driver_connection, "pgconn", None), "socket", None)
        giving_up = None
        if number is not None:
            loop = asyncio.get_running_loop()
            giving_up = loop.call_later(WRITE_TIMEOUT_S, _shut, number)
        try:
            async with connection.begin():
                yield connection
        finally:
            if giving_up is not None:
                giving_up.cancel()


def _shut(number: int) -> None:
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(number)) as end:
        end.shutdown(socket.SHUT_RDWR)


def insert_into(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may become an update, as each database has its own. Raises StoreUnavailable
    for one that is not supported."""
    dialect = connection.dialect.name
    if dialect == "sqlite":
        return sqlite.insert(table)
    if dialect == "postgresql":
        return postgresql.insert(table)
    raise StoreUnavailable(
        f"the database {dialect} is not supported: use SQLite or PostgreSQL",
        code="store_unsupported",
    )


def _connect_args(url: str) -> dict[str, Any]:
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        return {}
    asked = parsed.query.get("options", "")
    limit = f"-c idle_in_transaction_session_timeout={SILENT_WRITER_S}s"
    return {**_PATIENCE, "options": f"{asked} {limit}".strip()}


def blocking_engine(url: str) -> Engine:
    """An engine for use in a thread, or where nothing else waits."""
    engine = sqlalchemy.create_engine(
        _blocking(make_url(url)), hide_parameters=True, connect_args=_connect_args(url)
    )
    _prepare(engine)
    return engine


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to this version's tables (or an earlier one's), making it when it is not
    there.

    Blocks; from the event loop call it in a thread. Raises StoreUnavailable. Where the tables are
    this version's, as at nearly every start, the library that migrates is not even loaded.
    """
    with unavailable():
        done = revision == "head" and _version_of(url) == newest_version()
    if not done:
        _migrate(url, "upgrade", revision)


def downgrade(url: str, revision: str) -> None:
    """Bring the database back to the tables of an earlier version, for which a later one's columns
    and tables are dropped. Blocks. Raises StoreUnavailable."""
    _migrate(url, "downgrade", revision)


def newest_version() -> str:
    """The version of the tables that this program wants."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("0*.py"))


def _version_of(url: str) -> str | None:
    """The version of the tables that are there; None when there are none."""
    _keep_private(url)
    engine = blocking_engine(url)
    try:
        with engine.connect() as connection:
            if not sqlalchemy.inspect(connection).has_table("alembic_version"):
                return None
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return None if found is None else str(found)
    finally:
        engine.dispose()


def _migrate(url: str, way: Literal["upgrade", "downgrade"], revision: str) -> None:
    from alembic import command, util
    from alembic import config as library

    config = library.Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    # The library keeps the migration under way in globals: one thread at a time.
    with _upgrading, unavailable():
        _keep_private(url)
        engine = blocking_engine(url)
        try:
            with engine.begin() as connection:
                config.attributes["connection"] = connection
                if connection.dialect.name == "postgresql":
                    # Two controllers that start at once: the second finds the tables made.
                    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('madoguchi'))"))
                getattr(command, way)(config, revision)
        except util.CommandError as error:
            raise StoreUnavailable(
                f"the database cannot be brought to this version: {error}", code="store_version"
            ) from error
        finally:
            engine.dispose()


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn the library's errors into StoreUnavailable, without statements or values."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or type(error).__name__
        raise StoreUnavailable(f"the database does not answer as it should: {reason}") from error
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise StoreUnavailable(f"the database's file cannot be used: {reason}") from error


def _keep_private(url: str) -> None:
    path = sqlite_file(url)
    if path is not None and not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, stat.S_IRUSR | stat.S_IWUSR))


def _blocking(url: URL) -> URL:
    return url.set(drivername="sqlite") if url.get_backend_name() == "sqlite" else url


def _prepare(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.close()
