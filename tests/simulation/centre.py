"""A whole centre in virtual time: the real controller on the fake switch, and people who call.

The controller with everything that is its own (executor, journal, engine, timers, reconciling) can
die at any step and is started anew from what is on disk. What callers, phones and the switch do,
and when who dies, is decided by the seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from acd.app.controller import Controller
from acd.app.executor import Executor
from acd.app.frames import decode_rows
from acd.app.journal import Journal, SnapshotPolicy
from acd.app.reconcile import corrections
from acd.core import inputs_talk as t
from acd.core.cdr_types import CallRecord, VisitRecord
from acd.core.commands import SwitchCommand
from acd.core.engine import Engine
from acd.core.events import Event
from acd.core.ids import AgentId, CallId, SwitchId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentPaused,
    AgentReadied,
    CallArrived,
    CallerHungUp,
    HangUpRequested,
    Input,
    QueueRequested,
    SwitchDown,
    SwitchUp,
    TransferRequested,
)
from acd.core.invariants import violations
from acd.core.outbound import OutboundPlan
from acd.core.plan import (
    AgentPlan,
    CooldownPlan,
    DirectoryEntry,
    Plan,
    QueuePlan,
    SkillNeed,
    TalkPlan,
    Target,
    TargetKind,
)
from acd.ports import ChannelSeen
from agents.state import NotReadyReason
from tests.fakes.switch import Does, FakeCaller, FakeSwitch, Faults, Where
from tests.simulation.memory_disk import Handle, MemoryDisk
from tests.simulation.virtual_time import VirtualClock

SWITCH, JST = SwitchId("a"), ZoneInfo("Asia/Tokyo")
T0_S = 1_800_000_000.0


def draw_plan(chance: random.Random) -> Plan:
    """Two queues, a few operators who know one subject or both."""
    skills = (SkillNeed("tax", 3), SkillNeed("waste", 3))
    queues = tuple(
        QueuePlan(
            skill.skill,  # type: ignore[arg-type]
            "",
            "",
            needs=(skill,),
            ring_timeout_s=chance.choice([4.0, 8.0]),
            wrap_up_s=chance.choice([0.0, 3.0]),
            max_offers=20,
        )
        for skill in skills
    )
    agents = tuple(
        AgentPlan(f"op{n}", "", f"op{n}", skills[n % 2 : n % 3 + 1] or skills)  # type: ignore[arg-type]
        for n in range(chance.randint(2, 5))
    )
    cooldown = CooldownPlan(4.0, 3.0, 2.0, 5.0)
    return Plan(
        "1",
        queues,
        agents,
        directory=(DirectoryEntry("hall", "", "", "PJSIP/hall"),),
        default_queue=queues[0].id,
        cooldown=cooldown,
        talk=TalkPlan(ring_s=5.0, return_s=6.0, outbound=OutboundPlan("x", ("0466",), ring_s=5.0)),
    )


class Process:
    """One life of the controller."""

    def __init__(self, centre: SimulatedCentre, handle: Handle) -> None:
        self.centre = centre
        self.handle = handle
        self.journal = Journal(handle, handle, policy=SnapshotPolicy(steps=40, seconds=30.0))
        engine = self._engine()
        self.executor = Executor({SWITCH: centre.switch}, self._deliver)
        self.controller = Controller(
            engine,
            self.journal,
            VirtualClock(T0_S),
            execute=self._execute,
            rebuild=self._engine,
            book=self._book,
            sinks=[self],
        )
        if self.journal.last_seq == 0:
            self.controller.snapshot()
        self.task = asyncio.create_task(self.controller.run())
        self.line: asyncio.Task[None] | None = None

    def _engine(self) -> Engine:
        restored = self.journal.restore()
        if restored.engine is None:
            return Engine(self.centre.plan, JST)
        engine = Engine.restore(restored.engine, JST)
        for step in restored.steps:
            for event in step.events:
                engine.apply(event, step.at_s)
        return engine

    def _book(self) -> bytes:
        return self.journal.book.snapshot()

    def _deliver(self, happened: Input) -> None:
        if not self.handle.dead:
            self.controller.deliver(happened)

    def _execute(self, command: SwitchCommand) -> None:
        if not self.handle.dead:
            self.executor(command)

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """After each batch: is everything as it should be?"""
        self.centre.wrong += violations(self.controller.engine)

    async def connect(self) -> None:
        """Begin with the switch away, as the product does, then find it."""
        await self.controller.submit(SwitchDown(SWITCH))
        self.line = asyncio.create_task(self.centre.switch.run())
        self.centre.switch.restore()

    async def die(self) -> None:
        """kill -9: whatever was under way stops where it is."""
        self.handle.dead = True
        self.centre.switch.cut()
        tasks = [task for task in (self.task, self.line) if task is not None]
        tasks += list(self.executor._last.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class SimulatedCentre:
    """The world. ``crashes``: how often the controller dies; ``cuts``: how often the line does."""

    def __init__(self, seed: int, faults: Faults, *, crashes: int = 0, cuts: int = 0) -> None:
        self.chance = random.Random(seed)
        self.plan = draw_plan(self.chance)
        self.disk = MemoryDisk()
        self.wrong: list[str] = []
        self.rebuilt = 0
        self.queued: set[CallId] = set()
        self.talked: set[CallId] = set()
        self.callers: list[FakeCaller] = []
        self._crashes = crashes
        self._cuts = cuts
        self.process: Process | None = None
        self.switch = FakeSwitch(
            SWITCH, self._deliver, self._switch_up, faults=faults, after_s=1.0, announce_s=2.0
        )

    def _deliver(self, happened: Input) -> None:
        if self.process is not None:
            self.process._deliver(happened)

    async def _switch_up(self, switch: SwitchId, seen: list[ChannelSeen]) -> None:
        assert self.process is not None
        controller = self.process.controller
        for happened in corrections(controller.engine, switch, seen, lost=lambda _: False):
            await controller.submit(happened)
        await controller.submit(SwitchUp(switch))

    async def start(self) -> None:
        """A controller on what is on disk; it may be fated to die at some write."""
        writes_left = -1
        if self._crashes > 0:
            self._crashes -= 1
            writes_left = self.chance.randint(3, 60)
        handle = Handle(self.disk, writes_left, self.chance.random() < 0.5)
        self.process = Process(self, handle)
        connecting = asyncio.create_task(self.process.connect())
        await asyncio.wait([connecting], timeout=1.0)

    async def watch(self) -> None:
        """Start a dead controller again after a while."""
        while True:
            await asyncio.sleep(0.1)
            if self.process is not None and self.process.handle.dead:
                dead, self.process = self.process, None
                await dead.die()
                self.rebuilt += dead.controller.rebuilt
                await asyncio.sleep(self.chance.uniform(0.1, 4.0))
                await self.start()

    # -- people ----------------------------------------------------------------------------

    async def play(self, calls: int, per_s: float = 1.0) -> None:
        """A day in the centre: operators come, callers call, everybody goes."""
        await self.start()
        helpers = [asyncio.create_task(job) for job in (self.watch(), self.moods(), self.line())]
        for agent in self.plan.agents:
            self._deliver(AgentLoggedIn(agent.id))
            self._deliver(AgentReadied(agent.id))
        async with asyncio.TaskGroup() as group:
            for _ in range(calls):
                await asyncio.sleep(self.chance.expovariate(per_s))
                group.create_task(self.caller())
        for helper in helpers[1:]:
            helper.cancel()
        self.switch.restore()
        for agent in self.plan.agents:
            self.phone_mood(str(agent.device), Does.ANSWER)
        await asyncio.sleep(120.0)
        helpers[0].cancel()
        await asyncio.gather(*helpers, return_exceptions=True)

    async def moods(self) -> None:
        """Operators who answer, do not, refuse, take a break; talks that they end."""
        while True:
            await asyncio.sleep(self.chance.uniform(0.1, 2.0))
            agent = self.chance.choice(self.plan.agents)
            does = self.chance.choice([*Does, Does.ANSWER, Does.ANSWER, Does.ANSWER])
            self.phone_mood(str(agent.device), does)
            if self.chance.random() < 0.3:
                self.switch.phone(str(agent.device)).hang_up()
            if self.chance.random() < 0.1:
                self._deliver(AgentPaused(agent.id, NotReadyReason.BREAK))
            if self.chance.random() < 0.5:
                self._deliver(self.chance.choice(self.talk_requests(agent.id)))
            if self.chance.random() < 0.2:
                self.phone_mood("hall", self.chance.choice([*Does, Does.ANSWER]))
                self.switch.phone("hall").hang_up()
            if self.chance.random() < 0.3:
                self._deliver(AgentLoggedIn(agent.id))
                self._deliver(AgentReadied(agent.id))

    def talk_requests(self, agent: AgentId) -> list[Input]:
        """What an operator may want of a talk."""
        hall = Target(TargetKind.NUMBER, "hall")
        return [
            t.HoldRequested(agent),
            t.ResumeRequested(agent),
            t.ConsultRequested(agent, hall),
            t.ConsultRequested(agent, hall),
            t.ConsultCompleted(agent),
            t.ConferenceRequested(agent),
            t.ConferenceRequested(agent, hall),
            TransferRequested(agent, hall),
            t.DialRequested(agent, "0466251111"),
            HangUpRequested(agent),
        ]

    def phone_mood(self, device: str, does: Does) -> None:
        phone = self.switch.phone(device)
        phone.does = does
        phone.answer_after_s = self.chance.choice([0.0, 0.5, 2.0, 3.99, 4.0, 4.01])

    async def line(self) -> None:
        """The connection to the switch breaks now and then."""
        for _ in range(self._cuts):
            await asyncio.sleep(self.chance.uniform(1.0, 15.0))
            self.switch.cut()
            await asyncio.sleep(self.chance.uniform(0.1, 4.0))
            self.switch.restore()

    async def caller(self) -> None:
        """Somebody calls, goes through the menu, waits, talks, and hangs up at some time."""
        caller = self.switch.call_in("0466001111", f"0466{len(self.callers):06d}")
        self.callers.append(caller)
        patience_s = self.chance.choice([0.0, 0.3, 3.0, 15.0, 40.0]) * self.chance.uniform(0.5, 1)
        menu = asyncio.create_task(self.menu(caller))
        await asyncio.sleep(patience_s)
        if caller.where is Where.TALK:
            self.talked.add(caller.call)
            await asyncio.sleep(self.chance.choice([0.0, 0.5, 5.0]))
        caller.hang_up()
        await menu

    async def menu(self, caller: FakeCaller) -> None:
        """What dialplan and reception do: try again while the controller is away."""
        while caller.where is Where.MENU:
            process = self.process
            if process is not None and not process.handle.dead:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(3.0):
                        await self.lead(caller, process)
                if self.switch.was_hung_up(caller.call):
                    process._deliver(CallerHungUp(caller.call))
            await asyncio.sleep(1.0)

    async def lead(self, caller: FakeCaller, process: Process) -> None:
        """One run of the menu's script; nothing of it counts if the controller died meanwhile."""
        info, controller = caller.info, process.controller
        known = controller.engine.calls.get(caller.call)
        if known is None or known.state == "menu":
            process._deliver(
                CallArrived(
                    info.call, info.switch, info.channel, info.trunk, info.dialled, info.caller
                )
            )
            await asyncio.sleep(self.chance.choice([0.0, 0.3, 1.5]))
            if caller.where is Where.GONE:
                return
            queue = self.chance.choice(self.plan.queues).id
            await controller.submit(QueueRequested(info.call, queue))
        if not process.handle.dead:
            self.queued.add(caller.call)
            caller.enter_hold()

    # -- what came of it -------------------------------------------------------------------

    def records(self) -> tuple[list[CallRecord], list[VisitRecord]]:
        """The outcome rows on disk, in order."""
        rows = [row for frame in self.disk.frames for row in decode_rows(frame)]
        calls = [row for row in rows if isinstance(row, CallRecord)]
        return calls, [row for row in rows if isinstance(row, VisitRecord)]
