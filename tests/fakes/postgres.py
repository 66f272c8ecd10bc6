"""A real PostgreSQL for tests: a cluster of its own in a temporary folder, on a socket, and on a
port of this machine where a test cuts links or fails over."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy

PROJECT = Path(__file__).parents[2]
#: PostgreSQL refuses to run as root, and wants a user who has a name.
_RUN_AS = "nobody"
_START_S = 20.0


def find_programs() -> Path:
    """The newest PostgreSQL's programs: the machine's own, or those that the set-up fetched."""
    pattern = "usr/lib/postgresql/*/bin"
    for top in (Path("/"), PROJECT / ".cache" / "postgresql" / "root"):
        found = [each for each in sorted(top.glob(pattern)) if (each / "initdb").exists()]
        if found:
            return found[-1]
    raise AssertionError("there is no PostgreSQL for the tests: run `make setup`")


class Postgres:
    """A server: databases are made empty, and gone with it. ``port`` 0: on a socket alone."""

    def __init__(
        self, folder: Path, become: list[str], programs: Path, port: int, *, durable: bool
    ) -> None:
        self._folder, self._become, self._programs = folder, become, programs
        self.port, self._durable = port, durable
        self._server: subprocess.Popen[bytes] | None = None
        self._admin = sqlalchemy.create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")

    def _url(self, name: str, user: str = "postgres") -> str:
        port = f"&port={self.port}" if self.port else ""
        return f"postgresql+psycopg://{user}@/{name}?host={self._folder}{port}"

    def new_database(self) -> str:
        """The URL of an empty database that nobody else uses."""
        name = f"t{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name}")
        return self._url(name)

    def new_reader(self, url: str) -> str:
        """The URL of the same database for somebody who may only read."""
        user = f"r{secrets.token_hex(6)}"
        self.run(f"CREATE USER {user}")
        return url.replace("postgres@", f"{user}@")

    def cut(self, name: str) -> None:
        """End all connections to a database."""
        activity = sqlalchemy.table(
            "pg_stat_activity", sqlalchemy.column("pid"), sqlalchemy.column("datname")
        )
        ending = sqlalchemy.select(sqlalchemy.func.pg_terminate_backend(activity.c.pid))
        with self._admin.connect() as connection:
            connection.execute(ending.where(activity.c.datname == name))

    def run(self, statement: str) -> None:
        """Run one statement as the server's owner."""
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    # -- the server itself ---------------------------------------------------------------------

    def make(self) -> None:
        """Make an empty cluster."""
        auth = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        self._program("initdb", "-U", "postgres", *auth, "--wal-segsize=1", "-D", str(self._data))

    def copy_of(self, other: Postgres) -> None:
        """Make this one a standby that follows another server."""
        address = ["-h", "127.0.0.1", "-p", str(other.port), "-U", "postgres"]
        fast = ["-R", "-c", "fast", "--no-sync", "-D", str(self._data)]
        self._program("pg_basebackup", *address, *fast)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = [
            f"listen_addresses={'127.0.0.1' if self.port else ''}",
            f"port={self.port or 5432}",
            f"unix_socket_directories={self._folder}",
            f"fsync={'on' if self._durable else 'off'}",
            "dynamic_shared_memory_type=mmap",
        ]
        flags = [part for option in options for part in ("-c", option)]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [*self._become, str(self._programs / "postgres"), "-D", str(self._data), *flags],
                stdout=log, stderr=log, cwd=self._folder,
            )  # fmt: skip
        self._wait(self._server)

    def stop(self, how: int = signal.SIGINT) -> None:
        """End the server: SIGINT ends connections too, where SIGTERM waits for them."""
        self._admin.dispose()
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(20)
            self._server = None

    def promote(self) -> None:
        """Let a standby be the one that is written to."""
        self.run("SELECT pg_promote()")

    def limit_files(self, size_bytes: int) -> None:
        """Let no file grow beyond so much, which the server takes for a full disk; 0: no limit. For
        new connections."""
        assert self._server is not None
        limit = f"--fsize={size_bytes or 'unlimited'}:unlimited"
        command = [*self._become, "prlimit", "--pid", str(self._server.pid), limit]
        subprocess.run(command, check=True, timeout=10)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _program(self, name: str, *arguments: str) -> None:
        command = [*self._become, str(self._programs / name), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder, timeout=60)

    def _wait(self, server: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + _START_S
        while True:
            try:
                return self.run("SELECT 1")
            except sqlalchemy.exc.OperationalError:
                assert server.poll() is None, "PostgreSQL ended at once"
                assert time.monotonic() < until, "PostgreSQL does not answer"
                time.sleep(0.05)


@contextmanager
def postgres_at(port: int = 0, *, durable: bool = False) -> Iterator[Postgres]:
    """A server that is neither made nor started yet; nothing of it is left behind. ``durable``: it
    waits for the disk, as in production."""
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="mdg-pg-"))
    become: list[str] = []
    try:
        if os.geteuid() == 0:
            user = pwd.getpwnam(_RUN_AS)
            ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            become = ["setpriv", *ids]
            os.chown(folder, user.pw_uid, user.pw_gid)
            programs = _readable(programs, folder)
        postgres = Postgres(folder, become, programs, port, durable=durable)
        try:
            yield postgres
        finally:
            postgres.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_postgres(port: int = 0, *, durable: bool = False) -> Iterator[Postgres]:
    """A server for as long as the context lasts."""
    with postgres_at(port, durable=durable) as postgres:
        postgres.make()
        postgres.start()
        yield postgres


def _readable(programs: Path, folder: Path) -> Path:
    """The programs where the other user may run them: a copy if the checkout is private."""
    if all(each.stat().st_mode & 0o001 for each in (programs, *programs.parents)):
        return programs
    root = programs.parents[4]
    copy = folder / "root"
    shutil.copytree(root, copy, symlinks=True)
    return copy / programs.relative_to(root)
