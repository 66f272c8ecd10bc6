"""The sockets in the wall: what the core's shell needs of the world, as small Protocols.

Adapters implement them, ``acd.bootstrap`` plugs them in, tests plug in fakes that pass the same
contract suites.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from msgspec import Struct

from acd.core.commands import SwitchCommand
from acd.core.events import Event
from acd.core.ids import CallId, OfferId, SwitchId
from acd.core.inputs import Caller, Input

#: Where adapters deliver what happened. Never blocks, never raises; called on the event loop.
Deliver = Callable[[Input], None]


class Clock(Protocol):
    """Engine time: Unix seconds, anchored once, advanced by the monotonic clock, never back."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    async def sleep_until(self, at_s: float) -> None:
        """Return when ``now() >= at_s``."""
        ...


class ChannelSeen(Struct, frozen=True):
    """One channel of a sweep over a switch.

    ``call`` is set for callers (their unique id), ``offer`` for operators' legs. ``held`` is true
    for a caller in the waiting bridge; ``bridge`` is the talk's bridge, if any.
    """

    channel: str
    unique_id: str
    call: CallId | None
    offer: OfferId | None
    answered: bool
    held: bool
    bridge: str
    age_s: float
    where: str
    dialled: str = ""
    caller: Caller | None = None
    trunk: str = ""


class Telephony(Protocol):
    """One switch. It delivers inputs by itself from :meth:`run` on."""

    switch: SwitchId

    async def run(self) -> None:
        """Connect, deliver inputs, reconnect, until cancelled. On each (re)connect it calls the
        ``on_up`` it was built with before delivering live events."""
        ...

    async def execute(self, command: SwitchCommand) -> None:
        """Carry out one command within its own deadline; raises a SwitchError."""
        ...

    async def sweep(self) -> list[ChannelSeen]:
        """Every channel that the switch has now; raises a SwitchError."""
        ...


class CallInfo(Struct, frozen=True):
    """What the switch knows about a call when the menu starts."""

    call: CallId
    switch: SwitchId
    channel: str
    trunk: str
    dialled: str
    caller: Caller


class CallerGone(Exception):
    """The caller, or the switch's interest in this conversation, is gone. Not a hang-up: only
    the switch's own hang-up event ends a call."""


class Conversation(Protocol):
    """One caller in the menu or hearing an announcement (FastAGI behind it)."""

    info: CallInfo

    async def play(self, prompts: Sequence[str], keys: str = "") -> str:
        """Play prompts one after another; returns the key that cut in, or ``""``."""
        ...

    async def wait_key(self, timeout_s: float) -> str:
        """The next key, or ``""`` after the time."""
        ...

    async def set_next(self, where: str, **variables: str) -> None:
        """Tell the dialplan where to go on after this conversation (its marker variable)."""
        ...


class Journal(Protocol):
    """The ordered, durable log. Commands leave only after ``append`` returned."""

    async def append(self, at_s: float, happened: Input, events: Sequence[Event]) -> int:
        """Write one step with its events; returns its sequence number. Steps handed in together
        are written together."""
        ...


class EventSink(Protocol):
    """Somebody who follows what is decided: records, live screens, metrics. Must not block."""

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Take the events of one step."""
        ...


class JournalReader(Protocol):
    """Reading the journal back, for restore, replay and explain."""

    def steps(self, first_seq: int) -> AsyncIterator[tuple[int, float, Input, list[Event]]]:
        """Steps from ``first_seq`` on, in order."""
        ...
