"""``python -m tools.bench``: every figure, as a table and in build/bench.json.

Three rounds of bare Dial, app_queue and madoguchi one after another on the same Asterisk; then
madoguchi with others waiting; then ever higher rates; then a browser as telephone, the screen pop,
the panel's first load, cut lines, the floor view and many panels; reports of a very large month;
controller and engine alone; the controller against a switch that is faster than any.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from acd.bootstrap.switch import PROJECT
from tools.bench import (
    browser,
    capacity,
    controller,
    cuts,
    engine,
    floor,
    lease,
    month,
    planner,
    pops,
    screens,
    staffing,
    stores,
    takeover,
    wallboard,
)
from tools.bench.centre import Ports
from tools.bench.figures import TARGETS, figures, missed
from tools.bench.sides import Sample, Side, Trial, measure, nearest_rank

FOLDER = PROJECT / "build" / "bench"
RESULT = PROJECT / "build" / "bench.json"
PARTS = (
    "asterisk", "browser", "floor", "wallboard", "month", "stores", "alone", "capacity", "planner",
    "takeover",
)  # fmt: skip
#: Enough phones that they are not what bounds the rate.
_MANY_PHONES = 600
_FIRST_RATE, _RATE_STEP, _MAX_RATE = 80, 20, 200


@dataclass(frozen=True, slots=True)
class Programme:
    """How much is measured."""

    rounds: int = 3
    calls: int = 1500
    waiting: int = 500
    search_s: float = 10.0


QUICK = Programme(rounds=1, calls=300, waiting=100, search_s=5.0)


async def play(programme: Programme, console: Console) -> tuple[list[Sample], dict[str, float]]:
    """All measurements on Asterisk; one line each as they come."""
    samples: list[Sample] = []

    async def take(side: Side, trial: Trial) -> Sample:
        sample = await measure(side, trial, FOLDER, Ports.free())
        console.print(_line(sample), highlight=False, soft_wrap=True)
        return sample

    for _ in range(programme.rounds):
        for side in Side:
            samples.append(await take(side, Trial(calls=programme.calls)))
    for _ in range(programme.rounds):
        crowded = Trial(calls=programme.calls, waiting=programme.waiting)
        samples.append(await take(Side.MADOGUCHI, crowded))
    found = figures(samples)
    rate = _FIRST_RATE
    while rate <= _MAX_RATE:
        trial = Trial(round(rate * programme.search_s), rate, _MANY_PHONES)
        # A second try: the machine may have been busy with something else.
        if not (
            _held(await take(Side.MADOGUCHI, trial)) or _held(await take(Side.MADOGUCHI, trial))
        ):
            break
        found["max_calls_per_s"] = rate
        rate += _RATE_STEP
    return samples, found


def _held(sample: Sample) -> bool:
    """Nothing lost, nothing left behind, and the callers really came at that rate."""
    planned_s = sample.trial.calls / sample.trial.rate
    return not sample.lost and not sample.channels_left and sample.took_s < 1.1 * planned_s + 15


def _line(sample: Sample) -> str:
    trial = sample.trial
    text = f"{sample.side.value:10} {trial.rate:4.0f}/s {trial.calls:5} calls"
    text += f"  {sample.cpu_ms:6.2f} ms CPU per call"
    if sample.controller_ms:
        text += f" (Asterisk {sample.asterisk_ms:.2f} + controller {sample.controller_ms:.2f})"
    if sample.connect_ms:
        p50, p99 = (sample.connect_percentile_ms(p) for p in (50, 99))
        text += f"  connected in {p50:.1f} ms, p99 {p99:.1f} ms"
        text += f" (known after {nearest_rank(sample.known_ms, 50):.1f} ms)"
    if trial.waiting:
        text += f"  beside {trial.waiting} waiting"
    if sample.lost or sample.channels_left:
        text += f"  [red]{sample.lost} lost, {sample.channels_left} channels left[/red]"
    return text


def show(found: dict[str, float], console: Console, *, whole: bool = True) -> None:
    """The table of figures; ``whole``: with those that were not measured."""
    table = Table(title="madoguchi bench", title_justify="left")
    for name, justify in (
        ("figure", "left"),
        ("key", "left"),
        ("value", "right"),
        ("to reach", "right"),
        ("", "left"),
    ):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for target in TARGETS:
        value = found.get(target.key)
        if value is None and not whole:
            continue
        if value is None:
            table.add_row(target.meaning, target.key, "–", target.text, "not measured")
            continue
        verdict = "[green]reached[/green]" if target.met(value) else "[red]missed[/red]"
        table.add_row(
            target.meaning, target.key, f"{value:,.{target.digits}f}", target.text, verdict
        )
    console.print(table)


def write(found: dict[str, float], samples: Sequence[Sample], path: Path) -> None:
    """Figures, samples (without the single connect times) and the machine, as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    single = {"connect_ms": None, "known_ms": None}
    rows = [{**asdict(sample), **single, "cpu_ms": sample.cpu_ms} for sample in samples]
    document = {
        "figures": found,
        "samples": rows,
        "machine": {
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.platform(),
        },
    }
    path.write_bytes(msgspec.json.format(msgspec.json.encode(document)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a taste of it, not the figures")
    parser.add_argument("--only", choices=PARTS, help="one part of it")
    options = parser.parse_args(arguments)
    console = Console()
    samples: list[Sample] = []
    found: dict[str, float] = {}
    if options.only in (None, "alone"):
        found |= engine.figures() | controller.figures()
    if options.only in (None, "capacity"):
        found |= capacity.figures(console, capacity.RATES[:1] if options.quick else capacity.RATES)
    if options.only in (None, "planner"):
        found |= staffing.figures(console)
        taste = (200_000, 20) if options.quick else (planner.CALLS, planner.WEEKS)
        found |= planner.figures(*taste, console)
    if options.only in (None, "browser"):
        found |= browser.figures(8 if options.quick else browser.CALLS)
        found |= pops.figures(8 if options.quick else pops.CALLS)
        found |= screens.figures(3 if options.quick else screens.LOADS)
        found |= cuts.figures(2, 1) if options.quick else cuts.figures()
    if options.only in (None, "floor"):
        found |= floor.figures(10 if options.quick else floor.CHANGES)
    if options.only in (None, "wallboard"):
        found |= wallboard.figures()
    if options.only in (None, "stores"):
        found |= stores.figures(20_000 if options.quick else month.CALLS)
    if options.only in (None, "takeover"):
        found |= lease.figures(3 if options.quick else lease.KILLS)
        found |= takeover.figures(console, 3 if options.quick else takeover.KILLS)
    if options.only in (None, "month"):
        found |= month.figures(20_000 if options.quick else month.CALLS)
    if options.only in (None, "asterisk"):
        samples, measured = asyncio.run(play(QUICK if options.quick else Programme(), console))
        found |= measured
    show(found, console, whole=options.only is None)
    write(found, samples, RESULT)
    console.print(f"written to {RESULT}", highlight=False, soft_wrap=True)
    return 1 if missed(found) else 0


if __name__ == "__main__":
    sys.exit(main())
