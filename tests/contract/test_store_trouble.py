"""A PostgreSQL that is slow, silent, full, read-only, restarted or failed over: nothing is lost or
comes twice, the fault is told, and the drainer goes on by itself."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy

from acd.adapters.spool import MIB, Spool, SpoolSize
from acd.adapters.sql import database
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.records import SqlRecords
from acd.app.drainer import Drainer, DrainPolicy
from sim.load.ports import free_ports
from tests.call_stories import many_calls
from tests.contract.test_record_store import frames_of
from tests.fakes.postgres import Postgres, postgres_at, running_postgres
from tests.fakes.tcp_proxy import Line, TcpProxy

POLICY = DrainPolicy(batch=70, idle_s=0.02, retry_first_s=0.05, retry_most_s=0.2)
CALLS, STEPS = 60, 7
WITHIN_S = 20.0


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server on a port, for this file alone."""
    with running_postgres(free_ports(1)[0]) as postgres:
        yield postgres


def by_tcp(url: str, *ports: int) -> str:
    """The URL of the same database by these ports, one after another."""
    name = sqlalchemy.make_url(url).database
    hosts = ",".join("127.0.0.1" for _ in ports)
    asked = f"host={hosts}&port={','.join(map(str, ports))}"
    only_written = "&target_session_attrs=read-write" if len(ports) > 1 else ""
    return f"postgresql+psycopg://postgres@/{name}?{asked}{only_written}"


class Going:
    """A log with calls in it and a drainer that runs."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.spool = Spool(folder, SpoolSize(8 * MIB, MIB))
        self.frames = frames_of(list(many_calls(CALLS)))
        self._given = 0
        self._records = SqlRecords(url)
        self.drainer = Drainer(self.spool, self._records, policy=POLICY)
        self._task = asyncio.create_task(self.drainer.run())

    def calls(self, count: int) -> None:
        """More calls happen; writing them down never waits for the database."""
        self.spool.append(self.frames[self._given : self._given + count * STEPS])
        self._given += count * STEPS

    async def until_stored(self) -> None:
        """All that happened is in the database."""
        async with asyncio.timeout(WITHIN_S):
            while self.drainer.status.stored_seq < self._given or self.drainer.status.fault:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def until_fault(self) -> str:
        """The fault is seen; returns its code."""
        async with asyncio.timeout(WITHIN_S):
            while not self.drainer.status.fault:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return self.drainer.status.fault

    async def end(self) -> None:
        """Stop the drainer."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._records.close()
        self.spool.close()

    async def check(self, url: str = "") -> None:
        """Every call is there once, and every step."""
        await self.until_stored()
        reader = LedgerReader(url or self.url)
        calls = [each.call for each in await reader.calls()]
        seqs = [frame.seq async for frame in reader.frames(self.spool.stream)]
        await reader.close()
        assert seqs == list(range(1, self._given + 1))
        assert len(calls) == len(set(calls)) == self._given // STEPS


@pytest.fixture
async def proxy(server: Postgres) -> AsyncIterator[TcpProxy]:
    line = TcpProxy(server.port)
    await line.listen(free_ports(1)[0])
    yield line
    line.close()


async def test_a_slow_one(server: Postgres, tmp_path: Path) -> None:
    url = server.new_database()
    name = sqlalchemy.make_url(url).database
    going = Going(tmp_path, by_tcp(url, server.port))
    going.calls(10)
    await going.until_stored()
    server.run(f"ALTER DATABASE {name} SET synchronous_commit = on")
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        # Each statement on these rows takes a third of a second more.
        connection.exec_driver_sql(
            "CREATE FUNCTION slow() RETURNS trigger AS $$ BEGIN PERFORM pg_sleep(0.3);"
            " RETURN NULL; END $$ LANGUAGE plpgsql"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER slow AFTER INSERT ON positions"
            " FOR EACH STATEMENT EXECUTE FUNCTION slow()"
        )
    engine.dispose()
    going.calls(30)
    assert going.drainer.status.behind > 0
    await going.check()
    await going.end()


@pytest.mark.parametrize("how", [Line.SILENT, Line.RESET])
async def test_a_link_that_is_cut(
    server: Postgres, proxy: TcpProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: Line
) -> None:
    monkeypatch.setattr(database, "WRITE_TIMEOUT_S", 0.5)
    going = Going(tmp_path, by_tcp(server.new_database(), proxy.port))
    going.calls(10)
    await going.until_stored()
    proxy.cut(how)
    going.calls(20)
    assert await going.until_fault() == "store_unavailable"
    assert going.drainer.status.behind == 20 * STEPS
    proxy.mend()
    await going.check()
    await going.end()


