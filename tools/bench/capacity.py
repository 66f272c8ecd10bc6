"""How many calls one active controller carries: the real process against a fake switch.

2,000 operators, 5,000 callers who wait for somebody who never comes, and beside them calls at a
rate that rises until callers are rung for too late. Everything of the controller is in it (manager
sessions, inbox, engine, journal on disk, drainer into SQLite, interface); the switch is a process
that answers at once, since no Asterisk carries so much (docs/adr/0033).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.console import Console

from acd.bootstrap.switch import PROJECT
from tools.bench.centre import PARKED, SERVED, Ports
from tools.bench.fake_switch import Came, Wanted
from tools.bench.sides import nearest_rank

OPERATORS, WAITING = 2_000, 5_000
#: Each rate is held for so long; the search goes on while callers are rung for in time.
SECONDS, TALK_S = 5.0, 2.0
RATES = (400, 800)
#: A caller for whom an operator is free is rung for within this, at the 99th percentile.
IN_TIME_MS = 500.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Held(Struct, frozen=True):
    """One rate: what came of the callers, and the share of a core that the controller took."""

    rate: float
    came: Came
    cpu: float

    @property
    def p99_ms(self) -> float:
        """How long callers waited until a telephone was rung for them."""
        return nearest_rank(self.came.rung_ms, 99) if self.came.rung_ms else float("inf")

    @property
    def in_time(self) -> bool:
        """Nobody lost, nobody late."""
        return not self.came.left and self.p99_ms <= IN_TIME_MS


async def measure(rate: float, seconds: float = SECONDS) -> Held:
    """One rate, with a fresh controller and a fresh state."""
    folder = Path(tempfile.mkdtemp(prefix="mdg-capacity-"))
    ports = Ports.free()
    wanted = Wanted(ports.ami, WAITING, rate, seconds, TALK_S, SERVED, PARKED)
    try:
        async with _process("tools.bench.fake_switch", msgspec.json.encode(wanted)) as switch:
            await _line(switch, "listens")
            given = (str(folder), str(OPERATORS), msgspec.json.encode(ports), str(WAITING + 500))
            async with _process("tools.bench.host", *given) as host:
                await _line(host, "ready")
                assert switch.stdin is not None
                switch.stdin.write(b"go\n")
                await _line(switch, "begun")
                before_s = _cpu_s(host.pid)
                await _line(switch, "come")
                cpu = (_cpu_s(host.pid) - before_s) / seconds
                assert switch.stdout is not None
                came = msgspec.json.decode(await switch.stdout.readline(), type=Came)
                host.terminate()
                await asyncio.wait_for(host.wait(), 20.0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Held(rate, came, cpu)


@asynccontextmanager
async def _process(
    module: str, *arguments: str | bytes
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        cwd=PROJECT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _line(process: asyncio.subprocess.Process, wanted: str) -> None:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 60.0)
    if line.strip().decode() != wanted:
        raise SystemExit(f"expected {wanted!r}, read {line!r}")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def _search(rates: tuple[int, ...], console: Console) -> dict[str, float]:
    found: dict[str, float] = {}
    for rate in rates:
        held = await measure(rate)
        median_ms = nearest_rank(held.came.rung_ms, 50)
        waits = f"rung for after {median_ms:.0f} ms, p99 {held.p99_ms:.0f} ms"
        console.print(
            f"capacity   {rate:5}/s {held.came.callers:5} calls  {held.cpu:4.0%} of a core"
            f" ({1000 * held.cpu / rate:.2f} ms per call)  {waits}"
            f"  up to {held.came.most_talks} talks, {held.came.left} lost",
            highlight=False,
            soft_wrap=True,
        )
        if not held.in_time:
            break
        found["capacity_calls_per_s"] = rate
        found["capacity_cpu_ms"] = 1000 * held.cpu / rate
    return found


def figures(console: Console, rates: tuple[int, ...] = RATES) -> dict[str, float]:
    """The bench's figures about one controller's capacity, by key."""
    return asyncio.run(_search(rates, console))


if __name__ == "__main__":
    figures(Console(), tuple(int(each) for each in sys.argv[1:]) or RATES)
