"""A centre without a switch: the example city's plan over a real engine, inputs decided at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from acd.core.commands import OfferCall, StartTimer, SwitchCommand
from acd.core.engine import Engine
from acd.core.ids import CallId, OfferId, QueueId, SwitchId
from acd.core.inputs import (
    CallArrived,
    CallConnected,
    Caller,
    CallerKind,
    Input,
    QueueRequested,
)
from acd.core.plan import OverflowKind, Plan, QueuePlan
from acd.core.step import Outcome
from acd.ports import EventSink
from web.wiring import Health

#: The example city of this checkout.
CENTRE = Path(__file__).parents[2] / "centre"
NUMBER = "09012345678"


def patient(plan: Plan) -> Plan:
    """The plan with queues in which callers wait even when nobody is logged in."""

    def stays(queue: QueuePlan) -> QueuePlan:
        rules = tuple(r for r in queue.overflow if r.kind is not OverflowKind.NO_AGENTS)
        return replace(queue, overflow=rules)

    return replace(plan, queues=tuple(stays(queue) for queue in plan.queues))


@dataclass
class Centre:
    """A centre without a switch: inputs are decided at once, and followers are told. Its callers
    wait until somebody logs in."""

    plan: Plan
    now: float = 1_000.0
    wall_s: float = 1_795_000_000.0
    sinks: list[EventSink] = field(default_factory=list)
    health: Health = field(default_factory=lambda: Health(switch=True, journal=True))
    slow_s: float = 0.0
    broken: bool = False
    commands: list[SwitchCommand] = field(default_factory=list)
    whisper_proven: bool = True
    modes_followed: int = 0

    def __post_init__(self) -> None:
        self.plan = patient(self.plan)
        self.engine = Engine(self.plan, ZoneInfo(self.plan.timezone))
        self._seq = 0

    def do(self, happened: Input) -> Outcome:
        self.now += 0.01
        outcome = self.engine.handle(happened, self.now)
        self._seq += 1
        self.commands += [c for c in outcome.commands if not isinstance(c, StartTimer)]
        for sink in self.sinks:
            sink.publish(self._seq, self.now, outcome.events)
        return outcome

    async def submit(self, happened: Input) -> Outcome:
        if self.broken:
            raise RuntimeError("a defect")
        if self.slow_s:
            await asyncio.sleep(self.slow_s)
        return self.do(happened)

    async def follow_mode(self) -> None:
        self.modes_followed += 1

    def call(self, number: int, queue: str = "general", caller: Caller | None = None) -> CallId:
        """A caller arrives and waits."""
        call = CallId(f"17000000.{number:06d}")
        who = caller or Caller(CallerKind.NUMBER, NUMBER)
        channel = f"PJSIP/carrier-{number:08x}"
        self.do(CallArrived(call, SwitchId("a"), channel, "carrier", "0466001111", who))
        self.do(QueueRequested(call, QueueId(queue)))
        return call

    def connect(self, call: CallId) -> OfferId:
        """Whoever is being rung for this call answers."""
        offers = [c for c in self.commands if isinstance(c, OfferCall) and c.call == call]
        self.do(CallConnected(offers[-1].offer))
        return offers[-1].offer
