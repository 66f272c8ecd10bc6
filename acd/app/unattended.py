"""What the switch is told to record by itself while no controller is there (docs/adr/0038).

The rules are those of every talk: the installation's switch and the room on the disk, the number,
the queue. The switch knows no queues; it is told who waits for one that is exempt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from acd.app.recorder import RecorderPolicy, RecorderStatus
from acd.core.engine import Engine
from acd.core.events import CallClosed, CallQueued, Event
from acd.core.ids import CallId, QueueId
from acd.core.plan import Plan
from acd.ports_recording import UnattendedSwitch
from ivr.flow import Flow, ToQueue

#: What a talk takes while it is in clear: 8,000 samples of both sides a second.
BYTES_PER_S = 32_000
#: How often the switch is told how much room there is.
ROOM_EVERY_S = 30.0


class Recording(Protocol):
    """What the recorder says of itself."""

    policy: RecorderPolicy

    @property
    def records(self) -> bool:
        """Whether new talks are recorded."""
        ...

    @property
    def status(self) -> RecorderStatus:
        """How it is going."""
        ...


class Unattended:
    """One per centre, and an EventSink. ``talks`` is how many the static queue can have at once."""

    def __init__(
        self,
        switch: UnattendedSwitch,
        recorder: Recording,
        engine: Callable[[], Engine],
        now: Callable[[], float],
        talks: int,
        flows: Mapping[str, Flow],
    ) -> None:
        self._switch, self._recorder, self._engine = switch, recorder, engine
        self._now, self._talks = now, max(1, talks)
        #: The flows in use.
        self.flows = flows
        self._spared: set[CallId] = set()
        self._turned: asyncio.Queue[tuple[CallId, bool]] = asyncio.Queue()

    def until_s(self) -> int:
        """Until which second there is room although nobody watches the disk: even if all who can
        talk did so without a pause from now on. 0: nothing is recorded."""
        if not self._recorder.records:
            return 0
        room = self._recorder.status.free_bytes - self._recorder.policy.min_free_bytes
        return int(self._now()) + max(0, room) // (BYTES_PER_S * self._talks)

    async def tell(self) -> None:
        """Everything: after each connect, and when plan, flows or mode are others."""
        await self._switch.record_until(self.until_s())
        plan = self._engine().plan
        await self._switch.exempt(exempt_numbers(plan, self.flows))
        for call in list(self._engine().calls.values()):
            self._follow(call.id, call.queue)

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Follow who waits for what."""
        for event in events:
            if type(event) is CallQueued:
                self._follow(event.call, event.queue)
            elif type(event) is CallClosed:
                self._spared.discard(event.call)

    def _follow(self, call: CallId, queue: QueueId) -> None:
        spared = self._recorder.policy.enabled and queue in exempt_queues(self._engine().plan)
        if spared != (call in self._spared):
            (self._spared.add if spared else self._spared.discard)(call)
            self._turned.put_nowait((call, spared))

    async def run(self) -> None:
        """Tell what has turned, and now and then how much room there is: for ever."""
        told_s = self._now()
        while True:
            try:
                async with asyncio.timeout(max(0.0, told_s + ROOM_EVERY_S - self._now())):
                    turned = await self._turned.get()
            except TimeoutError:
                await self._switch.record_until(self.until_s())
                told_s = self._now()
                continue
            await self._spare(*turned)

    async def _spare(self, call: CallId, on: bool) -> None:
        found = self._engine().calls.get(call)
        if found is not None:
            await self._switch.spare(found.switch, found.channel, on)


def exempt_queues(plan: Plan) -> set[QueueId]:
    """Queues whose talks are not recorded."""
    return {queue.id for queue in plan.queues if not queue.recorded}


def exempt_numbers(plan: Plan, flows: Mapping[str, Flow]) -> list[str]:
    """Numbers whose talks are not recorded: exempt themselves, or leading to no other queues than
    exempt ones. Who dials a number that leads to both, and has not chosen, is recorded."""
    spared = exempt_queues(plan)

    def exempt(flow: Flow | None) -> bool:
        nodes = flow.nodes.values() if flow is not None else ()
        queues = {node.queue for node in nodes if isinstance(node, ToQueue)}
        return bool(queues) and queues <= spared

    return [
        each.number for each in plan.numbers if not each.recorded or exempt(flows.get(each.flow))
    ]
