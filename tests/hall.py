"""A reception over a real engine and the example city, with a clock that is set by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from acd.app.reception import Reception
from acd.config import Centre
from acd.core.engine import Engine
from acd.core.events import Event
from acd.core.inputs import AgentLoggedIn, Input
from acd.core.step import Outcome
from tests.fakes.caller import FakeConversation

CITY = Path(__file__).parents[1] / "centre"
WORKDAY_S = dt.datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Asia/Tokyo")).timestamp()


@dataclass
class Hall:
    """A reception over a real engine, with a clock that is set by hand."""

    city: Centre
    now_s: float = WORKDAY_S
    events: list[Event] = field(default_factory=list)
    commands: list[object] = field(default_factory=list)
    broken: bool = False
    quiet: bool = False
    records: bool = True

    def __post_init__(self) -> None:
        self.engine = Engine(self.city.plan, ZoneInfo(self.city.plan.timezone))
        self.reception = Reception(
            lambda: self.engine,
            self.city.flows,
            self,
            self.submit,
            self.deliver,
            "/sounds",
            lambda: self.quiet,
            lambda: self.records,
        )
        for agent in self.city.plan.agents:
            self.do(AgentLoggedIn(agent.id))
        self.events.clear()

    def now(self) -> float:
        return self.now_s

    async def sleep_until(self, at_s: float) -> None:
        raise NotImplementedError

    def do(self, happened: Input) -> Outcome:
        outcome = self.engine.handle(happened, self.now_s)
        self.events += outcome.events
        self.commands += outcome.commands
        return outcome

    def deliver(self, happened: Input) -> None:
        self.do(happened)

    async def submit(self, happened: Input) -> Outcome:
        if self.broken:
            raise RuntimeError("a defect")
        return self.do(happened)

    async def waiting(self, call: str, keys: str = "3") -> FakeConversation:
        """A caller who has come as far as the queue."""
        caller = FakeConversation([keys], call=call)
        await self.reception.answer(caller)
        assert caller.next == "hold"
        return caller

    async def hold(self, call: str, after_s: float = 0.0) -> FakeConversation:
        """The dialplan asks what to say to a caller on hold."""
        self.now_s += after_s
        caller = FakeConversation(call=call)
        await self.reception.hold(caller)
        return caller
