"""The controller of a bench in a process of its own, so that its CPU can be told apart.

``python -m tools.bench.host STATE_DIR PHONES PORTS [WAITING]`` (ports as JSON; at most so many
callers wait): prints ``ready`` when all operators wait for calls; on SIGTERM it stops in order and
writes ``host.json`` into the state directory.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from acd.bootstrap import RunningCentre, running_centre
from acd.bootstrap.logs import configure_logging
from acd.bootstrap.loop import run
from acd.config.settings import LogLevel, LogSettings
from acd.core.events import CallAnswered, CallClosed, CallOffered, CallQueued, Event
from acd.core.ids import OfferId
from acd.core.inputs import AgentLoggedIn, AgentReadied
from acd.core.plan import CallType
from tools.bench.centre import Ports, bench_centre

RESULT = "host.json"
_UP_S = 20.0


class Seen(Struct):
    """What the controller saw: when it made each offer that was answered (Unix seconds), how many
    milliseconds later it knew of the answer, and how many calls were queued, answered, closed."""

    offered_s: dict[OfferId, float] = {}
    known_ms: list[float] = []
    queued: int = 0
    answered: int = 0
    closed: int = 0


class Watch:
    """An EventSink that takes the times."""

    def __init__(self) -> None:
        self.seen = Seen()
        self._offered: dict[OfferId, float] = {}

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Take the times of one step."""
        for event in events:
            if isinstance(event, CallOffered):
                self._offered[event.offer] = at_s
            elif isinstance(event, CallAnswered):
                self.seen.answered += 1
                offered_s = self._offered.pop(event.offer)
                self.seen.offered_s[event.offer] = offered_s
                self.seen.known_ms.append(1000 * (at_s - offered_s))
            elif isinstance(event, CallQueued):
                self.seen.queued += event.call_type is CallType.ENQUIRY
            elif isinstance(event, CallClosed):
                self.seen.closed += 1


async def _serve(state_dir: Path, phones: int, ports: Ports, *waiting: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    watch = Watch()
    async with running_centre(bench_centre(state_dir, ports, phones, *waiting)) as running:
        await asyncio.wait_for(running.up.wait(), _UP_S)
        await _start_work(running)
        running.controller.follow(watch)
        print("ready", flush=True)
        await stop.wait()
    (state_dir / RESULT).write_bytes(msgspec.json.encode(watch.seen))


async def _start_work(running: RunningCentre) -> None:
    for agent in running.centre.plan.agents:
        await running.controller.submit(AgentLoggedIn(agent.id))
        await running.controller.submit(AgentReadied(agent.id))


if __name__ == "__main__":
    configure_logging(LogSettings(level=LogLevel.ERROR))
    given = msgspec.json.decode(sys.argv[3], type=Ports)
    run(_serve(Path(sys.argv[1]), int(sys.argv[2]), given, *map(int, sys.argv[4:])))
