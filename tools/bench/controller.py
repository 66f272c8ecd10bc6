"""Speed of the controller alone: calls per second of one core, against a fake switch.

Everything that ships is in the loop: inbox, engine, record book, journal on the local disk,
executor, timers, drainer into SQLite. The switch is a fake that answers every command at once:
200 operators pick up immediately, talks last as long as it takes the other calls to come by.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import deque
from pathlib import Path
from time import process_time

from msgspec import Struct

from acd.adapters.clock import SystemClock
from acd.app.controller import Controller
from acd.app.executor import Executor
from acd.bootstrap.loop import run
from acd.bootstrap.records import Records
from acd.config.settings import Settings, StoreSettings
from acd.core.commands import OfferCall, SwitchCommand
from acd.core.ids import AgentId, CallId, QueueId, SwitchId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentReadied,
    CallArrived,
    CallConnected,
    Caller,
    CallerHungUp,
    CallerKind,
    Input,
    OfferAnswered,
    QueueRequested,
)
from acd.core.plan import AgentPlan, Plan, QueuePlan, SkillNeed
from acd.ports import ChannelSeen, Deliver

OPERATORS = 200
SWITCH = SwitchId("a")


class Result(Struct, frozen=True):
    """Calls and the CPU seconds that they took, of the whole process."""

    calls: int
    cpu_s: float

    @property
    def calls_per_s(self) -> float:
        """Calls per CPU second."""
        return self.calls / self.cpu_s


class InstantSwitch:
    """A Telephony whose phones are answered at once; talks end oldest first."""

    def __init__(self, deliver: Deliver) -> None:
        self.switch = SWITCH
        self._deliver = deliver
        self.talking: deque[CallId] = deque()

    async def run(self) -> None:
        """Nothing happens here by itself."""
        await asyncio.get_running_loop().create_future()

    async def sweep(self) -> list[ChannelSeen]:
        """It has no channels."""
        return []

    async def execute(self, command: SwitchCommand) -> None:
        """An offer is answered and connected; nothing else is asked for."""
        if isinstance(command, OfferCall):
            self._deliver(OfferAnswered(command.offer))
            self._deliver(CallConnected(command.offer))
            self.talking.append(command.call)


def bench_plan() -> Plan:
    """One queue and its operators, all alike."""
    skill = SkillNeed("s")
    agents = tuple(
        AgentPlan(AgentId(f"op{n:03d}"), "", f"d{n}", (skill,)) for n in range(OPERATORS)
    )
    queue = QueuePlan(QueueId("q"), "", "", needs=(skill,), wrap_up_s=0.0)
    return Plan("bench", (queue,), agents, default_queue=queue.id)


async def _play(folder: Path, calls: int) -> Result:
    settings = Settings(state_dir=folder, store=StoreSettings(spool_mib=64, reserve_mib=8))
    records = Records(settings)
    engine, _ = records.engine(bench_plan())
    switches: dict[SwitchId, InstantSwitch] = {}
    inbox: list[Deliver] = []

    def tell(happened: Input) -> None:
        inbox[0](happened)

    executor = Executor(switches, tell)
    controller = Controller(
        engine,
        records.journal,
        SystemClock(),
        execute=executor,
        rebuild=lambda: engine,
        book=records.journal.book.snapshot,
    )
    inbox.append(controller.deliver)
    switch = switches[SWITCH] = InstantSwitch(controller.deliver)
    for agent in engine.plan.agents:
        controller.deliver(AgentLoggedIn(agent.id))
        controller.deliver(AgentReadied(agent.id))
    running = [
        asyncio.create_task(controller.run()),
        asyncio.create_task(records.drainer.run()),
    ]
    start = process_time()
    for number in range(calls):
        call = CallId(f"1700000000.{number:06d}")
        caller = Caller(CallerKind.NUMBER, "0466000000")
        channel = f"PJSIP/t-{number:08x}"
        controller.deliver(CallArrived(call, SWITCH, channel, "t", "0466001111", caller))
        await controller.submit(QueueRequested(call, QueueId("q")))
        while len(switch.talking) > OPERATORS // 2:
            controller.deliver(CallerHungUp(switch.talking.popleft()))
    while switch.talking:
        controller.deliver(CallerHungUp(switch.talking.popleft()))
    await asyncio.sleep(0.05)
    await records.drainer.finish(timeout_s=30.0)
    cpu_s = process_time() - start
    left = len(controller.engine.calls)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await records.close()
    if left:
        raise SystemExit(f"{left} calls did not end: the figure would mean nothing")
    return Result(calls, cpu_s)


def measure(calls: int = 5_000) -> Result:
    """Play ``calls`` calls in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="mdg-bench-") as folder:
        return run(_play(Path(folder), calls))


def figures() -> dict[str, float]:
    """The bench's figure about the controller, by key: best of three."""
    return {"controller_calls_per_s": max(measure().calls_per_s for _ in range(3))}


if __name__ == "__main__":
    for key, value in figures().items():
        print(f"{key}: {value:,.0f}")
