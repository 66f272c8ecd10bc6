"""A controller as a part that can break: ``madoguchi serve`` as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from acd.bootstrap.switch import PROJECT
from acd.errors import Refused
from tools.chaos.parts import Clock, Disk, send, tree_of

_READY_S = 60.0
_FAREWELL_S = 30.0


@dataclass(slots=True)
class ControllerPart:
    """``centre`` is its folder; ``group`` the group id that its connections are known by;
    ``ready`` says whether it serves (or stands by, where that is its place)."""

    name: str
    centre: Path
    log: Path
    group: int
    ready: Callable[[], Awaitable[bool]]
    disk: Disk | None = None
    clock: Clock | None = None
    process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Of the process; 0 while there is none."""
        alive = self.process is not None and self.process.returncode is None
        return self.process.pid if alive and self.process is not None else 0

    async def start(self) -> None:
        """Start it; returns when it serves. Raises :class:`Refused` with the end of its log."""
        environment = {**os.environ, **(self.clock.environment if self.clock else {})}
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *("setpriv", f"--regid={self.group}", "--keep-groups", "--pdeathsig=KILL"),
                *(sys.executable, "-m", "acd", "serve", "--centre", str(self.centre)),
                cwd=PROJECT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until_s = time.monotonic() + _READY_S
        while not await self.ready():
            if not self.pid:
                raise Refused(f"{self.name} ended at once:\n{self.last_words()}")
            if time.monotonic() > until_s:
                raise Refused(f"{self.name} did not serve within {_READY_S:g} s")
            await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            send(tree_of(self), signal.SIGKILL)
            await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; returns its exit code, which must be 0."""
        if self.process is None:
            return 0
        send(tree_of(self), signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.process.wait(), _FAREWELL_S)
        except TimeoutError:
            await self.kill()
            return -signal.SIGKILL

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-3_000:]
