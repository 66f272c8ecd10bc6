"""One measurement of one side: bare Dial, app_queue, or madoguchi, under the same load."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import msgspec

from acd.adapters.asterisk import proctree
from acd.adapters.asterisk.cel import read_cel
from acd.adapters.asterisk.conffiles import CEL_FILE
from acd.adapters.asterisk.process import AsteriskProcess
from acd.bootstrap.switch import PROJECT, paths_of
from acd.config import Centre
from sim.load import scenario
from sim.load.sipp import Load, Sipp
from tools.bench.centre import HOST, PARKED, SERVED, Ports, bench_centre
from tools.bench.host import RESULT, Seen
from tools.bench.switch import running_switch

TALK_S = 3.0
_READY_S = 30.0
_SETTLE_S = 1.0
_DRAIN_S = 20.0
_WAITERS_PER_S = 40.0


class Side(StrEnum):
    """Who connects the callers."""

    DIAL = "dial"
    APP_QUEUE = "app_queue"
    MADOGUCHI = "madoguchi"


@dataclass(frozen=True, slots=True)
class Trial:
    """The load: calls per second, how many, on how many phones, and how many others wait."""

    calls: int = 1500
    rate: float = 50.0
    phones: int = 200
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """What came of it. CPU in milliseconds per call; ``lost`` calls did not go as they should;
    ``channels_left`` were still there after all had hung up (those waiting not counted).

    ``connect_ms``: from each offer until both were in the bridge by Asterisk's own record.
    ``known_ms``: until the controller, which reads in gulps, knew of it.
    """

    side: Side
    trial: Trial
    lost: int
    channels_left: int
    took_s: float
    asterisk_ms: float
    controller_ms: float = 0.0
    connect_ms: list[float] = field(default_factory=list)
    known_ms: list[float] = field(default_factory=list)

    @property
    def cpu_ms(self) -> float:
        """Asterisk and controller together."""
        return self.asterisk_ms + self.controller_ms

    def connect_percentile_ms(self, percent: float) -> float:
        """Nearest-rank percentile of offer → both in the bridge."""
        return nearest_rank(self.connect_ms, percent)


def nearest_rank(values: list[float], percent: float) -> float:
    """The smallest value that at least so many percent of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(percent * 10) // 1000) - 1)]


async def measure(side: Side, trial: Trial, folder: Path, ports: Ports) -> Sample:
    """Start everything anew, play the load, stop everything."""
    centre = bench_centre(folder / "state", ports, trial.phones)
    baseline = side is not Side.MADOGUCHI
    async with (
        running_switch(centre, ports, trial.phones, baseline=baseline) as switch,
        answering_phones(folder, ports),
    ):
        if baseline:
            return await _play(side, trial, folder, ports, switch, None)
        async with controller_process(folder / "state", trial.phones, ports) as controller:
            sample = await _play(side, trial, folder, ports, switch, controller.pid)
        seen = msgspec.json.decode((folder / "state" / RESULT).read_bytes(), type=Seen)
    # Both must say that all went well: the callers, and the controller's own events.
    lost = max(sample.lost, abs(trial.calls - seen.answered))
    connect_ms = _connected_ms(centre, seen)
    return replace(sample, lost=lost, connect_ms=connect_ms, known_ms=seen.known_ms)


def _connected_ms(centre: Centre, seen: Seen) -> list[float]:
    """Asterisk's record says when both were in the bridge, the controller when it made the offer;
    both stamp by this machine's clock."""
    record = read_cel([paths_of(centre.settings).run / CEL_FILE])
    talks = [talk for call in record.calls.values() for talk in call.talks]
    return [
        talk.from_ms - 1000 * seen.offered_s[talk.offer]
        for talk in talks
        if talk.offer in seen.offered_s
    ]


async def _play(
    side: Side,
    trial: Trial,
    folder: Path,
    ports: Ports,
    switch: AsteriskProcess,
    controller: int | None,
) -> Sample:
    waiters = await _let_wait(trial, folder, ports)
    await asyncio.sleep(_SETTLE_S)
    before = switch.cpu_seconds(), _cpu_s(controller)
    began = time.monotonic()
    calling = await Sipp.start(callers_of(side, trial, ports), folder / "sipp")
    try:
        counts = await calling.wait()
        took_s = time.monotonic() - began
        await asyncio.sleep(_SETTLE_S)
        after = switch.cpu_seconds(), _cpu_s(controller)
        left = await channels(switch) - trial.waiting
    finally:
        await calling.stop()
        if waiters is not None:
            await waiters.stop()
    return Sample(
        side,
        trial,
        lost=trial.calls - counts.successful,
        channels_left=left,
        took_s=took_s,
        asterisk_ms=1000 * (after[0] - before[0]) / trial.calls,
        controller_ms=1000 * (after[1] - before[1]) / trial.calls,
    )


def callers_of(side: Side, trial: Trial, ports: Ports) -> Load:
    """The load of a trial."""
    rows = {
        Side.DIAL: [[f"9{n:03d}"] for n in range(trial.phones)],
        Side.APP_QUEUE: [["queue"]],
        Side.MADOGUCHI: [[SERVED]],
    }[side]
    return Load(
        name="callers",
        scenario=scenario.plain_caller(),
        port=ports.callers,
        media_port=ports.media + 8,
        calls=trial.calls,
        limit_s=trial.calls / trial.rate + TALK_S + _DRAIN_S,
        remote=f"{HOST}:{ports.sip}",
        rows=rows,
        rate=trial.rate,
    )


async def _let_wait(trial: Trial, folder: Path, ports: Ports) -> Sipp | None:
    """Callers who wait for somebody who never comes, all there before the clock starts."""
    if not trial.waiting:
        return None
    load = Load(
        name="waiters",
        scenario=scenario.plain_caller(),
        port=ports.waiters,
        media_port=ports.media + 16,
        calls=trial.waiting,
        limit_s=600.0,
        remote=f"{HOST}:{ports.sip}",
        rows=[[PARKED]],
        rate=_WAITERS_PER_S,
    )
    waiters = await Sipp.start(load, folder / "sipp")
    await asyncio.sleep(trial.waiting / _WAITERS_PER_S + 2 * _SETTLE_S)
    return waiters


@asynccontextmanager
async def answering_phones(folder: Path, ports: Ports) -> AsyncIterator[Sipp]:
    """One SIPp that answers for every phone."""
    load = Load(
        name="phones",
        scenario=scenario.plain_phone(TALK_S),
        port=ports.phones,
        media_port=ports.media,
        calls=100_000,
        limit_s=900.0,
    )
    phones = await Sipp.start(load, folder / "sipp")
    try:
        yield phones
    finally:
        await phones.stop()


@asynccontextmanager
async def controller_process(
    state_dir: Path, phones: int, ports: Ports
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The controller of the bench's centre in a process of its own, with operators ready."""
    process = await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "TERM", sys.executable),
        *("-m", "tools.bench.host", str(state_dir), str(phones)),
        msgspec.json.encode(ports).decode(),
        cwd=PROJECT,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        if (
            process.stdout is None
            or await asyncio.wait_for(process.stdout.readline(), _READY_S) != b"ready\n"
        ):
            raise SystemExit("the bench's controller did not start: see above")
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), _READY_S)
            except TimeoutError:
                process.kill()
                await process.wait()


def _cpu_s(pid: int | None) -> float:
    return proctree.cpu_seconds(pid) if pid else 0.0


async def channels(switch: AsteriskProcess) -> int:
    """How many channels a switch has now."""
    for line in (await switch.cli("core show channels count")).splitlines():
        if "active channel" in line:
            return int(line.split()[0])
    return -1
