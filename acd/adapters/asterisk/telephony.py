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
from collections.abc import Awaitable, Callable
from typing import NoReturn

from acd.adapters.asterisk import actions
from acd.adapters.asterisk.arrival import waiting_info
from acd.adapters.asterisk.batches import send_all
from acd.adapters.asterisk.chasing import Chasing
from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.coming import Coming
from acd.adapters.asterisk.dialplan_told import DialplanTold
from acd.adapters.asterisk.fence import Fence
from acd.adapters.asterisk.line_quality import Lines
from acd.adapters.asterisk.lines_out import LinesOut
from acd.adapters.asterisk.link import LAG_ALARM_S, Link
from acd.adapters.asterisk.registrations import OnePlace, Registrations
from acd.adapters.asterisk.release import Release
from acd.adapters.asterisk.session import AmiAddress, Session
from acd.adapters.asterisk.spying import Spying
from acd.adapters.asterisk.strays import Strays
from acd.adapters.asterisk.sweeping import BRIDGES, STATUS, Sweep, read_sweep
from acd.adapters.asterisk.talks import Talks
from acd.adapters.asterisk.tapes import Tapes
from acd.adapters.asterisk.translate import LEG_PREFIX, Translator
from acd.adapters.asterisk.unheard import UnheardHangUps
from acd.adapters.asterisk.unmet import with_arrival
from acd.adapters.asterisk.version import check_version
from acd.core.commands import (
    CallCommand,
    CancelOffer,
    DialTarget,
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
#: How long the reason of a failed ring may lag behind the news of it.
SETTLE_AFTER_S = 0.1
#: How long the news of a caller's hang-up may lag behind the caller's not being there.
MISSING_S = 1.0
#: Most events kept while a sweep is under way after a (re)connect.
MAX_HELD_BACK = 200_000

#: Called after each (re)connect with the sweep, before live events are delivered. It asks for them
#: (``hear``) and delivers ``SwitchUp`` itself when it has reconciled.
OnUp = Callable[[SwitchId, list[ChannelSeen]], Awaitable[None]]

_log = logging.getLogger(__name__)


class AsteriskTelephony(DialplanTold):
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
        registrations: Registrations | None = None,
        fence: Fence | None = None,
    ) -> None:
        self.switch = switch
        self._on_waiting = on_waiting
        #: The id under which a talk is recorded; empty: it is not.
        self.recording_of: Callable[[Recorded], str] = lambda _: ""
        #: Told when somebody has pressed a key; which one never gets here.
        self.on_key: Callable[[CallId], None] = lambda _: None
        #: What the switch says of itself; since when it runs is handed in from the process before.
        self.release = Release(started)
        self._term = fence.term if fence is not None else ""
        self._deliver = deliver
        self._on_up = on_up
        self._picture = Translator()
        self._held_back: list[Message] | None = []
        self._was_up = False
        self._callers: dict[OfferId, str] = {}
        self._strays = Strays(self._post)
        self._coming = Coming(self._picture, self._all)
        self._places = registrations or OnePlace()
        self._devices = self._places.devices
        self._chasing = Chasing(self._tolerant)
        self.lines_out = LinesOut(self._session, deliver, self._event, self._picture.was_given_up)
        whole = (self._picture, self._all, self._tolerant, self._chasing, self._devices)
        self.talks = Talks(*whole, self.lines_out)
        self.talks.recording_of = lambda command: self.recording_of(command)  # noqa: PLW0108
        self.spying = Spying(self._session, self._all, self._tolerant, self._devices)
        self.lines = Lines(self._session)
        self.tapes = Tapes(self._session, self._all, self._tolerant)
        self._unheard = UnheardHangUps(self._hang_up_again)
        self.link = Link(
            address,
            on_event=self._event,
            on_up=self._up,
            on_down=self._down,
            on_lag=on_lag,
            lag_alarm_s=lag_alarm_s,
            fence=fence,
        )

    @property
    def up(self) -> bool:
        """True while commands can be carried out."""
        return self._was_up

    @property
    def lag_s(self) -> float:
        """Seconds that events take to reach us, measured each second."""
        return self.link.lag_s

    @property
    def forged(self) -> int:
        """How many events were left aside because a caller had written into them."""
        return self.link.forged

    @property
    def reconnects(self) -> int:
        """How often a connection was tried again since the start."""
        return self.link.reconnects

    def was_hung_up(self, call: CallId) -> bool:
        """True when the caller's hang-up was seen before the menu could say that it came."""
        return self._picture.was_hung_up(call)

    def in_menu(self, call: CallId) -> None:
        """The caller talks to our menu server now: in no waiting bridge until seen in one."""
        self._picture.moved(call)

    async def run(self) -> NoReturn:
        """Connect, deliver, reconnect; until cancelled. Raises AsteriskUnsupported."""
        try:
            await self.link.run()
        finally:
            self._unheard.forget()
            self._chasing.stop()

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
            if isinstance(command, DialTarget):
                way = await self.lines_out.way(command.dial, command.call)
                wanted = actions.dial_target(command, *way)
            await self._all(wanted)

    # Commands

    async def _offer(self, command: OfferCall) -> None:
        offer, call, session = command.offer, command.call, self._session()
        if not command.in_talk:
            self._callers[offer] = command.channel
        if not self._picture.expect(offer, call):  # It rings on for a caller who waits.
            return
        sent = []
        try:
            if not command.in_talk:
                await self._coming.free(call)
            sent.append(session.submit(actions.reserve(command)))
            if not command.in_talk and not self._picture.is_held(call):
                await session.finish(sent[0], ACTION_TIMEOUT_S)
                await self._coming.bring_back(command)
            if self._picture.was_given_up(offer):
                return
            if not await self._devices.take(command.device, offer):
                _log.warning("a phone is rung although its last call has not ended")
            if self._picture.was_given_up(offer):
                return
            number, recording = self._picture.number_of(call), self.recording_of(command)
            ring = actions.ring(command, number, recording)
            sent.append(session.submit(await self.lines_out.over(LEG_PREFIX + offer, ring)))
            for future in sent:
                await session.finish(future, ACTION_TIMEOUT_S)
        except SwitchError as error:
            # Whether it rings is for the switch to say: when it is heard again, or by the sweep.
            quiet = len(sent) > 1 and (self.link.silent or session.lost.done())
            if (quiet and error.code == "action_timeout") or self._picture.was_given_up(offer):
                return
            self._give_up(offer)
            self._devices.gone(offer)
            self._chasing.chase(offer)
            if sent:
                self._post(actions.release(command.channel))
            if error.code != "no_such_channel":
                raise
            self._deliver(OfferFailed(offer, OfferFailure.CALLER_GONE))
            self._missing(call)

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
        session = self.link.actions
        if session is None:
            raise SwitchUnavailable("There is no connection to the switch at present.")
        return session

    # What the switch tells

    async def _up(self) -> None:
        """After a (re)connect: events wait until the sweep has been reconciled."""
        await self._know_switch()
        await self._places.up(self.switch, self._session(), ACTION_TIMEOUT_S)
        sweep = await self._look()
        self._picture.adopt(sweep.channels)
        self._callers = dict(sweep.rung_for)
        for channel in sweep.stale:
            self._post(actions.release(channel))
        await self._on_up(self.switch, sweep.channels)
        self.hear()

    def hear(self) -> None:
        """Tell what happened since the sweep. Whoever reconciles asks for it before calls are
        offered again: to reconcile may take its time, and who waited then may talk by now."""
        self._was_up = True
        held_back, self._held_back = self._held_back or [], None
        for message in held_back:
            self._event(message)

    async def _know_switch(self) -> None:
        """Which release this is, and since when it runs."""
        known = self.release.started
        await self.release.ask(self._session(), ACTION_TIMEOUT_S)
        self.spying.met(self.release.version)
        advice = check_version(f"Asterisk {self.release.version}")
        if advice is not None and self.release.started != known:
            _log.warning("%s", advice)

    def _down(self) -> None:
        self._held_back = []
        self._unheard.forget()
        self.lines_out.forget()
        self._coming.give_up()
        self._devices.forget()
        self._places.lost(self.switch)
        if self._was_up:
            self._was_up = False
            self._deliver(SwitchDown(self.switch))

    def _event(self, message: Message) -> None:
        if self._places.hears(self.switch, message):
            return
        if self._held_back is not None:
            if len(self._held_back) < MAX_HELD_BACK:
                self._held_back.append(message)
            return
        if self.lines_out.keeps(message):
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
            # Whether the engine has met this caller is asked there.
            if info := waiting_info(message, self.switch):
                self._on_waiting(info)
        if kind in ("BridgeEnter", "Hangup"):
            unique_id = message.get("Uniqueid")
            self._coming.seen(CallId(unique_id))
            if kind == "Hangup":  # An operator's leg, or a supervisor's; others nobody knows there.
                leg = OfferId(unique_id[len(LEG_PREFIX) :])
                self._devices.ended(leg, message.get("Channel"))

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
