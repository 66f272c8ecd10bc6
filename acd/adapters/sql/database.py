"""Engines, migrations and errors of the database, the same for writer and reader."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from acd.errors import StoreUnavailable

_upgrading = threading.Lock()

#: How long a statement waits for another process's lock before it counts as a fault.
BUSY_TIMEOUT_MS = 2_000


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
    engine = create_async_engine(url, hide_parameters=True, pool_pre_ping=False, **pool)
    _prepare(engine.sync_engine)
    return engine


def upgrade(url: str) -> None:
    """Bring the database to this version's tables, making it when it is not there.

    Blocks; from the event loop call it in a thread. Raises StoreUnavailable.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    # The library keeps the migration under way in globals: one thread at a time.
    with _upgrading, unavailable():
        _keep_private(url)
        engine = sqlalchemy.create_engine(_blocking(make_url(url)), hide_parameters=True)
        _prepare(engine)
        try:
            with engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        finally:
            engine.dispose()


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn the library's errors into StoreUnavailable, without statements or values."""
    try:
        yield
    except CommandError as error:
        raise StoreUnavailable(
            f"the database cannot be brought to this version: {error}", code="store_version"
        ) from error
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
