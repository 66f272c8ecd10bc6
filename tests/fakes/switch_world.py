"""The world around :class:`tests.fakes.switch.FakeSwitch`: callers, phones, and what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from acd.core.ids import CallId, OfferId
from acd.core.inputs import EndedBy, HoldEnded, HoldStarted, Input, OfferFailure
from acd.ports import CallInfo


class World(Protocol):
    """What callers and phones do to the switch."""

    def tell(self, happened: Input) -> None: ...

    def later(self, delay_s: float, call: Callable[..., None], *args: object) -> None: ...

    def caller_gone(self, caller: FakeCaller, cause: int) -> None: ...

    def leg_answered(self, leg: FakeLeg) -> None: ...

    def leg_gone(self, leg: FakeLeg, by: EndedBy, failure: OfferFailure | None) -> None: ...


class Does(Enum):
    """What a phone does when it rings."""

    ANSWER = "answer"
    RING_ON = "ring_on"
    BUSY = "busy"
    REJECT = "reject"
    UNREACHABLE = "unreachable"


REFUSALS = {
    Does.BUSY: OfferFailure.BUSY,
    Does.REJECT: OfferFailure.REJECTED,
    Does.UNREACHABLE: OfferFailure.UNREACHABLE,
}


class Where(Enum):
    """Where a caller's channel is."""

    MENU = "menu"
    HOLD = "hold"
    ANNOUNCE = "announce"
    TALK = "talk"
    PARTED = "parted"
    OUTWARD = "outward"
    AFTER = "after"
    GONE = "gone"


@dataclass(frozen=True)
class Faults:
    """How the switch misbehaves. Probabilities 0..1, times in seconds; the seed decides when.

    ``drop`` spares hang-ups of callers unless ``drop_hang_ups``: the manager interface delays and
    repeats, and loses only with the connection, after which a sweep follows.
    """

    seed: int = 0
    delay_max_s: float = 0.0
    drop: float = 0.0
    drop_hang_ups: bool = False
    double: float = 0.0
    reorder: float = 0.0
    reorder_max_s: float = 0.2
    time_out: float = 0.0


@dataclass(eq=False)
class FakeCaller:
    """A caller's channel. Made by :meth:`FakeSwitch.call_in`; begins in the menu."""

    switch: World
    info: CallInfo
    began_s: float
    where: Where = Where.MENU
    token: str = ""
    leg: FakeLeg | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def call(self) -> CallId:
        return self.info.call

    def enter_hold(self) -> None:
        """The menu is over; the caller enters the waiting bridge."""
        if self.where is not Where.GONE:
            self.where = Where.HOLD
            self.arrived.set()

    def hear_announcement(self, seconds: float) -> None:
        """While waiting the caller is out of the waiting bridge for an announcement."""
        if self.where is Where.HOLD:
            self.where = Where.ANNOUNCE
            self.arrived.clear()
            self.switch.later(seconds, self._heard)

    def _heard(self) -> None:
        if self.where is Where.ANNOUNCE:
            self.enter_hold()

    def hang_up(self, cause: int = 16) -> None:
        """The caller hangs up, wherever he or she is."""
        self.switch.caller_gone(self, cause)


@dataclass(eq=False)
class FakeLeg:
    """An operator's channel of one offer."""

    offer: OfferId
    phone: FakePhone
    caller: FakeCaller
    answered: bool = False
    talking: bool = False
    over: bool = False
    apart: bool = False
    token: str = ""
    agent: str = ""
    queue: str = ""


@dataclass(eq=False)
class FakePhone:
    """An operator's phone. ``shown`` are the numbers it displayed, one for each ring."""

    name: str
    switch: World
    does: Does = Does.ANSWER
    answer_after_s: float = 0.0
    shown: list[str] = field(default_factory=list)
    legs: list[FakeLeg] = field(default_factory=list)
    most_legs: int = 0

    @property
    def rings(self) -> int:
        return len(self.shown)

    def answer(self) -> None:
        """Pick up what rings."""
        for leg in [one for one in self.legs if not one.answered]:
            self.switch.leg_answered(leg)

    def hang_up(self) -> None:
        """Put down: ends a talk, rejects a ring."""
        for leg in list(self.legs):
            failure = None if leg.talking else OfferFailure.REJECTED
            self.switch.leg_gone(leg, EndedBy.AGENT, failure)

    def hold(self, on: bool) -> None:
        """Put the caller on hold, or come back."""
        for leg in self.legs:
            if leg.talking:
                made = HoldStarted(leg.offer) if on else HoldEnded(leg.offer)
                self.switch.tell(made)
