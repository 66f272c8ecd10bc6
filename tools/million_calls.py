"""A million calls under migrations, backup and restore: ``python -m tools.million_calls``.

Takes the month of tools.month_ledger (written once into .cache/bench), gives it a journal of seven
steps a call, and measures on SQLite and on a PostgreSQL of its own: the newest tables back to those
before and forward again (every step is moved both ways), a whole copy, its verification, and the
restore of it into an empty place. Everything is in a temporary folder; nothing is left behind.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy

from acd.adapters.sql import journal_months, tables
from acd.adapters.sql.database import blocking_engine, downgrade, sqlite_file, upgrade
from acd.bootstrap.backup import Wanted, back_up
from acd.bootstrap.restore import restore
from acd.bootstrap.verify import verify_backup
from acd.config.settings import Settings
from metrics.intervals import Grain, span_of
from tests.backup_kit import make_centre, settings_of
from tests.call_stories import answered_call
from tests.contract.test_record_store import STREAM, frames_of
from tests.fakes.postgres import running_postgres
from tools.bench.month import CALLS, ledger
from tools.month_ledger import MONTH, ZONE

#: The tables before the journal's months.
BEFORE = "0010"
#: A restore must not take longer, in seconds.
LIMIT_S = 30 * 60


def steps(calls: int) -> Iterator[tuple[str, int, int, int, bytes]]:
    """The rows of a journal: seven steps a call, over the month."""
    frames = frames_of(answered_call(1))
    month = span_of(MONTH, Grain.MONTH, ZONE)
    count = calls * len(frames)
    for number in range(count):
        frame = frames[number % len(frames)]
        at_ms = month.from_ms + (month.to_ms - month.from_ms) * number // count
        yield STREAM, number + 1, at_ms, frame.schema, frame.detail


def make_sqlite(path: Path, calls: int) -> None:
    """The month's ledger with a journal; the one in the cache is copied, never changed."""
    shutil.copyfile(ledger(calls), path)
    upgrade(f"sqlite+aiosqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", steps(calls))
    connection.close()


def make_postgresql(path: Path, url: str) -> None:
    """The same rows in PostgreSQL."""
    upgrade(url)
    engine = blocking_engine(url)
    source = sqlite3.connect(path)
    with engine.begin() as connection:
        first = MONTH.replace(day=1)
        journal_months.make_ahead(connection, first, first)
        driver: Any = connection.connection.driver_connection
        for table in tables.metadata.tables.values():
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            if not source.execute(f"SELECT EXISTS (SELECT 1 FROM {table.name})").fetchone()[0]:  # noqa: S608
                continue
            flags = [isinstance(each.type, sqlalchemy.Boolean) for each in table.columns]
            with driver.cursor() as cursor:
                cursor.execute(f"DELETE FROM {table.name}")  # noqa: S608
                with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                    for row in source.execute(f"SELECT {names} FROM {table.name}"):  # noqa: S608
                        copy.write_row([
                            bool(value) if flag and value is not None else value
                            for value, flag in zip(row, flags, strict=True)
                        ])  # fmt: skip
    source.close()
    engine.dispose()


@contextmanager
def timed(what: str, found: dict[str, float]) -> Iterator[None]:
    """Measure, and say so at once."""
    began = time.perf_counter()
    yield
    found[what] = time.perf_counter() - began
    print(f"{what}: {found[what]:.1f} s", flush=True)


@contextmanager
def named(url: str) -> Iterator[None]:
    """Let settings name this database, whatever their file says."""
    os.environ["MADOGUCHI_STORE__DATABASE_URL"] = url
    try:
        yield
    finally:
        del os.environ["MADOGUCHI_STORE__DATABASE_URL"]


def measure(settings: Settings, centre: Path, home: Path, other: Callable[[], str]) -> float:
    """All of it on one database; returns how long the restore took."""
    kind = "sqlite" if sqlite_file(settings.database_url) else "postgresql"
    found: dict[str, float] = {}
    with timed(f"{kind} tables back to {BEFORE}", found):
        downgrade(settings.database_url, BEFORE)
    with timed(f"{kind} tables forward again", found):
        upgrade(settings.database_url)
    with timed(f"{kind} whole copy", found):
        done = back_up(settings, centre, home / "backup", Wanted())
    print(f"{kind} backup: {done.size_bytes >> 20} MiB", flush=True)
    with timed(f"{kind} increment", found):
        back_up(settings, centre, home / "backup", Wanted())
    with timed(f"{kind} verify", found):
        assert not any(each.wrong for each in verify_backup(home / "backup"))
    with named(other()), timed(f"{kind} restore", found):
        restore(home / "backup", home / "there", "", lambda _: None)
    return found[f"{kind} restore"]


def main() -> int:
    """Measure both, and fail when a restore is slower than promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    calls = parser.parse_args().calls
    with tempfile.TemporaryDirectory(prefix="mdg-million-") as temporary:
        home = Path(temporary)
        centre = make_centre(home / "sqlite")
        settings = settings_of(centre)
        settings.state_dir.mkdir(parents=True)
        path = settings.state_dir / "madoguchi.sqlite"
        make_sqlite(path, calls)
        slowest = measure(settings, centre, home / "sqlite", lambda: "")
        with running_postgres() as postgres:
            url = postgres.new_database()
            make_postgresql(path, url)
            shutil.rmtree(home / "sqlite")
            centre = make_centre(home / "postgresql", url)
            found = measure(settings_of(centre), centre, home / "postgresql", postgres.new_database)
    slowest = max(slowest, found)
    print(f"slowest restore: {slowest:.0f} s, to reach {LIMIT_S} s")
    return int(slowest > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
