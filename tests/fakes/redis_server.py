"""A real Redis for tests, alone or with replicas and sentinels: servers of our own on loopback.

The programs are the machine's or those that ``tools/redis.sh`` unpacked into ``.cache/redis``.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.load.ports import free_ports

PROJECT = Path(__file__).parents[2]
ROOT = PROJECT / ".cache" / "redis" / "root"
MASTER = "madoguchi"
_START_S = 10.0
_DOWN_AFTER_MS = 500


class RedisServer:
    """One server process, Redis or Sentinel, which can be stopped, woken, killed and restarted."""

    def __init__(
        self,
        folder: Path,
        port: int,
        config: str,
        *,
        sentinel: bool = False,
        make_folder: Callable[[Path], object] = Path.mkdir,
    ) -> None:
        self.port = port
        self.folder = folder / str(port)
        make_folder(self.folder)
        self._file = self.folder / "redis.conf"
        self._sentinel = sentinel
        self._process: subprocess.Popen[bytes] | None = None
        self._file.write_text(
            f"bind 127.0.0.1\nport {port}\ndir {self.folder}\nprotected-mode no\n{config}\n"
        )
        self.start()

    @property
    def address(self) -> str:
        """host:port"""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, or start again with what it kept on its disk; returns when it answers."""
        program, environment = find_program()
        command = [str(program), str(self._file), *(["--sentinel"] if self._sentinel else [])]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        until = time.monotonic() + _START_S
        while self.ask("PING")[:5] not in ("+PONG", "-NOAU"):
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < until, "Redis does not answer"
            time.sleep(0.02)

    def ask(self, command: str) -> str:
        """The first line of the answer to one command; empty without one."""
        try:
            return self.lines(command)[0]
        except OSError:
            return ""

    def lines(self, command: str) -> list[str]:
        """The answer to one command, in the lines of the protocol."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20.0) as line:
            line.sendall(f"{command}\r\n".encode())
            return line.recv(65_536).decode(errors="replace").split("\r\n")

    def info(self, section: str, field: str) -> str:
        """One field of INFO."""
        start = f"{field}:"
        lines = self.lines(f"INFO {section}")
        return next((text.removeprefix(start) for text in lines if text.startswith(start)), "")

    def pause(self) -> None:
        """It stands still, and its connections with it."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It goes on as if nothing had been."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """It dies at once."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(10)

    def close(self) -> None:
        """End it, however it stands."""
        if self._process is not None and self._process.poll() is None:
            self.go_on()
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


class RedisCluster:
    """One master, two replicas, three sentinels."""

    def __init__(self) -> None:
        self.servers: list[RedisServer] = []
        self.sentinels: list[RedisServer] = []

    def start(self, folder: Path, make_folder: Callable[[Path], object] = Path.mkdir) -> None:
        """Start all of them; returns when they know one another. ``make_folder`` makes the place
        of each server's data."""
        ports = free_ports(6)
        rules = (
            "appendonly yes\nappendfsync no\nsave ''\nrepl-diskless-sync-delay 0\n"
            "min-replicas-to-write 1\nmin-replicas-max-lag 2"
        )
        follow = f"{rules}\nreplicaof 127.0.0.1 {ports[0]}"
        for port, config in zip(ports, (rules, follow, follow), strict=False):
            self.servers.append(RedisServer(folder, port, config, make_folder=make_folder))
        self._wait(lambda: self.servers[0].info("replication", "connected_slaves") == "2")
        watch = (
            f"sentinel monitor {MASTER} 127.0.0.1 {ports[0]} 2\n"
            f"sentinel down-after-milliseconds {MASTER} {_DOWN_AFTER_MS}\n"
            f"sentinel failover-timeout {MASTER} 4000"
        )
        self.sentinels += [RedisServer(folder, port, watch, sentinel=True) for port in ports[3:]]
        self._wait(lambda: all(_knows_all(each) for each in self.sentinels))

    @property
    def master(self) -> RedisServer:
        """Whom the sentinels take for the master now."""
        port = int(self.sentinels[0].lines(f"SENTINEL GET-MASTER-ADDR-BY-NAME {MASTER}")[4])
        return next(each for each in self.servers if each.port == port)

    def settle(self, old: RedisServer) -> RedisServer:
        """Return the new master when the sentinels have agreed that it is another than ``old``."""
        self._wait(
            lambda: self.master is not old and self.master.info("replication", "role") == "master"
        )
        return self.master

    def close(self) -> None:
        """End all of them."""
        for each in [*self.sentinels, *self.servers]:
            each.close()

    def _wait(self, true: Callable[[], bool]) -> None:
        until = time.monotonic() + 20
        while not true():
            assert time.monotonic() < until, "the servers do not find one another"
            time.sleep(0.05)


def _knows_all(sentinel: RedisServer) -> bool:
    lines = sentinel.lines(f"SENTINEL MASTER {MASTER}")
    known = dict(zip(lines[2::4], lines[4::4], strict=False))
    return (known.get("num-slaves"), known.get("num-other-sentinels")) == ("2", "2")


def find_program() -> tuple[Path, dict[str, str]]:
    """``redis-server`` and the environment it needs; a clear failure without."""
    machine = shutil.which("redis-server")
    if machine:
        return Path(machine), dict(os.environ)
    program = ROOT / "usr" / "bin" / "redis-server"
    assert program.exists(), f"{program} is missing: run tools/redis.sh"
    libraries = ":".join(str(each) for each in (ROOT / "usr" / "lib").glob("*-linux-gnu"))
    return program, {**os.environ, "LD_LIBRARY_PATH": libraries}


@contextmanager
def running_redis(config: str = "save ''\nappendonly yes") -> Iterator[RedisServer]:
    """One Redis for as long as the context lasts; nothing of it is left behind."""
    folder = Path(tempfile.mkdtemp(prefix="mdg-redis-"))
    server = None
    try:
        server = RedisServer(folder, free_ports(1)[0], config)
        yield server
    finally:
        if server is not None:
            server.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_cluster() -> Iterator[RedisCluster]:
    """Master, replicas and sentinels for as long as the context lasts."""
    folder = Path(tempfile.mkdtemp(prefix="mdg-redis-"))
    cluster = RedisCluster()
    try:
        cluster.start(folder)
        yield cluster
    finally:
        cluster.close()
        shutil.rmtree(folder, ignore_errors=True)
