"""``python -m tools.soak``: thousands of calls of known truth, compared with the ledger one by one.

Callers without media, each with a number of its own; some give up at random moments. Phones that
answer, ring on, are busy or decline. Afterwards: every call and every ring has its row, the ledger
agrees with Asterisk's own record, no channel is left, and the controller's memory stayed flat.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from acd.adapters.asterisk import proctree
from acd.adapters.asterisk.process import AsteriskProcess
from acd.adapters.sql.reader import LedgerReader
from acd.bootstrap.ledger import check
from acd.bootstrap.switch import PROJECT
from acd.config import Centre
from sim.load import scenario
from sim.load.balance import Balance, Known, compare
from sim.load.counts import Counts, Fact
from sim.load.sipp import Load, Sipp
from tools.bench.centre import HOST, SERVED, Ports, bench_centre
from tools.bench.sides import channels, controller_process
from tools.bench.switch import running_switch

FOLDER = PROJECT / "build" / "soak"
RESULT = PROJECT / "build" / "soak.json"
PHONES = 150
MIN_RATE = 20.0
MAX_RSS_MIB = 150.0
#: From the end of the first third to the end of the last: more is no longer flat.
MAX_GROWTH_MIB = 10.0
_SAMPLE_S = 2.0
#: After so many samples it is said how far it is.
_TELL_EVERY = 15
_SEED = 1
_DRAIN_S = 40.0


@dataclass(slots=True)
class Soaked:
    """What came of it. ``rss_mib`` was sampled every two seconds."""

    calls: int
    dialled: int
    rate: float
    balance: Balance
    ledger_agrees: bool
    channels_left: int
    failed: int
    rss_mib: list[float] = field(default_factory=list)

    @property
    def growth_mib(self) -> float:
        """Mean memory of the last third less that of the middle third."""
        third = len(self.rss_mib) // 3
        if not third:
            return 0.0
        middle, last = self.rss_mib[third : 2 * third], self.rss_mib[2 * third :]
        return sum(last) / len(last) - sum(middle) / len(middle)


def caller_rows(count: int, seed: int) -> list[list[str]]:
    """Rows of ``caller.xml``: number n for row n; one in eight gives up at some moment."""
    chance = random.Random(f"soak callers {seed}")
    rows = []
    for n in range(1, count + 1):
        identity = f"<sip:{number(n)}@{HOST}>"
        patience = chance.randint(50, 6000) if chance.random() < 0.125 else 120_000
        asserted = f"P-Asserted-Identity: {identity}"
        rows.append(["0", SERVED, identity, asserted, "Privacy: none", "0", str(patience)])
    return rows


def number(row: int) -> str:
    """The number that row ``row`` calls from."""
    return f"0466{row:06d}"


def phone_rows(seed: int) -> list[list[str]]:
    """Rows of ``phone.xml``: what becomes of one ringing after another."""
    chance = random.Random(f"soak phones {seed}")
    habits = (scenario.ANSWER, scenario.RING_ON, scenario.BUSY, scenario.DECLINE)
    rows = []
    for _ in range(5000):
        action = chance.choices(habits, (92, 2, 3, 3))[0]
        rows.append(
            [str(action), str(chance.randint(0, 400)), str(round(chance.gammavariate(6, 500)))]
        )
    return rows


async def soak(calls: int, rate: float, folder: Path, console: Console) -> Soaked:
    """Play the calls and compare."""
    console.print(f"{calls} calls at {rate:g} a second: {calls / rate / 60:.0f} min and some more")
    ports = Ports.free()
    centre = bench_centre(folder / "state", ports, PHONES)
    async with running_switch(centre, ports, PHONES, baseline=False) as switch:
        phones = await Sipp.start(_phones(ports, calls / rate), folder / "sipp")
        try:
            async with controller_process(folder / "state", PHONES, ports) as controller:
                callers, rss = await _play(calls, rate, ports, folder, controller.pid, console)
                console.print("all calls were placed; comparing each with the ledger")
                left = await _quiet(switch)
        finally:
            phone_counts = await phones.stop()
    balance, agrees = await _compare(centre, callers.facts, phones.facts, calls)
    failed = callers.counts.failed + phone_counts.failed
    return Soaked(
        calls,
        callers.counts.counters["dialled"],
        _rate(callers.facts),
        balance,
        agrees,
        left,
        failed,
        rss,
    )


async def _play(
    calls: int, rate: float, ports: Ports, folder: Path, controller: int, console: Console
) -> tuple[Sipp, list[float]]:
    callers = await Sipp.start(_callers(calls, rate, ports), folder / "sipp")
    rss: list[float] = []
    try:
        while callers.running:
            await asyncio.sleep(_SAMPLE_S)
            rss.append(proctree.resident_bytes(controller) / 2**20)
            if len(rss) % _TELL_EVERY == 0:
                console.print(_progress(callers.counts, calls, rss[-1]), highlight=False)
        await callers.wait()
    finally:
        await callers.stop()
    return callers, rss


def _progress(counts: Counts, calls: int, rss_mib: float) -> str:
    return f"{counts.created:6} of {calls} calls, {counts.current} at once, {rss_mib:.0f} MiB"


def _rate(callers: Sequence[Fact]) -> float:
    """Calls per second between the first call and the last."""
    times = [fact.at_s for fact in callers if fact.what == "dialled"]
    return (len(times) - 1) / (max(times) - min(times)) if len(times) > 1 else 0.0


async def _quiet(switch: AsteriskProcess) -> int:
    """Channels that are still there when nobody calls any more."""
    left = -1
    for _ in range(20):
        left = await channels(switch)
        if left == 0:
            break
        await asyncio.sleep(0.5)
    return left


async def _compare(
    centre: Centre, callers: Sequence[Fact], phones: Sequence[Fact], calls: int
) -> tuple[Balance, bool]:
    checked = await check(centre.settings)
    reader = LedgerReader(centre.settings.database_url)
    try:
        known = {str(row): Known(number(row)) for row in range(1, calls + 1)}
        balance = compare(callers, known, phones, await reader.calls(), await reader.legs())
    finally:
        await reader.close()
    return balance, checked.balances


def _callers(calls: int, rate: float, ports: Ports) -> Load:
    return Load(
        name="callers",
        scenario=scenario.caller([]),
        port=ports.callers,
        media_port=ports.media + 8,
        calls=calls,
        limit_s=calls / rate + _DRAIN_S,
        remote=f"{HOST}:{ports.sip}",
        rows=caller_rows(calls, _SEED),
        rate=rate,
    )


def _phones(ports: Ports, length_s: float) -> Load:
    return Load(
        name="phones",
        scenario=scenario.phone(),
        port=ports.phones,
        media_port=ports.media,
        calls=100_000,
        limit_s=length_s + 3 * _DRAIN_S,
        rows=phone_rows(_SEED),
    )


def show(done: Soaked, console: Console) -> bool:
    """Print what came of it; whether all of it is as it must be."""
    peak = max(done.rss_mib, default=0.0)
    rows = [
        ("calls", f"{done.dialled} of {done.calls}", done.dialled == done.calls),
        ("calls per second", f"{done.rate:.1f}", done.rate >= MIN_RATE),
        ("differences", str(len(done.balance.differences)), not done.balance.differences),
        ("failed at SIPp", str(done.failed), done.failed == 0),
        ("channels left behind", str(done.channels_left), done.channels_left == 0),
        ("ledger and Asterisk's record agree", str(done.ledger_agrees), done.ledger_agrees),
        ("controller's memory, most", f"{peak:.0f} MiB", peak < MAX_RSS_MIB),
        ("its growth", f"{done.growth_mib:+.1f} MiB", done.growth_mib < MAX_GROWTH_MIB),
    ]
    rows += [
        (f"  {line.name}", f"{line.ledger} = {line.sipp}", line.balances)
        for line in done.balance.lines
    ]
    table = Table(title="madoguchi soak", title_justify="left", show_header=False)
    for name, value, good in rows:
        table.add_row(name, value, "[green]✓[/green]" if good else "[red]✗[/red]")
    console.print(table)
    for difference in done.balance.differences[:20]:
        console.print(f"  {difference}", style="red", highlight=False)
    wrong = [name.strip() for name, _, good in rows if not good]
    console.print(f"soak: FAILED: {', '.join(wrong)}" if wrong else "soak: passed", highlight=False)
    return not wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak, print, write; 1 when anything is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=22.0)
    options = parser.parse_args(arguments)
    console = Console()
    done = asyncio.run(soak(options.calls, options.rate, FOLDER, console))
    good = show(done, console)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode({"good": good, "soak": done})))
    console.print(f"written to {RESULT}", highlight=False, soft_wrap=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
