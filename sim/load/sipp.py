"""One SIPp process: started with bounds, watched, stopped, its figures read.

Every run is bounded twice: by its number of calls and by a time after which SIPp quits by itself.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acd.errors import LimitExceeded, NotFound, Refused
from sim.load.counts import Counts, Fact, read_counts, read_facts
from sim.load.ports import free_ports

MAX_RATE = 200.0
MAX_CALLS = 100_000
MAX_TIME_S = 3600.0
_GRACE_S = 3.0
_DEAD_CALL_MS = 500
#: SIPp's exit status: 0 all good, 1 a call failed, 97-99 ended early, above: it could not run.
_BROKEN = 100
#: Whoever started a load takes it along when he is killed.
_DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM")


@dataclass(frozen=True, slots=True)
class Load:
    """What one SIPp process does. ``remote`` is empty for a phone that waits to be called.

    ``rows`` are the injection file's rows, used one after another; ``echo`` sends received audio
    back to its sender. Addresses are IPv4.
    """

    name: str
    scenario: str
    port: int
    media_port: int
    calls: int
    limit_s: float
    remote: str = ""
    rows: Sequence[Sequence[str]] = ()
    rate: float = 10.0
    at_once: int = 0
    host: str = "127.0.0.1"
    echo: bool = False
    resolution_ms: int = 10


class Sipp:
    """A started SIPp; :meth:`wait` or :meth:`stop` ends it, :attr:`counts` reads its figures."""

    def __init__(self, load: Load, folder: Path, process: asyncio.subprocess.Process) -> None:
        self.load = load
        self._folder = folder
        self._process = process

    @classmethod
    async def start(cls, load: Load, folder: Path) -> Sipp:
        """Write scenario and rows into ``folder`` and start the process.

        Raises :class:`LimitExceeded` for a load beyond the stated bounds and :class:`NotFound`
        when there is no SIPp.
        """
        _check(load)
        _prepare(load, folder)
        process = await asyncio.create_subprocess_exec(
            *_DIE_WITH_PARENT,
            find_sipp(),
            *_arguments(load),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            # Its own group: Ctrl-C reaches the owner, who stops SIPp in order.
            start_new_session=True,
        )
        return cls(load, folder, process)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        return self._process.returncode is None

    @property
    def counts(self) -> Counts:
        """SIPp's figures so far (it writes them every second, and at its end)."""
        return read_counts(self._folder / f"{self.load.name}.stat.csv")

    @property
    def facts(self) -> list[Fact]:
        """The lines of truth so far."""
        return read_facts(self._folder / f"{self.load.name}.truth.csv")

    async def wait(self) -> Counts:
        """Until all calls are done or the time limit is over.

        Raises :class:`Refused` when SIPp did not even begin.
        """
        if await self._process.wait() >= _BROKEN:
            arguments = " ".join(_arguments(self.load))
            raise Refused(f"SIPp did not run: in {self._folder}, try `sipp {arguments}`")
        return self.counts

    async def stop(self) -> Counts:
        """End it: first take no new calls, then quit, then be killed."""
        for sign in (signal.SIGUSR1, signal.SIGTERM, signal.SIGKILL):
            if self._process.returncode is not None:
                break
            try:
                self._process.send_signal(sign)
                await asyncio.wait_for(self._process.wait(), _GRACE_S)
            except (TimeoutError, ProcessLookupError):
                continue
        return self.counts


def find_sipp() -> str:
    """The SIPp to use: ``MADOGUCHI_SIPP``, else the one on the path."""
    found = shutil.which(os.environ.get("MADOGUCHI_SIPP", "sipp"))
    if found is None:
        raise NotFound("SIPp was not found: run `make setup`, or name it with MADOGUCHI_SIPP.")
    return found


def _check(load: Load) -> None:
    if not 0 < load.calls <= MAX_CALLS:
        raise LimitExceeded(f"a load has 1 to {MAX_CALLS} calls, not {load.calls}")
    if not 0 < load.rate <= MAX_RATE and not load.at_once:
        raise LimitExceeded(f"a load has at most {MAX_RATE:g} calls/s, not {load.rate:g}")
    if not 0 < load.limit_s <= MAX_TIME_S:
        raise LimitExceeded(f"a load lasts at most {MAX_TIME_S:g} s, not {load.limit_s:g}")


def _prepare(load: Load, folder: Path) -> None:
    """The files of one run; what an earlier run left under these names goes away."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in ("stat.csv", "truth.csv"):
        (folder / f"{load.name}.{kind}").unlink(missing_ok=True)
    (folder / f"{load.name}.xml").write_text(load.scenario, encoding="utf-8")
    if load.rows:
        (folder / f"{load.name}.rows.csv").write_text(_injection(load.rows), encoding="utf-8")


def _injection(rows: Sequence[Sequence[str]]) -> str:
    for row in rows:
        if any(";" in cell or "\n" in cell or "\r" in cell for cell in row):
            raise LimitExceeded("a row of a load may hold neither ; nor line ends")
    return "SEQUENTIAL\n" + "".join(";".join(row) + ";\n" for row in rows)


def _arguments(load: Load) -> list[str]:
    """The command line; see `sipp -h`."""
    name = load.name
    arguments = [load.remote] if load.remote else []
    arguments += ["-sf", f"{name}.xml", "-i", load.host, "-p", str(load.port), "-bind_local"]
    arguments += ["-mi", load.host, "-mp", str(load.media_port)]
    arguments += ["-ci", load.host, "-cp", str(free_ports(1, load.host)[0])]
    arguments += ["-m", str(load.calls), "-timeout", f"{load.limit_s:g}s", "-nostdin"]
    arguments += ["-timer_resol", str(load.resolution_ms), "-deadcall_wait", str(_DEAD_CALL_MS)]
    arguments += ["-trace_stat", "-stf", f"{name}.stat.csv", "-fd", "1"]
    arguments += ["-trace_logs", "-log_file", f"{name}.truth.csv", "-cid_str", f"{name}-%u-%p@%s"]
    if load.rows:
        arguments += ["-inf", f"{name}.rows.csv"]
    if load.at_once:
        arguments += ["-users", str(load.at_once)]
    elif load.remote:
        arguments += ["-r", f"{load.rate:g}", "-l", str(load.calls)]
    if load.echo:
        arguments += ["-rtp_echo"]
    return [*arguments, "-aa"]
