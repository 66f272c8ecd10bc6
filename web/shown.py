"""Whose number was shown to whom: every ring of a known number is a view, in the operation log.

The number goes to the operator's telephone and pages as soon as it rings, so the ring is what is
logged: one entry for each telephone that rings for a call, however many pages show it and however
often they load. No call waits for the log: it is written a moment later by a task of its own, and
what the disk refuses waits here and is tried again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice

import structlog

from acd.core.events import CallOffered, Event
from acd.core.events_floor import TakingStarted
from acd.core.events_talk import PartyAsked
from acd.core.ids import AgentId, CallId
from acd.core.inputs import CallerKind
from acd.errors import StoreError
from web.wiring import Wiring

#: Rings of one moment are written together.
EVERY_S = 0.2
#: So many at most.
BATCH = 100
#: So long after a disk that refused.
RETRY_S = 5.0
#: Rings that are remembered while the disk refuses them; beyond it the oldest are lost, and said.
WAITING_MAX = 20_000

_log = structlog.get_logger("operations")


class Shown:
    """Follows the engine's events (it is an EventSink) and logs whose number went to whom."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._waiting: deque[tuple[int, AgentId, CallId]] = deque()
        self._something = asyncio.Event()
        self._failing = False
        self._lost = 0

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Note the telephones that begin to ring."""
        for event in events:
            if isinstance(event, CallOffered | TakingStarted):
                self._note(event.agent, event.call)
            elif isinstance(event, PartyAsked) and event.colleague:
                self._note(event.colleague, event.call)

    def _note(self, agent: AgentId, call_id: CallId) -> None:
        call = self._wiring.engine().calls.get(call_id)
        if call is None or call.caller.kind is not CallerKind.NUMBER:
            return
        if len(self._waiting) >= WAITING_MAX:
            self._waiting.popleft()
            self._lost += 1
        self._waiting.append((round(time.time() * 1000), agent, call_id))
        self._something.set()

    def _note_what_is_there(self) -> None:
        """Who has a caller as the interface begins is shown the number anew: what was before may
        have ended before it was written."""
        state = self._wiring.engine().state
        for offer in state.offers.values():
            self._note(offer.agent, offer.call)
        for party in state.parties.values():
            if party.colleague:
                self._note(party.colleague, party.call)
        for taking in state.floor.takings.values():
            self._note(taking.agent, taking.call)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Write for as long as the context lasts, and at its end what is left."""
        self._note_what_is_there()
        writing = asyncio.create_task(self._run(), name="shown")
        try:
            yield
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await self._write()

    async def _run(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            await self._write()
            await asyncio.sleep(RETRY_S if self._failing else EVERY_S)

    async def _write(self) -> None:
        operations = self._wiring.entrance.operations
        people = self._wiring.entrance.people.operators()
        try:
            while batch := [*islice(self._waiting, BATCH)]:
                await operations.shown(
                    (at_ms, people.get(agent, agent), call) for at_ms, agent, call in batch
                )
                for _ in batch:
                    self._waiting.popleft()
        except StoreError as error:
            if not self._failing:
                _log.error("views_not_logged", code=error.code)
            self._failing = True
            # They are tried again even when nothing rings.
            self._something.set()
            return
        self._failing = False
        if self._lost:
            _log.error("views_lost", count=self._lost)
            self._lost = 0
