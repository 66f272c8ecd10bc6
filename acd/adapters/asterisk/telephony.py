"""One Asterisk as the Telephony port: commands in, inputs out.

Commands are carried out with deadlines and are never repeated blindly: what was under way when the
connection broke fails as "outcome unknown" (:class:`ActionTimeout`). A hang-up of what is gone
already has succeeded.

An operator is rung only for a caller who is in the waiting bridge, since ``Bridge()`` takes a
channel out of a bridge cleanly and out of a running application with a leak. A caller who is
elsewhere (between menu and bridge, or hearing an announcement) gets the offer's token at once,
a moment to come by itself, and is then redirected; who does not come fails the offer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

from acd.adapters.asterisk import actions
from acd.adapters.asterisk.arrival import waiting_info
from acd.adapters.asterisk.batches import send_all
from acd.adapters.asterisk.chasing import Chasing
from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.coming import Coming
from acd.adapters.asterisk.devices import Devices
from acd.adapters.asterisk.line_quality import Lines
from acd.adapters.asterisk.link import LAG_ALARM_S, Link
from acd.adapters.asterisk.release import ask_release
from acd.adapters.asterisk.session import AmiAddress, Session
from acd.adapters.asterisk.spying import Spying
from acd.adapters.asterisk.strays import Strays
from acd.adapters.asterisk.sweeping import BRIDGES, STATUS, Sweep, read_sweep
from acd.adapters.asterisk.talks import Talks
from acd.adapters.asterisk.translate import LEG_PREFIX, Translator
from acd.adapters.asterisk.unheard import UnheardHangUps
from acd.adapters.asterisk.unmet import with_arrival
from acd.adapters.asterisk.version import check_version
from acd.core.commands import (
    CallCommand,
    CancelOffer,
    HangUpCaller,
    HangUpLeg,
    OfferCall,
    Recorded,
    SwitchCommand,
)
from acd.core.commands_floor import SpyCommand
from acd.core.commands_talk import TalkCommand
from acd.core.ids import CallId, OfferId, SwitchId
from acd.core.inputs import CallerHungUp, Input, LegEnded, OfferFailed, OfferFailure, SwitchDown
from acd.errors import ActionFailed, SwitchError, SwitchUnavailable
from acd.ports import CallInfo, ChannelSeen, Deliver

#: How long one action may take.
ACTION_TIMEOUT_S = 3.0
#: How long a sweep over all channels may take.
SWEEP_TIMEOUT_S = 10.0
#: How long a caller on the way to the waiting bridge may come by itself, then after a redirect.
COME_BY_ITSELF_S = 0.15
COME_REDIRECTED_S = 1.0
#: How long the reason of a failed ring may lag behind the news of it.
SETTLE_AFTER_S = 0.1
#: How long the news of a caller's hang-up may lag behind the caller's not being there.
MISSING_S = 1.0
#: Most events kept while a sweep is under way after a (re)connect.
MAX_HELD_BACK = 200_000

#: Global variable of the dialplan: the mark of numbers that lead straight to a queue.
STRAIGHT = "MDG_STRAIGHT"
#: Global variable of the dialplan: new callers wait without music.
QUIET = "MDG_QUIET"

#: Called after each (re)connect with the sweep, before live events are delivered. It delivers
#: ``SwitchUp`` itself when it has reconciled.
OnUp = Callable[[SwitchId, list[ChannelSeen]], Awaitable[None]]

_log = logging.getLogger(__name__)


class AsteriskTelephony:
    """The Telephony port over one Asterisk's manager interface."""

    def __init__(
        self,
        switch: SwitchId,
        address: AmiAddress,
        *,
        deliver: Deliver,
        on_up: OnUp,
        on_waiting: Callable[[CallInfo], None] = lambda _: None,
        on_lag: Callable[[float], None] | None = None,
        lag_alarm_s: float = LAG_ALARM_S,
        started: str = "",
    ) -> None:
        self.switch = switch
        self._on_waiting = on_waiting
        #: The id under which a talk is recorded; empty: it is not.
        self.recording_of: Callable[[Recorded], str] = lambda _: ""
        #: Told when somebody has pressed a key; which one never gets here.
        self.on_key: Callable[[CallId], None] = lambda _: None
        #: True when the switch itself was started again between the last two connections.
        self.restarted = False
        #: Since when the switch runs, as it says itself; handed in from the process before ours.
        self.started = started
        self._straight_mark = 0
        self._deliver = deliver
        self._on_up = on_up
        self._picture = Translator()
        self._held_back: list[Message] | None = []
        self._was_up = False
        self._callers: dict[OfferId, str] = {}
        self._strays = Strays(self._post)
        self._coming = Coming(self._picture.is_held)
        self._devices = Devices()
        self._chasing = Chasing(self._tolerant)
        self.talks = Talks(self._picture, self._all, self._tolerant, self._chasing, self._devices)
        self.talks.recording_of = lambda command: self.recording_of(command)  # noqa: PLW0108
        self.spying = Spying(self._session, self._all, self._tolerant, self._devices)
        self.lines = Lines(self._session)
        self._unheard = UnheardHangUps(self._hang_up_again)
        self._link = Link(
            address,
            on_event=self._event,
            on_up=self._up,
            on_down=self._down,
            on_lag=on_lag,
            lag_alarm_s=lag_alarm_s,
        )

    @property
    def up(self) -> bool:
        """True while commands can be carried out."""
        return self._was_up

    @property
    def lag_s(self) -> float:
        """Seconds that events take to reach us, measured each second."""
        return self._link.lag_s

    @property
    def forged(self) -> int:
        """How many events were left aside because a caller had written into them."""
        return self._link.forged

    @property
    def reconnects(self) -> int:
        """How often a connection was tried again since the start."""
        return self._link.reconnects

    def was_hung_up(self, call: CallId) -> bool:
        """True when the caller's hang-up was seen before the menu could say that it came."""
        return self._picture.was_hung_up(call)

    def in_menu(self, call: CallId) -> None:
        """The caller talks to our menu server now: in no waiting bridge until seen in one."""
        self._picture.moved(call)

    async def run(self) -> NoReturn:
        """Connect, deliver, reconnect; until cancelled. Raises AsteriskUnsupported."""
        try:
            await self._link.run()
        finally:
            self._unheard.forget()
            self._chasing.stop()

    async def lead_straight(self, numbers: Sequence[str]) -> None:
        """Tell the dialplan which numbers need no menu server; those told before no longer count.
        Raises a SwitchError."""
        self._straight_mark += 1
        mark = f"m{self._straight_mark}-{int(time.time())}"
        wanted = [actions.set_global(f"{STRAIGHT}_{number}", mark) for number in numbers]
        await self._all((*wanted, actions.set_global(STRAIGHT, mark if numbers else "")))

    async def play_music(self, on: bool) -> None:
        """Whether callers who come to wait from now on hear music. Raises a SwitchError."""
        await self._all((actions.set_global(QUIET, "" if on else "yes"),))

    async def sweep(self) -> list[ChannelSeen]:
        """Every caller's and operator's channel that the switch has now."""
        return (await self._look()).channels

    async def hush(self, offer: OfferId, silent: bool) -> None:
        """Let the recording of an operator's leg be silent, or go on; raises a SwitchError."""
        await self._all((actions.hush(offer, silent),))

    async def _look(self) -> Sweep:
        session = self._session()
        before = await session.collect(BRIDGES, SWEEP_TIMEOUT_S)
        status = await session.collect(STATUS, SWEEP_TIMEOUT_S)
        after = await session.collect(BRIDGES, SWEEP_TIMEOUT_S)
        return read_sweep(status, [*before, *after])

    async def execute(self, command: SwitchCommand) -> None:
        """Carry out one command; raises a SwitchError. An offer's outcome comes as an input."""
        if isinstance(command, OfferCall):
            await self._offer(command)
        elif isinstance(command, TalkCommand):
            await self.talks.carry_out(command)
        elif isinstance(command, SpyCommand):
            await self.spying.carry_out(command)
        else:
            await self._simply(command, actions.actions_for(command))

    async def _simply(self, command: CallCommand, wanted: tuple[Action, ...]) -> None:
        if isinstance(command, CancelOffer):
            await self._cancel(command, wanted)
        elif isinstance(command, HangUpCaller | HangUpLeg):
            if not await self._tolerant(wanted) and isinstance(command, HangUpCaller):
                self._missing(command.call)
        else:
            self._strays.moved(command.channel)
            self._picture.moved(command.call)
            await self._all(wanted)

    # Commands

    async def _offer(self, command: OfferCall) -> None:
        offer, call = command.offer, command.call
        session = self._session()
        if not command.in_talk:
            self._callers[offer] = command.channel
        if not self._picture.expect(offer, call):
            return  # It rang for a talk until now, and rings on for a caller who waits.
        try:
            sent = [session.submit(actions.reserve(command))]
            if not command.in_talk and not self._picture.is_held(call):
                await session.finish(sent[0], ACTION_TIMEOUT_S)
                await self._bring_back(command)
            if self._picture.was_given_up(offer):
                return
            if not await self._devices.take(command.device, offer):
                _log.warning("a phone is rung although its last call has not ended")
            if self._picture.was_given_up(offer):
                return
            number = self._picture.number_of(call)
            ring = actions.ring(command, number, self.recording_of(command))
            sent.append(session.submit(ring))
            for future in sent:
                await session.finish(future, ACTION_TIMEOUT_S)
        except SwitchError as error:
            if self._picture.was_given_up(offer):
                return
            self._give_up(offer)
            self._devices.gone(offer)
            self._chasing.chase(offer)
            self._post(actions.release(command.channel))
            if error.code != "no_such_channel":
                raise
            self._deliver(OfferFailed(offer, OfferFailure.CALLER_GONE))
            self._missing(call)

    async def _bring_back(self, command: OfferCall) -> None:
        """Wait until the caller is in the waiting bridge; redirect who does not come."""
        call = command.call
        if await self._coming.comes(call, COME_BY_ITSELF_S):
            return
        if self._picture.was_given_up(command.offer):
            return
        if self._picture.is_talking(call):
            # The static queue connected this caller while no controller was there.
            raise ActionFailed("The caller is in a talk that must not be cut.", code="in_a_talk")
        await self._all((actions.redirect(command.channel, "hold"),))
        if not await self._coming.comes(call, COME_REDIRECTED_S):
            raise ActionFailed("The caller did not come into the waiting bridge.", code="not_held")

    async def _cancel(self, command: CancelOffer, wanted: tuple[Action, ...]) -> None:
        """Release the caller and stop the leg. It may not exist yet: the switch makes it some ms
        after it took the order (a hang-up sent right behind found nothing in 20 of 20 tries)."""
        self._give_up(command.offer)
        if not await self._tolerant(wanted):
            self._chasing.chase(command.offer)

    def _give_up(self, offer: OfferId) -> None:
        """Nothing more is told about this offer; but should its leg have slipped through to the
        caller in this very moment, somebody must know whom to bring back."""
        self._picture.give_up(offer)
        channel = self._callers.pop(offer, None)
        if channel is not None:
            self._strays.expect(offer, channel)

    async def _all(self, wanted: tuple[Action, ...]) -> None:
        """Send all at once, in order; the first failure is raised when all are answered."""
        await send_all(self._session(), wanted, ACTION_TIMEOUT_S, gone_is_failure=True)

    async def _tolerant(self, wanted: tuple[Action, ...]) -> bool:
        """As :meth:`_all`, but a channel that is gone is no failure; True if all were there."""
        return await send_all(self._session(), wanted, ACTION_TIMEOUT_S, gone_is_failure=False)

    def _session(self) -> Session:
        session = self._link.actions
        if session is None:
            raise SwitchUnavailable("There is no connection to the switch at present.")
        return session

    # What the switch tells

    async def _up(self) -> None:
        """After a (re)connect: events wait until the sweep has been reconciled."""
        await self._know_switch()
        sweep = await self._look()
        self._picture.adopt(sweep.channels)
        self._callers = dict(sweep.rung_for)
        for channel in sweep.stale:
            self._post(actions.release(channel))
        await self._on_up(self.switch, sweep.channels)
        self._was_up = True
        held_back, self._held_back = self._held_back or [], None
        for message in held_back:
            self._event(message)

    async def _know_switch(self) -> None:
        """Which release this is, and since when it runs."""
        version, started = await ask_release(self._session(), ACTION_TIMEOUT_S)
        self.spying.met(version)
        advice = check_version(f"Asterisk {version}")
        if advice is not None and self.started != started:
            _log.warning("%s", advice)
        self.restarted = self.started not in ("", started)
        self.started = started

    def _down(self) -> None:
        self._held_back = []
        self._unheard.forget()
        self._coming.give_up()
        self._devices.forget()
        if self._was_up:
            self._was_up = False
            self._deliver(SwitchDown(self.switch))

    def _event(self, message: Message) -> None:
        if self._held_back is not None:
            if len(self._held_back) < MAX_HELD_BACK:
                self._held_back.append(message)
            return
        self._tell(with_arrival(message, self._picture.feed(message), self.switch))
        self._unheard.watch(message)
        kind = message.event
        if kind == "DTMFEnd" and message.get("Direction") == "Received":
            self.on_key(CallId(message.get("Uniqueid")))
        if kind == "OriginateResponse":
            offer = OfferId(message.get("Uniqueid").removeprefix(LEG_PREFIX))
            if self._picture.in_doubt(offer):
                asyncio.get_running_loop().call_later(SETTLE_AFTER_S, self._settle, offer)
        if kind == "BridgeEnter":
            self._strays.entered(message)
            self._tell_waiting(message)
        if kind in ("BridgeEnter", "Hangup"):
            unique_id = message.get("Uniqueid")
            self._coming.seen(CallId(unique_id))
            if kind == "Hangup":  # An operator's leg, or a supervisor's; others nobody knows there.
                self._devices.gone(OfferId(unique_id[len(LEG_PREFIX) :]))

    def _tell_waiting(self, message: Message) -> None:
        """A caller came into the waiting bridge; whether the engine has met it is asked there."""
        if info := waiting_info(message, self.switch):
            self._on_waiting(info)

    def _tell(self, inputs: list[Input]) -> None:
        for happened in inputs:
            if isinstance(happened, OfferFailed):
                self._release(happened.offer)
            elif isinstance(happened, LegEnded):
                self._callers.pop(happened.offer, None)
            self._deliver(happened)

    def _settle(self, offer: OfferId) -> None:
        self._devices.gone(offer)
        if self._was_up:
            self._tell(self._picture.settle(offer))

    def _release(self, offer: OfferId) -> None:
        """An offer came to nothing: take its token off the caller, so that announcements go on.
        Sent before the engine hears of it: a next offer's token is written after this."""
        channel = self._callers.pop(offer, None)
        if channel is not None:
            self._post(actions.release(channel))

    def _missing(self, call: CallId) -> None:
        """There is no such caller: a hang-up that nobody tells in a moment will never be told."""

        def surely() -> None:
            if self._was_up and not self._picture.was_hung_up(call):
                self._deliver(CallerHungUp(call, 0))

        asyncio.get_running_loop().call_later(MISSING_S, surely)

    def _hang_up_again(self, channel: str) -> None:
        _log.warning("the switch did not act on a hang-up: asked again")
        with contextlib.suppress(ActionFailed):
            self._post(actions.hang_up(channel))

    def _post(self, action: Action) -> None:
        """Send an action whose outcome changes nothing for us."""
        with contextlib.suppress(SwitchError):
            self._session().submit(action)
