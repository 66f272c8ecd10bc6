"""``python -m tests.e2e.chaos_trials``: every way to break something, alone, in a world of its own.

Prints one JSON object: what each injector did while it lasted and after it. The test beside it
reads that; it cannot be here, since the rules of a firewall are not for the machine of the tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from sim.load.ports import free_ports
from tools.chaos.faults import broken
from tools.chaos.firewall import Link, mark_clients
from tools.chaos.parts import Clock, Disk, Part
from tools.chaos.schedule import Kind, Trouble
from tools.chaos.world import enter, small_disk, unmount

#: Answers each line with its own wall clock and monotonic clock.
_SERVER = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=50)
while True:
    line, _ = server.accept()
    try:
        while line.recv(100):
            line.sendall(f"{time.time()} {time.monotonic()}".encode())
    except OSError:
        pass
    line.close()
"""
_GROUP = 60_123
_PATIENCE_S = 3.0
#: The library looks at its file about once a second.
_NOTICED_S = 2.5


class Server:
    """A part that tells the time."""

    name = "server"

    def __init__(self, folder: Path, port: int) -> None:
        self.disk: Disk | None = Disk(small_disk(folder / "disk", 4))
        self._clock = Clock(folder, "server")
        self.clock: Clock | None = self._clock
        self.port = port
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Of the process; 0 while there is none."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else 0

    async def start(self) -> None:
        """Return when it answers."""
        command = [sys.executable, "-c", _SERVER, str(self.port)]
        self._process = await asyncio.create_subprocess_exec(*command, env=self._clock.environment)
        for _ in range(100):
            if isinstance(await asked(self.port), list):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the server does not answer")

    async def kill(self) -> None:
        """At once."""
        if self._process is not None and self.pid:
            self._process.kill()
            await self._process.wait()


class Things:
    """What there is to break."""

    def __init__(self, server: Server) -> None:
        self.parts: Mapping[str, Part] = {"server": server}
        self.links: Mapping[str, Link] = {
            "line": Link("line", (server.port,)),
            "marked": Link("marked", (server.port,), _GROUP),
        }


async def asked(port: int) -> list[float] | str:
    """Wall clock less ours, monotonic clock less ours, seconds it took; or how it failed."""
    began_s = time.monotonic()
    try:
        async with asyncio.timeout(_PATIENCE_S), _line(port) as (reader, writer):
            writer.write(b"?")
            told = (await reader.read(100)).decode().split()
            now_s = time.monotonic()
        wall, monotonic = (float(each) for each in told)
        return [wall - time.time(), monotonic - now_s, now_s - began_s]
    except (OSError, ValueError) as error:
        return type(error).__name__


@contextlib.asynccontextmanager
async def _line(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """One connection, closed for both sides on return: a goodbye that comes only when the next
    trial has cut the link would leave the server listening to nobody."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def trials() -> dict[str, Any]:
    """What was seen during and after each."""
    seen: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="mdg-trial-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder), free_ports(1)[0])
        await mark_clients((_GROUP,))
        await server.start()
        things = Things(server)
        seen["whole"] = {"during": await asked(server.port)}
        for kind in Kind:
            target = "server" if kind in _OF_PARTS else "line"
            step_s = 120.0 if kind is Kind.CLOCK_STEP else 0.0
            seen[kind.value] = await trial(Trouble(0.0, kind, target, 1.0, step_s), things, server)
        # A link of one client alone: we are another.
        alone = Trouble(0.0, Kind.CUT_SILENT, "marked", 1.0)
        seen["marked"] = await trial(alone, things, server)
        await server.kill()
        unmount()
    return seen


_OF_PARTS = (Kind.KILL, Kind.FREEZE, Kind.DISK_FULL, Kind.CLOCK_STEP)


async def trial(trouble: Trouble, things: Things, server: Server) -> dict[str, Any]:
    """One of them."""
    assert server.disk is not None
    file = server.disk.folder / "file"
    async with broken(trouble, things):
        if trouble.kind is Kind.CLOCK_STEP:
            await asyncio.sleep(_NOTICED_S)
        during = await asked(server.port)
        full = not _writes(file)
    if trouble.kind is Kind.CLOCK_STEP:
        await asyncio.sleep(_NOTICED_S)
    return {
        "during": during,
        "full": full,
        "after": await asked(server.port),
        "full_after": not _writes(file),
    }


def _writes(file: Path) -> bool:
    try:
        file.write_bytes(b"1" * 100)
    except OSError:
        return False
    finally:
        file.unlink(missing_ok=True)
    return True


if __name__ == "__main__":
    enter("tests.e2e.chaos_trials", [])
    print(json.dumps(asyncio.run(trials())))
