"""A real PostgreSQL for tests: a cluster of its own in a temporary folder, on a socket alone."""

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
    """A running server: databases are made empty, and gone with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._admin = sqlalchemy.create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")

    def _url(self, name: str, user: str = "postgres") -> str:
        return f"postgresql+psycopg://{user}@/{name}?host={self._folder}"

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

    def close(self) -> None:
        """Give the connections back."""
        self._admin.dispose()


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server for as long as the context lasts; nothing of it is left behind."""
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
        data = folder / "data"
        auth = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        initdb = [*become, str(programs / "initdb"), "-U", "postgres", *auth, "-D", str(data)]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder, timeout=60)
        options = [
            "listen_addresses=",
            f"unix_socket_directories={folder}",
            "fsync=off",
            "dynamic_shared_memory_type=mmap",
        ]
        flags = [part for option in options for part in ("-c", option)]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [*become, str(programs / "postgres"), "-D", str(data), *flags],
                stdout=log, stderr=log, cwd=folder,
            )  # fmt: skip
        postgres = Postgres(folder)
        try:
            _wait(postgres, server)
            yield postgres
        finally:
            postgres.close()
            server.send_signal(signal.SIGINT)  # ends connections too, where SIGTERM waits for them
            server.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _readable(programs: Path, folder: Path) -> Path:
    """The programs where the other user may run them: a copy if the checkout is private."""
    if all(each.stat().st_mode & 0o001 for each in (programs, *programs.parents)):
        return programs
    root = programs.parents[4]
    copy = folder / "root"
    shutil.copytree(root, copy, symlinks=True)
    return copy / programs.relative_to(root)


def _wait(postgres: Postgres, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_S
    while True:
        try:
            return postgres.run("SELECT 1")
        except sqlalchemy.exc.OperationalError:
            assert server.poll() is None, "PostgreSQL ended at once"
            assert time.monotonic() < until, "PostgreSQL does not answer"
            time.sleep(0.05)
