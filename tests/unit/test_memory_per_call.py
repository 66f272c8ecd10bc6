"""What a call leaves behind in a controller that leads: little, whatever is counted and kept of it.

What keeps something of calls is there: engine, journal, drainer, figures of the day, windows of
alarms, the stream to standbys. The switch is one that answers at once.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import tracemalloc
from pathlib import Path
from typing import cast

import pytest

from acd.adapters.asterisk.telephony import AsteriskTelephony
from acd.adapters.replication import tail
from acd.bootstrap.centre import RunningCentre
from acd.config import Centre
from acd.config.cluster_settings import ClusterSettings
from acd.core.ids import CallId, QueueId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentReadied,
    CallArrived,
    Caller,
    CallerHungUp,
    CallerKind,
    QueueRequested,
    SwitchUp,
)
from acd.ports_cluster import Alone
from tests.deciding import deciding
from tools.bench.centre import SERVED, Ports, bench_centre
from tools.bench.controller import InstantSwitch

OPERATORS, BEFORE, CALLS = 10, 1_500, 2_500
#: Of ten calls a second that is a mebibyte a minute, and each memory has an end besides.
MOST_BYTES = 1_747


class Leads(Alone):
    """Leadership of who leads for as long as it runs."""

    token = 1


def cluster_centre(folder: Path) -> Centre:
    centre = bench_centre(folder, Ports.free(), OPERATORS)
    peers = {"a": "127.0.0.1:1", "b": "127.0.0.1:2"}
    cluster = ClusterSettings(node="a", peers=peers, redis="127.0.0.1:3")
    settings = centre.settings.model_copy(update={"cluster": cluster})
    return dataclasses.replace(centre, settings=settings)


async def play(running: RunningCentre, switch: InstantSwitch, first: int, calls: int) -> None:
    """So many calls, each of a caller of its own, a few of them at once."""
    controller = running.controller
    for number in range(first, first + calls):
        call = CallId(f"1700000000.{number:06d}")
        caller = Caller(CallerKind.NUMBER, f"0466{number:06d}")
        channel = f"PJSIP/carrier-{number:08x}"
        controller.deliver(CallArrived(call, running.switch, channel, "carrier", SERVED, caller))
        await controller.submit(QueueRequested(call, QueueId("served")))
        while len(switch.talking) > OPERATORS // 2:
            controller.deliver(CallerHungUp(switch.talking.popleft()))
        if number % 100 == 0:
            await asyncio.sleep(0.02)  # The others have their turn.


async def settled(running: RunningCentre) -> int:
    """Bytes in use when all that waited has been stored and counted."""
    async with asyncio.timeout(60.0):
        while running.records.drainer.status.behind:  # noqa: ASYNC110 - a number of another's
            await asyncio.sleep(0.05)
    running.figures.count()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


async def test_a_call_that_is_over_leaves_little_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Here a moment stands for half a minute: the calls come as fast as they can.
    monkeypatch.setattr(tail, "KEPT_S", tail.KEPT_S / 300)
    monkeypatch.setattr(tail, "_MARK_S", tail._MARK_S / 300)
    async with deciding(cluster_centre(tmp_path), Leads()) as running:
        switch = InstantSwitch(running.controller.deliver)
        running.switches.by_id[running.switch] = cast(AsteriskTelephony, switch)
        beside = [
            asyncio.create_task(running.records.drainer.run()),
            asyncio.create_task(running.figures.run()),
        ]
        await running.controller.submit(SwitchUp(running.switch))
        for agent in running.centre.plan.agents:
            running.controller.deliver(AgentLoggedIn(agent.id))
            running.controller.deliver(AgentReadied(agent.id))
        await play(running, switch, 0, BEFORE)
        await settled(running)
        async with asyncio.timeout(20.0):
            while running.figures.today is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        tracemalloc.start()
        try:
            await play(running, switch, BEFORE, CALLS // 5)
            before = await settled(running)
            await play(running, switch, BEFORE + CALLS // 5, CALLS)
            after = await settled(running)
        finally:
            tracemalloc.stop()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        totals = running.records.journal.book.totals
    assert sum(totals.calls.values()) > BEFORE + CALLS
    assert (after - before) / CALLS < MOST_BYTES
