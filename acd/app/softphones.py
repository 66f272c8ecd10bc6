"""Browsers as telephones: who holds which, with a secret made anew at each login.

A *lease* is one page's right to be an operator's telephone. A new lease ends the one before: the
newest page wins, and the other is told. The lease itself is no secret; the password that goes with
it is known to the page and, as a digest, to the switch, and is nowhere else. Supervisors, who are
no operators, share a few telephones (*seats*).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from acd.core.events import AgentChanged, Event
from acd.core.ids import AgentId, browser_device
from acd.errors import MadoguchiError, Refused
from acd.ports_phones import LeaseBook, PhoneSecrets
from agents.state import AgentState

#: A removal that the switch did not take is tried again after so long, until it does.
AGAIN_S = 5.0

_log = logging.getLogger(__name__)


class LineEnd(StrEnum):
    """Why a page's line to the switch ends, as far as we decide it."""

    #: Another page of the same operator became the telephone.
    DISPLACED = "displaced"
    #: The operator logged out, or the page gave the telephone back.
    LOGGED_OUT = "logged_out"
    #: Nobody holds the telephone: ask for it again.
    UNKNOWN = "unknown"
    #: The same page has opened a newer line.
    REPLACED = "replaced"


class Lease(Struct, frozen=True):
    """One page's right to be a telephone. ``password`` is to be shown to that page once."""

    id: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Lease({self.user!r})"


class Line:
    """One open connection of a page. ``over`` is done with a reason when it has to end."""

    def __init__(self, agent: AgentId, lease: str) -> None:
        self.agent = agent
        self.lease = lease
        self.over: asyncio.Future[LineEnd] = asyncio.get_running_loop().create_future()

    def end(self, why: LineEnd) -> None:
        """Ask whoever serves the connection to end it."""
        if not self.over.done():
            self.over.set_result(why)


class Softphones:
    """Gives out leases and takes them back; an EventSink that follows who logs out.

    A lease that is given back stays in the book, empty, until the switch has forgotten its secret:
    so that a crash, or a switch that is away, leaves no secret behind.
    """

    def __init__(
        self, secrets: PhoneSecrets, book: LeaseBook, seats: Sequence[AgentId] = ()
    ) -> None:
        self._secrets = secrets
        self._book = book
        self._leases = {AgentId(agent): lease for agent, lease in book.load().items()}
        self._seats: dict[AgentId, str] = dict.fromkeys(seats, "")
        # Who sat where is not in the book: what is left of those leases is to be forgotten.
        self._leases |= dict.fromkeys((seat for seat in seats if seat in self._leases), "")
        self._lines: dict[AgentId, Line] = {}
        self._locks: dict[AgentId, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Who logs out, or is logged out, is no telephone any more."""
        for event in events:
            if (
                isinstance(event, AgentChanged)
                and event.state is AgentState.LOGGED_OUT
                and self._leases.get(event.agent)
            ):
                self._later(event.agent)

    def seat_of(self, who: str) -> AgentId | None:
        """As whom this supervisor's browser is a telephone now."""
        return next((seat for seat, holder in self._seats.items() if holder == who), None)

    def take_seat(self, who: str) -> AgentId:
        """A telephone for a supervisor's browser: the one held already, a free one, or one whose
        page has gone. Raises Refused when all are in use."""
        held = self.seat_of(who)
        if held is not None:
            return held
        empty = [seat for seat, holder in self._seats.items() if not holder]
        left = [seat for seat in self._seats if seat not in self._lines]
        if not (empty or left):
            raise Refused("all telephones of the floor are in use", code="no_seat")
        seat = (empty or left)[0]
        self._seats[seat] = who
        return seat

    async def begin(self, agent: AgentId) -> Lease:
        """Make the asking page this operator's telephone; raises a SwitchError."""
        lease = Lease(secrets.token_hex(8), browser_device(agent), secrets.token_urlsafe(24))
        async with self._lock(agent):
            self._note(agent, lease.id)
            try:
                await self._secrets.put(lease.user, lease.password)
            except MadoguchiError:
                # Perhaps it arrived all the same: nobody knows the password, and it goes as well.
                self._note(agent, "")
                self._end_line(agent, LineEnd.UNKNOWN)
                self._later(agent)
                raise
            self._end_line(agent, LineEnd.DISPLACED)
        return lease

    async def end(self, agent: AgentId) -> None:
        """Take the telephone back: line, registration and secret. None held: nothing to do."""
        if agent in self._leases:
            await self._give_back(agent, self._leases[agent])

    async def give_back(self, line: Line) -> None:
        """Who held this line is signed out; a newer lease of the same telephone stays."""
        await self._give_back(line.agent, line.lease)

    async def tidy(self) -> None:
        """Forget what the switch could not be told to forget; called when it is there again."""
        for agent in [agent for agent, lease in self._leases.items() if not lease]:
            async with self._lock(agent):
                await self._forget(agent)

    def connect(self, agent: AgentId, lease: str) -> Line | LineEnd:
        """A page opens its line; a reason, if it may not."""
        held = self._leases.get(agent)
        if not held:
            return LineEnd.UNKNOWN
        if held != lease:
            return LineEnd.DISPLACED
        self._end_line(agent, LineEnd.REPLACED)
        self._lines[agent] = line = Line(agent, lease)
        return line

    def disconnect(self, line: Line) -> None:
        """A page's line is gone."""
        if self._lines.get(line.agent) is line:
            del self._lines[line.agent]

    def close(self) -> None:
        """The process ends: nothing more is tried; leases stay, pages will be back."""
        for task in self._tasks:
            task.cancel()

    async def _give_back(self, agent: AgentId, lease: str) -> None:
        """Take this lease back, unless another has taken its place meanwhile."""
        async with self._lock(agent):
            if self._leases.get(agent) not in (lease, ""):
                return
            self._note(agent, "")
            if agent in self._seats:
                self._seats[agent] = ""
            self._end_line(agent, LineEnd.LOGGED_OUT)
            await self._forget(agent)

    async def _forget(self, agent: AgentId) -> None:
        if self._leases.get(agent, "x"):
            return
        await self._secrets.remove(browser_device(agent))
        del self._leases[agent]
        self._save()

    def _note(self, agent: AgentId, lease: str) -> None:
        self._leases[agent] = lease
        self._save()

    def _save(self) -> None:
        self._book.save({str(agent): lease for agent, lease in self._leases.items()})

    def _end_line(self, agent: AgentId, why: LineEnd) -> None:
        line = self._lines.pop(agent, None)
        if line is not None:
            line.end(why)

    def _later(self, agent: AgentId) -> None:
        lease = self._leases[agent]

        async def end() -> None:
            while True:
                try:
                    await self._give_back(agent, lease)
                    return
                except MadoguchiError as error:
                    _log.warning("a telephone's secret could not be removed yet: %s", error.code)
                    await asyncio.sleep(AGAIN_S)

        task = asyncio.get_running_loop().create_task(end(), name="telephone-given-back")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _lock(self, agent: AgentId) -> asyncio.Lock:
        return self._locks.setdefault(agent, asyncio.Lock())
