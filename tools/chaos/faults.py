"""One small class for each way to break something; leaving the context makes it whole again."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from acd.errors import Refused
from tools.chaos import firewall
from tools.chaos.delay import Delayer
from tools.chaos.firewall import Link
from tools.chaos.parts import Part, send, tree_of
from tools.chaos.schedule import Kind, Trouble

DELAY_S = 0.3
_FIRST_QUEUE = 7


class Things(Protocol):
    """What there is to break."""

    parts: Mapping[str, Part]
    links: Mapping[str, Link]


class Killed:
    """kill -9; afterwards it is started again."""

    def __init__(self, part: Part) -> None:
        self._part = part

    async def __aenter__(self) -> None:
        await self._part.kill()

    async def __aexit__(self, *_: object) -> None:
        await self._part.start()


class Frozen:
    """SIGSTOP: it holds what it has and answers nobody; then SIGCONT."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._pids: list[int] = []

    async def __aenter__(self) -> None:
        self._pids = tree_of(self._part)
        send(self._pids, signal.SIGSTOP)

    async def __aexit__(self, *_: object) -> None:
        send(self._pids, signal.SIGCONT)


class Cut:
    """Nothing goes through a link: silently (dropped), or loudly (each packet is answered with a
    reset)."""

    def __init__(self, link: Link, *, loud: bool) -> None:
        what = ["REJECT", "--reject-with", "tcp-reset"] if loud else ["DROP"]
        # The reset that says no goes through the same chain.
        but = ["!", "--tcp-flags", "RST", "RST"] if loud else []
        both = firewall.matches(link, answers=False) + firewall.matches(link, answers=True)
        self._rules = [["OUTPUT", *match, *but, "-j", *what] for match in both]
        self._laid: list[list[str]] = []

    async def __aenter__(self) -> None:
        for rule in self._rules:
            await firewall.rule("-I", *rule)
            self._laid.append(rule)

    async def __aexit__(self, *_: object) -> None:
        for rule in self._laid:
            await firewall.rule("-D", *rule)


class Delayed:
    """Each packet towards the link's ports takes :data:`DELAY_S` longer."""

    def __init__(self, link: Link) -> None:
        queue = ["NFQUEUE", "--queue-num", str(_FIRST_QUEUE), "--queue-bypass"]
        self._rules = [
            ["OUTPUT", *match, "-j", *queue] for match in firewall.matches(link, answers=False)
        ]
        self._laid: list[list[str]] = []
        self._delayer: Delayer | None = None

    async def __aenter__(self) -> None:
        self._delayer = await asyncio.to_thread(Delayer, _FIRST_QUEUE, DELAY_S)
        for rule in self._rules:
            await firewall.rule("-I", *rule)
            self._laid.append(rule)

    async def __aexit__(self, *_: object) -> None:
        for rule in self._laid:
            await firewall.rule("-D", *rule)
        if self._delayer is not None:
            await asyncio.to_thread(self._delayer.close)


class DiskFull:
    """No room is left on the disk of a part."""

    def __init__(self, part: Part) -> None:
        disk = part.disk
        if disk is None:
            raise Refused(f"{part.name} has no disk of its own")
        self._disk = disk

    async def __aenter__(self) -> None:
        await asyncio.to_thread(self._disk.fill)

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._disk.empty)


class ClockStepped:
    """The clock of a part is wrong for a while."""

    def __init__(self, part: Part, by_s: float) -> None:
        if part.clock is None:
            raise Refused(f"{part.name} has no clock of its own")
        self._clock = part.clock
        self._by_s = by_s

    async def __aenter__(self) -> None:
        self._clock.step(self._by_s)

    async def __aexit__(self, *_: object) -> None:
        self._clock.step(0.0)


def injector(
    trouble: Trouble, things: Things
) -> contextlib.AbstractAsyncContextManager[None, bool | None]:
    """What breaks as the trouble says."""
    match trouble.kind:
        case Kind.KILL:
            return Killed(things.parts[trouble.target])
        case Kind.FREEZE:
            return Frozen(things.parts[trouble.target])
        case Kind.CUT_SILENT | Kind.CUT_LOUD:
            return Cut(things.links[trouble.target], loud=trouble.kind is Kind.CUT_LOUD)
        case Kind.DELAY:
            return Delayed(things.links[trouble.target])
        case Kind.DISK_FULL:
            return DiskFull(things.parts[trouble.target])
        case Kind.CLOCK_STEP:
            return ClockStepped(things.parts[trouble.target], trouble.step_s)


@contextlib.asynccontextmanager
async def broken(trouble: Trouble, things: Things) -> AsyncIterator[None]:
    """While this context lasts it is broken, and afterwards whole, also when breaking it failed
    half-way."""
    fault = injector(trouble, things)
    try:
        await fault.__aenter__()
        yield
    finally:
        await fault.__aexit__(None, None, None)
