"""A process beside the controller that computes for the page: JSON lines in, JSON lines out.

It has the lowest priority, bounded memory and bounded time; whoever asks gives it up by ending it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from acd.errors import ConfigError, Fault, MadoguchiError, Refused, StoreUnavailable

#: A report in two languages with ten plots is a few hundred kilobytes.
_LINE_MAX_BYTES = 16 * 1024 * 1024
_END_S = 10.0
#: The simulator alone; a centre's has its ledger as well.
PROGRAM = ("sim.page.worker",)


class Helper:
    """One such process; ``program``: the module that it runs, and its arguments."""

    def __init__(self, program: Sequence[str] = PROGRAM) -> None:
        self._program = program
        self._process: asyncio.subprocess.Process | None = None

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process is not None and self._process.returncode is None

    async def ask(self, question: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """Its answers to one question: any number of ``{"progress": ...}``, then the last one.

        Raises what went wrong there; StoreUnavailable when the process is gone.
        """
        process = await self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(question) + b"\n")
        with contextlib.suppress(ConnectionError):
            await process.stdin.drain()
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # a line beyond all bounds
                line = b""
            if not line.endswith(b"\n"):
                raise _gone()
            said: dict[str, Any] = msgspec.json.decode(line)
            if "error" in said:
                raise _told(said["error"])
            yield said
            if "progress" not in said:
                return

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    *self._program,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    limit=_LINE_MAX_BYTES,
                )
            except OSError as error:
                raise _gone() from error
        return self._process

    async def end(self) -> None:
        """End it, whatever it does; it has nothing that could be lost."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _END_S)


def _gone() -> StoreUnavailable:
    return StoreUnavailable(
        "the study's process ended before it was done: ask for fewer days or calls",
        code="study_ended",
        ja="計算のプロセスが途中で終わりました。日数か件数を減らしてください。",
    )


def _told(error: dict[str, Any]) -> MadoguchiError:
    if error.get("faults"):
        wrong = ConfigError([Fault(path, message) for path, message in error["faults"]])
        wrong.ja = error["ja"]
        return wrong
    return Refused(error["en"], code=error["code"], ja=error["ja"])
