"""``python -m tools.handover``: nobody is dropped when the lead is handed over on purpose.

Callers come at 20 a second (SIPp on both sides, each with its own truth) while a controller is
told ``madoguchi takeover``, is stopped (SIGTERM) and started again, and while both are replaced one
after the other. Afterwards: what every caller saw against the ledger, one by one.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from acd.bootstrap.switch import PROJECT
from acd.errors import MadoguchiError
from sim.load.ports import free_ports
from sim.load.sipp import Sipp
from tools.chaos import load
from tools.chaos.judge import Verdict, judge
from tools.chaos.world import enter, unmount
from tools.handover.centre import HOST, Handed, two_controllers

RESULT = PROJECT / "build" / "handover.json"
#: Callers before the first hand-over, and between two.
PAUSE_S = 6.0
_SETTLE_S = 60.0


@dataclass(slots=True)
class Result:
    """What came of it. ``took_s``: seconds from each order until the other controller took calls,
    and until both were in place again; ``under_load``: callers came all the while."""

    asked: int
    rate: float
    took_s: dict[str, tuple[float, float]] = field(default_factory=dict)
    under_load: bool = False
    verdict: Verdict = field(default_factory=Verdict)
    while_handed_over: int = 0
    waited_most_s: float = 0.0
    channels_left: int = 0
    exits: dict[str, int] = field(default_factory=dict)
    ledger: dict[str, Any] = field(default_factory=dict)


async def prove(seconds: float, rate: float, seed: int, folder: Path, console: Console) -> Result:
    """Play it once."""
    result = Result(round(seconds * rate), rate)
    async with two_controllers(folder) as kit:
        media = free_ports(1, spread=24)[0]
        phones = await Sipp.start(
            load.phones(seed, seconds, kit.phones_port, media), folder / "sipp"
        )
        entrance = f"{HOST}:{kit.settings.switch.sip_port}"
        coming = load.Arriving("a", entrance, 1, result.asked, rate)
        callers = await Sipp.start(
            load.callers(seed, coming, free_ports(1)[0], media + 8), folder / "sipp"
        )
        try:
            spans = await _hand_over(kit, result, console)
            result.under_load = callers.counts.counters["dialled"] < result.asked
            await callers.wait()
            await kit.until(kit.quiet, _SETTLE_S)
            await kit.until(kit.no_channels, _SETTLE_S)
        finally:
            await callers.stop()
            await phones.stop()
        result.channels_left = len(await kit.channels())
        result.exits = await kit.farewell()
        stories = load.stories([(coming, callers.facts)], phones.facts)
        result.ledger = await kit.checked()
        calls, legs = await kit.ledger()
        result.verdict = judge(stories, calls, legs, [])
        result.waited_most_s = max((call.wait_ms for call in calls), default=0) / 1000
        result.while_handed_over = sum(
            any(caller.dialled_s < to_s and (caller.ended_s or to_s) > from_s
                for from_s, to_s in spans)
            for caller in stories
        )  # fmt: skip
    return result


async def _hand_over(kit: Handed, result: Result, console: Console) -> list[tuple[float, float]]:
    """One kind after another; returns from when until when, in Unix seconds."""
    orders: dict[str, Callable[[], Awaitable[float]]] = {
        "madoguchi takeover": kit.takeover,
        "stop (SIGTERM) and start again": kit.drain,
        "rolling upgrade": kit.upgrade,
    }
    spans = []
    for name, order in orders.items():
        await asyncio.sleep(PAUSE_S)
        from_s = time.time()
        took_s = await order()
        spans.append((from_s, time.time()))
        result.took_s[name] = (took_s, spans[-1][1] - from_s)
        console.print(
            f"{name}: the other one took calls after {took_s:.2f} s,"
            f" both were in place after {spans[-1][1] - from_s:.1f} s",
            highlight=False,
        )
    return spans


def show(result: Result, console: Console) -> bool:
    """Print what came of it; whether nobody was dropped and nobody is miscounted."""
    verdict = result.verdict
    dropped = verdict.refused + verdict.unmet
    rows = [
        ("callers who called", f"{verdict.callers} of {result.asked}",
         verdict.callers == result.asked),
        ("every hand-over while callers came", str(result.under_load), result.under_load),
        ("refused or never met", str(dropped), dropped == 0),
        ("dropped or miscounted", str(len(verdict.misses)), verdict.agrees),
        ("of them taken over from the switch's own record", str(verdict.away), True),
        ("channels left behind", str(result.channels_left), result.channels_left == 0),
        ("controllers that did not end in order", str(sum(map(bool, result.exits.values()))),
         not any(result.exits.values())),
        ("ledger and Asterisk's record agree", str(bool(result.ledger.get("balances"))),
         bool(result.ledger.get("balances"))),
    ]  # fmt: skip
    good = all(fine for _, _, fine in rows)
    console.print(
        f"hand-over {'passed' if good else 'FAILED'}: {verdict.callers} callers at {result.rate:g}"
        f" a second, {verdict.talked} talked, {verdict.left} hung up while they waited;"
        f" {result.while_handed_over} were on the line during a hand-over,"
        f" the longest wait was {result.waited_most_s:.1f} s.",
        style="bold",
        highlight=False,
    )
    table = Table(show_header=False)
    for name, value, fine in rows:
        table.add_row(name, value, "[green]✓[/green]" if fine else "[red]✗[/red]")
    console.print(table)
    for miss in verdict.misses[:20]:
        console.print(f"{miss.number} {miss.wrong}", style="red", highlight=False, markup=False)
        console.print(f"    caller: {miss.caller_says}", highlight=False, markup=False)
        console.print(f"    ledger: {miss.ledger_says}", highlight=False, markup=False)
    return good


def main(arguments: Sequence[str]) -> int:
    """Run, say what came of it, write it down; 1 when anybody was dropped or miscounted."""
    parser = argparse.ArgumentParser(prog="python -m tools.handover", description=__doc__)
    parser.add_argument("--seconds", type=float, default=100.0)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    enter("tools.handover", list(arguments))
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="mdg-handover-"))
    try:
        result = asyncio.run(prove(options.seconds, options.rate, options.seed, folder, console))
        good = show(result, console)
        RESULT.parent.mkdir(parents=True, exist_ok=True)
        written = {"good": good, "result": result}
        RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(written)))
        console.print(f"{RESULT}", highlight=False, soft_wrap=True)
        return 0 if good else 1
    except MadoguchiError as error:
        console.print(f"hand-over FAILED: {error.message}", style="red", highlight=False)
        return 1
    finally:
        unmount()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
