"""One chaos run: callers come, things break by the schedule, all is asked afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from acd.adapters.asterisk import proctree
from acd.adapters.sql.reader import LedgerReader
from acd.bootstrap.switch import PROJECT
from sim.load.ports import free_ports
from sim.load.sipp import Sipp
from tools.chaos import load
from tools.chaos.centre import Breakable, SwitchPart
from tools.chaos.faults import broken
from tools.chaos.firewall import mark_clients
from tools.chaos.judge import Death, Verdict, judge
from tools.chaos.memory import Sample
from tools.chaos.schedule import Kind, Trouble

_SAMPLE_S = 1.0
_SETTLE_S = 60.0


@dataclass(frozen=True, slots=True)
class Broke:
    """A trouble as it happened: from when until when, in Unix seconds, and what went wrong with
    making it whole again."""

    trouble: Trouble
    from_s: float
    to_s: float
    failed: str = ""


@dataclass(slots=True)
class Result:
    """What came of a run; ``centre`` is the layout's name."""

    seed: int
    length_s: float
    rate: float
    every_s: float
    centre: str = "two"
    placed: int = 0
    troubles: list[Broke] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    channels_left: list[str] = field(default_factory=list)
    stuck: str = ""
    exits: dict[str, int] = field(default_factory=dict)
    ledger: dict[str, Any] = field(default_factory=dict)
    replay: dict[str, Any] = field(default_factory=dict)
    memory: list[Sample] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How many callers there are to be."""
        return round(self.length_s * self.rate)


async def play(
    centre: Breakable,
    troubles: Sequence[Trouble],
    result: Result,
    folder: Path,
    console: Console,
) -> Result:
    """Let the callers come and the troubles happen, settle, and judge."""
    media = free_ports(1, spread=16 + 8 * len(centre.entrances()))[0]
    await mark_clients(tuple(part.group for part in centre.controllers))
    phones = await Sipp.start(
        load.phones(result.seed, result.length_s, centre.phones_port, media), folder / "sipp"
    )
    coming = load.shared(centre.entrances(), result.calls, result.rate)
    callers = []
    for number, arriving in enumerate(coming, 1):
        own = load.callers(result.seed, arriving, free_ports(1)[0], media + 8 * number)
        callers.append(await Sipp.start(own, folder / "sipp"))
    sampling = asyncio.create_task(_sample(centre, result.memory))
    try:
        result.troubles = await _break(centre, troubles, console)
        console.print("all that broke is whole again; waiting for the last callers")
        for each in callers:
            await each.wait()
        result.stuck = await _settle(centre)
        result.channels_left = await centre.channels()
    finally:
        sampling.cancel()
        for each in callers:
            await each.stop()
        await phones.stop()
    result.placed = sum(each.counts.counters["dialled"] for each in callers)
    for part in centre.farewell():
        result.exits[part.name] = await part.stop()
    result.ledger = await _ask(centre, "ledger", "check", "--take-over")
    result.replay = await _ask(centre, "replay")
    saw = [(arriving, each.facts) for arriving, each in zip(coming, callers, strict=True)]
    stories = load.stories(saw, phones.facts)
    result.verdict = await _judge(centre, stories, result.troubles)
    return result


async def _break(centre: Breakable, troubles: Sequence[Trouble], console: Console) -> list[Broke]:
    began_s = time.monotonic()
    happened = []
    for trouble in troubles:
        await asyncio.sleep(max(0.0, began_s + trouble.at_s - time.monotonic()))
        console.print(f"  {trouble}", highlight=False)
        from_s = time.time()
        failed = ""
        try:
            async with broken(trouble, centre):
                await asyncio.sleep(trouble.lasts_s)
        except Exception as error:
            failed = f"{type(error).__name__}: {error}"
            console.print(f"    {failed}", style="red", highlight=False, markup=False)
        happened.append(Broke(trouble, from_s, time.time(), failed))
    return happened


async def _sample(centre: Breakable, samples: list[Sample]) -> None:
    began_s = time.monotonic()
    while True:
        for part in centre.controllers:
            if part.pid:
                rss_mib = proctree.resident_bytes(part.pid) / 2**20
                at_s = time.monotonic() - began_s
                samples.append(Sample(part.name, part.pid, at_s, rss_mib, centre.leads(part)))
        await asyncio.sleep(_SAMPLE_S)


async def _settle(centre: Breakable) -> str:
    """Wait until nobody is on the line and everybody is ready; else who is not, in a sentence."""
    until_s = time.monotonic() + _SETTLE_S
    while time.monotonic() < until_s:
        if await centre.quiet() and await centre.no_channels():
            return ""
        await asyncio.sleep(0.2)
    with contextlib.suppress(Exception):
        state = await centre.state()
        not_ready = {k: v for k, v in state["agents"].items() if v["state"] != "ready"}
        return f"calls {state['calls']}, operators {not_ready}"
    return "no controller answers"


async def _ask(centre: Breakable, *words: str) -> dict[str, Any]:
    """What a verb of the command line says about the centre, as JSON; with several controllers
    each is asked, since each may have something to store, and the last one's answer counts."""
    found: dict[str, Any] = {}
    for folder in centre.folders():
        command = [sys.executable, "-m", "acd", *words, "--centre", str(folder), "--json"]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=PROJECT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        said, errors = await asyncio.wait_for(process.communicate(), 300.0)
        try:
            found = json.loads(said)
        except ValueError:
            found = {"said": (said + errors).decode(errors="replace")[-2_000:]}
        found["exit"] = process.returncode
    return found


async def _judge(
    centre: Breakable, stories: Sequence[load.Caller], troubles: Sequence[Broke]
) -> Verdict:
    deaths = [
        Death(part.switch, broke.from_s, broke.to_s, broke.trouble.kind is Kind.FREEZE)
        for broke in troubles
        if broke.trouble.kind in (Kind.KILL, Kind.FREEZE)
        and isinstance(part := centre.parts[broke.trouble.target], SwitchPart)
    ]
    reader = LedgerReader(centre.settings.database_url)
    try:
        return judge(stories, await reader.calls(), await reader.legs(), deaths, centre.homes())
    finally:
        await reader.close()
