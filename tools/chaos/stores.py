"""PostgreSQL and Redis as parts that can break."""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import subprocess
from pathlib import Path

from acd.errors import Refused
from sim.load.ports import free_ports
from tests.fakes.postgres import find_programs
from tests.fakes.redis_server import MASTER, RedisCluster, RedisServer
from tools.chaos.parts import Clock, Disk, send, tree_of
from tools.chaos.world import small_disk

HOST = "127.0.0.1"
_RUN_AS = "nobody"
_DISK_MIB = 512
_LOG_DISK_MIB = 64
_START_S = 30.0
_DATABASE = "madoguchi"


class PostgresPart:
    """A server with one empty database on a port of loopback, as nobody special."""

    name = "PostgreSQL"

    def __init__(self, folder: Path) -> None:
        self.port = free_ports(1)[0]
        self._folder = small_disk(folder / "postgres", _DISK_MIB)
        self._log = folder / "postgres.log"
        self.disk: Disk | None = Disk(self._folder)
        self._clock = Clock(folder, "postgres")
        self.clock: Clock | None = self._clock
        self._programs = find_programs()
        user = pwd.getpwnam(_RUN_AS)
        self._become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}"]
        self._become += ["--clear-groups", "--pdeathsig=KILL"]
        os.chown(self._folder, user.pw_uid, user.pw_gid)
        folder.chmod(0o711)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """For settings."""
        return f"postgresql+psycopg://postgres@{HOST}:{self.port}/{_DATABASE}"

    @property
    def pid(self) -> int:
        """Of the first of its processes; 0 while there is none."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else 0

    async def make(self) -> None:
        """Make the cluster and its database; it runs afterwards."""
        auth = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        data = ["-U", "postgres", *auth, "-D", str(self._folder / "data")]
        await self._run("initdb", *data)
        await self.start()
        await self._run("psql", *self._where("postgres"), "-c", f"CREATE DATABASE {_DATABASE}")

    async def start(self) -> None:
        """Return when it answers."""
        options = [
            f"listen_addresses={HOST}",
            f"port={self.port}",
            f"unix_socket_directories={self._folder}",
            "fsync=off",
            "max_wal_size=64MB",
            "dynamic_shared_memory_type=mmap",
        ]
        flags = [part for option in options for part in ("-c", option)]
        # The clock's library shares a semaphore with itself: one user from the start.
        clock = ["env", *(f"{key}={value}" for key, value in self._clock.environment.items())]
        program = [*clock, str(self._programs / "postgres")]
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._become, *program, "-D", str(self._folder / "data"), *flags,
                cwd=self._folder, stdout=log, stderr=log,
            )  # fmt: skip
        for _ in range(int(_START_S / 0.1)):
            try:
                return await self._run("psql", *self._where("postgres"), "-c", "SELECT 1")
            except Refused:
                await asyncio.sleep(0.1)
        raise Refused(f"PostgreSQL does not answer: see {self._log}")

    async def kill(self) -> None:
        """kill -9, of all its processes."""
        if self._process is not None:
            send(tree_of(self), signal.SIGKILL)
            await self._process.wait()

    def _where(self, database: str) -> list[str]:
        return ["-h", HOST, "-p", str(self.port), "-U", "postgres", "-d", database, "-q"]

    async def _run(self, program: str, *words: str) -> None:
        command = [*self._become, str(self._programs / program), *words]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=self._folder, stdout=asyncio.subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, _ = await asyncio.wait_for(process.communicate(), _START_S)
        if process.returncode:
            raise Refused(f"{program}: {said.decode(errors='replace')[-500:]}")


class RedisPart:
    """One master with two replicas and three sentinels; what breaks is whoever is master then.

    Their clocks are the machine's: Redis does not start under the library that steps clocks.
    """

    name = "Redis"

    def __init__(self, folder: Path) -> None:
        self.clock: Clock | None = None
        self._cluster = RedisCluster()
        self._broken: RedisServer | None = None
        self._folder = folder / "redis"
        self._folder.mkdir()

    async def make(self) -> None:
        """Start all of them."""
        await asyncio.to_thread(
            self._cluster.start, self._folder, lambda own: small_disk(own, _LOG_DISK_MIB)
        )

    @property
    def disk(self) -> Disk | None:
        """Of the master of now: each server has one of its own for its log."""
        return Disk(self._cluster.master.folder)

    @property
    def ports(self) -> tuple[int, ...]:
        """Of servers and sentinels."""
        cluster = self._cluster
        return tuple(server.port for server in (*cluster.servers, *cluster.sentinels))

    @property
    def first(self) -> RedisServer:
        """The first of the servers."""
        return self._cluster.servers[0]

    @property
    def settings(self) -> str:
        """How a controller finds them, below ``[cluster]``."""
        places = ", ".join(f'"{sentinel.address}"' for sentinel in self._cluster.sentinels)
        return f'sentinels = [{places}]\nmaster = "{MASTER}"'

    @property
    def pid(self) -> int:
        """Of the master of now."""
        process = self._cluster.master._process
        return process.pid if process is not None and process.poll() is None else 0

    async def start(self) -> None:
        """The one that was killed comes back."""
        if self._broken is not None:
            await asyncio.to_thread(self._broken.start)
        self._broken = None

    async def kill(self) -> None:
        """The master dies."""
        self._broken = self._cluster.master
        await asyncio.to_thread(self._broken.kill)

    def close(self) -> None:
        """End all of them."""
        self._cluster.close()