async def test_a_server_that_stands_still(
    server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "WRITE_TIMEOUT_S", 0.5)
    url = server.new_database()
    going = Going(tmp_path, by_tcp(url, server.port))
    going.calls(10)
    await going.until_stored()
    blocking = sqlalchemy.create_engine(url)
    with blocking.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE positions IN ACCESS EXCLUSIVE MODE")
        going.calls(20)
        assert await going.until_fault() == "store_unavailable"
    blocking.dispose()
    await going.check()
    await going.end()


async def test_a_writer_of_whom_nothing_more_is_heard_holds_nobody_back(
    server: Postgres, proxy: TcpProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "SILENT_WRITER_S", 1)
    url = server.new_database()
    going = Going(tmp_path, by_tcp(url, server.port))
    going.calls(1)
    await going.until_stored()
    gone = database.async_engine(by_tcp(url, proxy.port))
    async with gone.connect() as connection:
        await connection.exec_driver_sql("LOCK TABLE positions IN ACCESS EXCLUSIVE MODE")
        proxy.cut(Line.SILENT)
        going.calls(20)
        await going.check()
        proxy.mend()
        with pytest.raises(sqlalchemy.exc.OperationalError, match="server closed"):
            await connection.exec_driver_sql("SELECT 1")
    await gone.dispose()
    await going.end()


async def test_a_full_one(server: Postgres, tmp_path: Path) -> None:
    going = Going(tmp_path, by_tcp(server.new_database(), server.port))
    going.calls(1)
    await going.until_stored()
    name = str(sqlalchemy.make_url(going.url).database)
    # Log files of a mebibyte go on; tables have no room for more than they have.
    server.limit_files(1 << 20)
    server.cut(name)
    filler = sqlalchemy.create_engine(going.url)
    with filler.connect() as connection, pytest.raises(sqlalchemy.exc.DBAPIError, match="extend"):
        connection.exec_driver_sql(
            "INSERT INTO calls SELECT repeat('x', 900) || n, '', '', '', '', '', true, true, '', 0,"
            " 0, '', 0, NULL, '', '', NULL, 0, 0, 0, 0, 0, 0, 0, 0, '', NULL, 0"
            " FROM generate_series(1, 3000) AS n"
        )
    filler.dispose()
    going.calls(CALLS - 1)
    assert await going.until_fault() == "store_unavailable"
    server.limit_files(0)
    server.cut(name)
    await going.check()
    await going.end()


async def test_one_that_may_only_be_read(server: Postgres, tmp_path: Path) -> None:
    going = Going(tmp_path, by_tcp(server.new_database(), server.port))
    going.calls(10)
    await going.until_stored()
    name = str(sqlalchemy.make_url(going.url).database)
    server.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    server.cut(name)
    going.calls(20)
    assert await going.until_fault() == "store_unavailable"
    server.run(f"ALTER DATABASE {name} SET default_transaction_read_only = off")
    server.cut(name)
    await going.check()
    await going.end()


async def test_one_that_is_restarted(server: Postgres, tmp_path: Path) -> None:
    going = Going(tmp_path, by_tcp(server.new_database(), server.port))
    going.calls(10)
    await going.until_stored()
    await asyncio.to_thread(server.stop)
    going.calls(20)
    assert await going.until_fault() == "store_unavailable"
    await asyncio.to_thread(server.start)
    await going.check()
    await going.end()


async def test_failing_over_to_a_standby_that_had_not_heard_the_last_of_it(tmp_path: Path) -> None:
    """What the standby missed is filled again from the local log."""
    first_port, second_port = free_ports(2)
    with running_postgres(first_port) as first, postgres_at(second_port) as second:
        url = by_tcp(first.new_database(), first_port, second_port)
        going = Going(tmp_path, url)
        going.calls(10)
        await going.until_stored()
        await asyncio.to_thread(second.copy_of, first)
        await asyncio.to_thread(second.start)
        await asyncio.to_thread(second.stop)
        going.calls(20)
        await going.until_stored()
        await asyncio.to_thread(first.stop, signal.SIGQUIT)
        going.calls(10)
        assert await going.until_fault() == "store_unavailable"
        await asyncio.to_thread(second.start)
        second.promote()
        await going.check()
        await going.end()
