"""A telephone switch that exists only in memory: a real adapter of the Telephony port.

Virtual callers and phones on the running loop's clock (a virtual one too). It keeps the promises of
the real adapter: inputs come later than the command that caused them, an offer's leg must carry the
token that the caller carries, nobody is rung for a caller who is not waiting.

With :class:`Faults` it misbehaves by seed: inputs are delayed, dropped, doubled and reordered, and
commands time out with or without having been carried out.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from typing import NoReturn

from acd.core.commands import (
    CancelOffer,
    DialTarget,
    HangUpCaller,
    HangUpLeg,
    HoldCaller,
    OfferCall,
    PlayAnnouncement,
    SwitchCommand,
)
from acd.core.commands_floor import SpyCommand
from acd.core.commands_talk import TalkCommand
from acd.core.ids import CallId, OfferId, SwitchId
from acd.core.inputs import (
    CallConnected,
    Caller,
    CallerHungUp,
    CallerKind,
    EndedBy,
    Input,
    LegEnded,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
    SwitchDown,
)
from acd.errors import ActionFailed, ActionTimeout, SwitchUnavailable
from acd.ports import CallInfo, ChannelSeen, Deliver
from tests.fakes.switch_seen import all_channels
from tests.fakes.switch_spies import FakeSpies
from tests.fakes.switch_talks import FakeTalks
from tests.fakes.switch_world import (
    REFUSALS,
    Does,
    FakeCaller,
    FakeLeg,
    FakePhone,
    Faults,
    Where,
)

__all__ = ["Does", "FakeCaller", "FakePhone", "FakeSwitch", "Faults", "Where"]

#: How long a caller may take to come into the waiting bridge before an offer fails.
COME_S = 1.15
#: How long the real adapter waits for an answer to an action.
ACTION_TIMEOUT_S = 3.0
#: How much longer than the engine the switch lets a phone ring: its own safety net.
RING_MARGIN_S = 3.0

#: Where somebody can fetch a caller who bears their token.
_CAN_BE_HAD = (Where.HOLD, Where.TALK, Where.PARTED)

OnUp = Callable[[SwitchId, list[ChannelSeen]], Awaitable[None]]


class FakeSwitch:
    """Telephony in memory. ``announce_s`` and ``after_s``: how long what the switch plays takes;
    ``outward_talk_s``: how long callers talk who were sent on."""

    def __init__(
        self,
        switch: SwitchId,
        deliver: Deliver,
        on_up: OnUp | None = None,
        *,
        faults: Faults | None = None,
        announce_s: float = 2.0,
        after_s: float = 0.0,
        outward_talk_s: float = 10.0,
    ) -> None:
        self.switch = switch
        self.faults = faults or Faults()
        self.callers: dict[CallId, FakeCaller] = {}
        self.phones: dict[str, FakePhone] = {}
        self.legs: dict[OfferId, FakeLeg] = {}
        self.commands: list[SwitchCommand] = []
        self.spies = FakeSpies(self.legs, self.tell)
        self._deliver = deliver
        self._on_up = on_up
        self._announce_s = announce_s
        self._after_s = after_s
        self._outward_talk_s = outward_talk_s
        self._random = random.Random(self.faults.seed)
        self._numbers = iter(range(1, 1_000_000_000))
        self._given_up: set[OfferId] = set()
        self._talks = FakeTalks(self)
        self._gone: set[CallId] = set()
        self._linked = False
        self._changed = asyncio.Event()
        self._wanted = True

    # The world around the switch

    def phone(self, name: str) -> FakePhone:
        """The phone of this name; made when first asked for."""
        return self.phones.setdefault(name, FakePhone(name, self))

    def call_in(self, dialled: str, number: str = "", trunk: str = "carrier") -> FakeCaller:
        """Somebody calls; the menu (a test, or a reception) has to say so to the engine."""
        count = next(self._numbers)
        kind = CallerKind.NUMBER if number else CallerKind.WITHHELD
        info = CallInfo(
            call=CallId(f"1700000000.{count}"),
            switch=self.switch,
            channel=f"PJSIP/{trunk}-{count:08x}",
            trunk=trunk,
            dialled=dialled,
            caller=Caller(kind, number),
        )
        caller = self.callers[info.call] = FakeCaller(self, info, self._now())
        return caller

    def cut(self) -> None:
        """The connection breaks: commands fail, inputs are lost, calls go on."""
        self._wanted = False
        if self._linked:
            self._linked = False
            self._deliver(SwitchDown(self.switch))
        self._changed.set()

    def restore(self) -> None:
        """The connection can be made again; :meth:`run` makes it."""
        self._wanted = True
        self._changed.set()

    def was_hung_up(self, call: CallId) -> bool:
        """True when the caller's hang-up came before the menu could say that the call came."""
        return call in self._gone

    # The port

    async def run(self) -> NoReturn:
        """Be connected while :meth:`cut` does not say otherwise."""
        while True:
            if self._wanted and not self._linked:
                if self._on_up is not None:
                    await self._on_up(self.switch, self._seen())
                self._linked = True
            self._changed.clear()
            await self._changed.wait()

    async def sweep(self) -> list[ChannelSeen]:
        """Every channel there is."""
        self._require_link()
        return self._seen()

    async def execute(self, command: SwitchCommand) -> None:
        """Carry out one command, as the real one would."""
        self._require_link()
        self.commands.append(command)
        if self._random.random() < self.faults.time_out:
            if self._random.random() < 0.5:
                with contextlib.suppress(ActionFailed):
                    await self._carry_out(command)
            await asyncio.sleep(ACTION_TIMEOUT_S)
            if isinstance(command, OfferCall):
                self._give_up(command.offer)
            raise ActionTimeout("The switch did not answer: outcome unknown.")
        await self._carry_out(command)

    async def _carry_out(self, command: SwitchCommand) -> None:
        if isinstance(command, TalkCommand):
            self._talks.carry_out(command)
            return
        if isinstance(command, SpyCommand):
            self.spies.carry_out(command)
            return
        if isinstance(command, HangUpLeg):
            leg = self.legs.get(command.offer)
            if leg is not None:
                self.leg_gone(leg, EndedBy.AGENT, OfferFailure.NO_ANSWER)
            return
        caller = self.callers.get(command.call)
        match command:
            case OfferCall():
                await self._offer(command, caller)
            case CancelOffer():
                self._give_up(command.offer)
                if caller is not None and caller.token == command.offer:
                    caller.token = "connected" if command.in_talk else ""
            case HangUpCaller():
                if caller is not None:
                    self.caller_gone(caller, 16)
            case HoldCaller() | DialTarget() | PlayAnnouncement():
                if caller is None:
                    raise ActionFailed("No such channel.", code="no_such_channel")
                self._redirect(caller, command)

    # What happens inside

    async def _offer(self, command: OfferCall, caller: FakeCaller | None) -> None:
        if caller is None:
            self.tell(OfferFailed(command.offer, OfferFailure.CALLER_GONE))
            return
        caller.token = command.offer
        if command.offer in self.legs:
            # It rang for a talk until now, and rings on for a caller who waits.
            return
        if caller.where is Where.ANNOUNCE:
            caller.enter_hold()
        if caller.where is not Where.HOLD and not command.in_talk:
            try:
                async with asyncio.timeout(COME_S):
                    await caller.arrived.wait()
            except TimeoutError:
                raise ActionFailed("The caller did not come.", code="not_held") from None
        if command.offer in self._given_up:
            return
        if caller.where is Where.GONE:
            self.tell(OfferFailed(command.offer, OfferFailure.CALLER_GONE))
            return
        leg = FakeLeg(command.offer, self.phone(command.device), caller)
        leg.agent, leg.queue = command.agent, command.queue
        self._ring(leg, command.ring_timeout_s + RING_MARGIN_S)

    def _ring(self, leg: FakeLeg, at_most_s: float) -> None:
        phone = leg.phone
        refusal = REFUSALS.get(phone.does)
        if phone.does is not Does.UNREACHABLE:
            phone.shown.append(leg.caller.info.caller.number)
        if refusal is not None:
            self.tell(OfferFailed(leg.offer, refusal))
            return
        self.legs[leg.offer] = leg
        phone.legs.append(leg)
        phone.most_legs = max(phone.most_legs, len(phone.legs))
        self.later(at_most_s, self._rang_out, leg)
        if phone.does is Does.ANSWER:
            self.later(phone.answer_after_s, self.leg_answered, leg)

    def _rang_out(self, leg: FakeLeg) -> None:
        if not leg.answered and not leg.over:
            self.leg_gone(leg, EndedBy.SYSTEM, OfferFailure.NO_ANSWER)

    def leg_answered(self, leg: FakeLeg) -> None:
        """The operator picks up: the token decides whether the caller is connected."""
        if leg.over or leg.answered:
            return
        if self._talks.answered(leg):
            return
        leg.answered = True
        self.tell(OfferAnswered(leg.offer))
        caller = leg.caller
        if caller.where not in _CAN_BE_HAD or caller.token != leg.offer:
            self.leg_gone(leg, EndedBy.SYSTEM, OfferFailure.CALLER_GONE)
            return
        before = caller.leg
        caller.token, caller.where, caller.leg = "connected", Where.TALK, leg
        caller.arrived.clear()
        leg.talking = True
        self.tell(CallConnected(leg.offer))
        if before is not None and not before.apart:
            self.leg_gone(before, EndedBy.TAKEN_OVER, None)

    def leg_gone(self, leg: FakeLeg, by: EndedBy, failure: OfferFailure | None) -> None:
        """An operator's channel ends; the caller of a talk goes on to what follows it."""
        if leg.over:
            return
        leg.over = True
        self.legs.pop(leg.offer, None)
        self.spies.talk_over(leg.offer)
        leg.phone.legs.remove(leg)
        if self._talks.over(leg, failure):
            return
        self._talks.operator_gone(leg)
        caller = leg.caller
        if leg.talking:
            if leg.offer not in self._given_up:
                self.tell(LegEnded(leg.offer, by))
            if caller.leg is leg and caller.token in self.legs:
                # A supervisor's phone rings for this caller, who waits for it.
                caller.leg = None
                caller.enter_hold()
            elif caller.leg is leg and caller.where is Where.TALK and not self._talks.third(caller):
                caller.leg, caller.token, caller.where = None, "", Where.AFTER
                self.later(self._after_s, self._leave, caller, Where.AFTER)
        elif failure is not None and leg.offer not in self._given_up:
            if caller.token == leg.offer and caller.leg is None:
                caller.token = ""
            self.tell(OfferFailed(leg.offer, failure))

    def _give_up(self, offer: OfferId) -> None:
        self._given_up.add(offer)
        leg = self.legs.get(offer)
        if leg is not None:
            if leg.talking:
                leg.caller.leg = None
                leg.caller.enter_hold()
            self.leg_gone(leg, EndedBy.SYSTEM, None)

    def caller_gone(self, caller: FakeCaller, cause: int) -> None:
        """A caller's channel ends, and a talk with it."""
        if caller.where is Where.GONE:
            return
        caller.where = Where.GONE
        caller.arrived.set()
        self._gone.add(caller.call)
        del self.callers[caller.call]
        self.tell(CallerHungUp(caller.call, cause))
        self._talks.caller_gone(caller)
        if caller.leg is not None and not caller.leg.apart and not self._talks.third(caller):
            self.leg_gone(caller.leg, EndedBy.CALLER, None)

    def _redirect(
        self, caller: FakeCaller, command: HoldCaller | DialTarget | PlayAnnouncement
    ) -> None:
        leg, caller.leg = caller.leg, None
        caller.arrived.clear()
        match command:
            case HoldCaller():
                caller.token = ""
                caller.enter_hold()
            case DialTarget():
                caller.where = Where.OUTWARD
                self.later(self._outward_talk_s, self._leave, caller, Where.OUTWARD)
            case PlayAnnouncement():
                caller.where = Where.AFTER
                self.later(self._announce_s, self._leave, caller, Where.AFTER)
        if leg is not None:
            self.leg_gone(leg, EndedBy.CALLER, None)

    def _leave(self, caller: FakeCaller, still: Where) -> None:
        if caller.where is still:
            self.caller_gone(caller, 16)

    # Telling, with faults

    def tell(self, happened: Input) -> None:
        """Deliver an input, not before the present step of the loop is over."""
        faults, chance = self.faults, self._random
        spared = isinstance(happened, CallerHungUp) and not faults.drop_hang_ups
        if faults.drop and not spared and chance.random() < faults.drop:
            return
        for again in (False, True):
            if again and not (faults.double and chance.random() < faults.double):
                return
            delay_s = chance.uniform(0, faults.delay_max_s) if faults.delay_max_s else 0.0
            if faults.reorder and chance.random() < faults.reorder:
                delay_s += chance.uniform(0, faults.reorder_max_s)
            self.later(delay_s, self._give, happened)

    def _give(self, happened: Input) -> None:
        if self._linked:
            self._deliver(happened)

    def later(self, delay_s: float, call: Callable[..., None], *args: object) -> None:
        """Call after a while, or in the next step of the loop."""
        loop = asyncio.get_running_loop()
        if delay_s > 0:
            loop.call_later(delay_s, call, *args)
        else:
            loop.call_soon(call, *args)

    def _require_link(self) -> None:
        if not self._linked:
            raise SwitchUnavailable("There is no connection to the switch at present.")

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _seen(self) -> list[ChannelSeen]:
        there = all_channels(self.callers.values(), self.legs.values(), self._talks, self._now())
        return [*there, *self.spies.seen()]
