"""The connection to one switch: two manager sessions, kept open, watched, and opened again.

Actions of one session run one after another inside the switch, so events and actions have a
session each. Every second the heartbeat

- pings the event session: up to 22.10.1 a lost wake-up (asterisk #2145) can hold events back until
  the next thing is sent there; the answer tells the switch's time;
- sets ``GLOBAL(MDG_BEAT)`` on the action session, in the switch's own time: how the dialplan knows
  that we live.

Every event carries the time it was made (``timestampevents``), so the lag is measured on each, and
on the ping. A session that does not answer for ``DEAD_AFTER_S`` is dropped. Loss of either ends
both.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

from acd.adapters.asterisk.actions import beat
from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.fence import Fence
from acd.adapters.asterisk.genuine import is_genuine
from acd.adapters.asterisk.session import AmiAddress, Session
from acd.adapters.asterisk.translate import REQUIRED_EVENTS
from acd.errors import AsteriskUnsupported, SwitchError, SwitchUnavailable

BEAT_EVERY_S = 1.0
DEAD_AFTER_S = 5.0
#: While calls are put right a beat may have to wait behind the list of all channels.
BUSY_AFTER_S = 15.0
#: Who needs longer than this to put calls right does not lead: callers go to the static queue.
RECONCILE_S = 60.0
#: An answer to a ping takes milliseconds: after so long something is the matter.
SILENT_AFTER_S = 0.5
#: Waits between attempts to connect: doubled from the first to the last.
FIRST_RETRY_S = 0.2
LAST_RETRY_S = 3.0
#: A lag of events above this is told to ``on_lag``.
LAG_ALARM_S = 0.5

_log = logging.getLogger(__name__)


class Link:
    """Keeps two sessions to one switch. ``actions`` is None while there is no connection.

    ``on_event`` gets every genuine event of the kinds we need. ``on_up`` is awaited after each
    (re)connect; events already flow then, and the dialplan goes on hearing that we live.
    ``on_down`` is called after a loss, once, and not at the end of :meth:`run`. ``on_lag`` is
    called with seconds, at most once a second, when the lag is above ``lag_alarm_s``. ``fence``
    says whether anything may be sent (several controllers).
    """

    def __init__(
        self,
        address: AmiAddress,
        *,
        on_event: Callable[[Message], None],
        on_up: Callable[[], Awaitable[None]],
        on_down: Callable[[], None],
        on_lag: Callable[[float], None] | None = None,
        lag_alarm_s: float = LAG_ALARM_S,
        fence: Fence | None = None,
    ) -> None:
        self.actions: Session | None = None
        self._events: Session | None = None
        self._fence = fence
        self.reconnects = 0
        #: Events left aside because a caller had written into them.
        self.forged = 0
        self._address = address
        self._on_event = on_event
        self._on_up = on_up
        self._on_down = on_down
        self._on_lag = on_lag
        self._lag_alarm_s = lag_alarm_s
        self._came_up = False
        self._clock = SwitchClock()
        self._lag_s = 0.0
        self._lag_before_s = 0.0
        self._pinged_at_s: float | None = None

    @property
    def lag_s(self) -> float:
        """The largest lag of the last one to two seconds, of events and of the ping; it grows while
        a ping is unanswered. 0 before the first."""
        lag_s = max(self._lag_s, self._lag_before_s)
        if self._pinged_at_s is None:
            return lag_s
        return max(lag_s, asyncio.get_running_loop().time() - self._pinged_at_s)

    @property
    def silent(self) -> bool:
        """True while an answer is overdue and the link not yet given up."""
        if self._pinged_at_s is None or self.actions is None:
            return False
        return asyncio.get_running_loop().time() - self._pinged_at_s > SILENT_AFTER_S

    async def caught_up(self) -> None:
        """Return when all that the switch said before this was asked has been told, or the link is
        given up: what became of it the sweep tells then."""
        while (events := self._events) is not None:
            with contextlib.suppress(SwitchError):
                await events.call(Action("Ping"), DEAD_AFTER_S)
                return
            await asyncio.sleep(FIRST_RETRY_S)

    async def run(self) -> NoReturn:
        """Connect, stay connected, connect again; until cancelled."""
        retry_s = FIRST_RETRY_S
        said = ""
        while True:
            self._came_up = False
            try:
                await self._one_life()
            except AsteriskUnsupported:
                raise
            except SwitchError as error:
                if self._came_up or str(error) != said:
                    _log.warning("switch connection: %s", error)
                said = str(error)
            if self._came_up:
                retry_s = FIRST_RETRY_S
            await asyncio.sleep(retry_s)
            retry_s = min(retry_s * 2, LAST_RETRY_S)
            self.reconnects += 1

    async def _one_life(self) -> None:
        """From connecting until one of the sessions is gone."""
        if self._fence is not None:
            await self._fence.clear(self._address)
        async with contextlib.AsyncExitStack() as closing:
            events = await self._open(events=True)
            closing.callback(events.close)
            actions = await self._open(events=False)
            closing.callback(actions.close)
            self.actions, self._events = actions, events
            self._clock = SwitchClock()
            self._lag_s = self._lag_before_s = 0.0
            self._pinged_at_s = None
            try:
                await self._alive(events, actions)
            except SwitchError:
                self.actions = self._events = None
                for session in (events, actions):
                    session.give_up()
                self._on_down()
                raise
            finally:
                self.actions = self._events = None

    async def _open(self, *, events: bool) -> Session:
        account = self._address.events if events else self._address.actions
        admit = self._fence.admit if self._fence is not None else None
        return await Session.open(
            self._address, account, on_event=self._took, events=events, admit=admit, gulps=False
        )

    async def _alive(self, events: Session, actions: Session) -> None:
        unheard: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def live() -> None:
            await self._name(actions)
            # Whoever is told that we are up may call at once: the dialplan must know it before, and
            # go on knowing it: on a big centre calls are put right for longer than it waits.
            await self._beat(events, actions)
            beating = asyncio.create_task(self._beat_meanwhile(actions))
            beating.add_done_callback(lambda done: _tell(done, unheard))
            try:
                await self._on_up()
            finally:
                beating.cancel()
            self._came_up = True
            events.gulp()
            actions.gulp()
            await self._heartbeat(events, actions)

        living = asyncio.ensure_future(live())
        try:
            await asyncio.wait(
                (living, unheard, events.lost, actions.lost), return_when=asyncio.FIRST_COMPLETED
            )
            for ended in (living, unheard):
                if ended.done():
                    ended.result()
            raise SwitchUnavailable("The switch closed the connection.")
        finally:
            living.cancel()
            unheard.cancel()
            with contextlib.suppress(asyncio.CancelledError, SwitchError):
                await living

    async def _beat_meanwhile(self, actions: Session) -> None:
        """While calls are put right; no answer ends the connection, as later."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + RECONCILE_S
        while loop.time() < until_s:
            await asyncio.sleep(BEAT_EVERY_S)
            await actions.call(beat(int(self._clock.at(loop.time()))), BUSY_AFTER_S)
        _log.error("calls are not put right after %g s: callers are left", RECONCILE_S)

    async def _heartbeat(self, events: Session, actions: Session) -> NoReturn:
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + BEAT_EVERY_S
            await self._beat(events, actions)
            await self._name(actions)
            await asyncio.sleep(max(0.0, due_s - loop.time()))

    async def _name(self, actions: Session) -> None:
        """Tell the dialplan who leads: before the first beat, and again and again, since a reload
        of the dialplan would forget it."""
        if self._fence is not None:
            for sent in [actions.submit(each) for each in self._fence.names()]:
                await actions.finish(sent, DEAD_AFTER_S)

    async def _beat(self, events: Session, actions: Session) -> None:
        """Ask for the switch's time, which measures the lag, and tell it that we live."""
        loop = asyncio.get_running_loop()
        self._lag_before_s, self._lag_s = self._lag_s, 0.0
        self._pinged_at_s = sent_s = loop.time()
        overdue = loop.call_later(self._lag_alarm_s, self._watch_lag)
        try:
            reply = await events.call(Action("Ping"), DEAD_AFTER_S)
        finally:
            overdue.cancel()
        self._lag_s = max(self._lag_s, loop.time() - sent_s)
        self._clock.learn(reply.get("Timestamp"), sent_s, loop.time())
        # The line can go silent between the two as well.
        self._pinged_at_s = loop.time()
        await actions.call(beat(int(self._clock.at(loop.time()))), DEAD_AFTER_S)
        self._pinged_at_s = None
        self._watch_lag()

    def _took(self, message: Message) -> None:
        if not is_genuine(message):
            if message.event in REQUIRED_EVENTS:
                self.forged += 1
                _log.warning("an event that the switch cannot have made was left aside")
            return
        made_s = _seconds(message.get("Timestamp"))
        if made_s is not None and self._clock.known:
            late_s = self._clock.at(asyncio.get_running_loop().time()) - made_s
            self._lag_s = max(self._lag_s, late_s)
        self._on_event(message)

    def _watch_lag(self) -> None:
        lag_s = self.lag_s
        if lag_s > self._lag_alarm_s and self._on_lag is not None:
            try:
                self._on_lag(lag_s)
            except Exception:
                _log.exception("the lag alarm could not be raised")


class SwitchClock:
    """The switch's wall clock as a function of ours, learned from answered pings.

    The dialplan compares the heartbeat with the switch's time, and a switch on another machine may
    have another time than we. The best of the answers counts: the one that took least time, with
    its age weighing against it, so that a clock that drifts is followed. One that was set is
    followed at once, since no doubt of the two answers explains what they tell.
    """

    _WORSE_EACH_S = 0.0005

    def __init__(self) -> None:
        self._offset_s: float | None = None
        self._doubt_s = 0.0
        self._learned_at_s = 0.0

    @property
    def known(self) -> bool:
        """False until the first answer."""
        return self._offset_s is not None

    def learn(self, told: str, sent_s: float, got_s: float) -> None:
        """Take a ping's answer: the switch's time as text, our times of asking and hearing."""
        told_s = _seconds(told)
        if told_s is None:
            raise SwitchUnavailable("The switch does not tell its time, so it cannot be watched.")
        doubt_s, offset_s = (got_s - sent_s) / 2, told_s - (sent_s + got_s) / 2
        if (
            self._offset_s is None
            or doubt_s <= self._doubt_now_s(got_s)
            or self._was_set(offset_s, doubt_s + self._doubt_now_s(got_s))
        ):
            self._offset_s, self._doubt_s, self._learned_at_s = offset_s, doubt_s, got_s

    def _was_set(self, offset_s: float, doubt_s: float) -> bool:
        return self._offset_s is not None and abs(offset_s - self._offset_s) > doubt_s

    def at(self, ours_s: float) -> float:
        """The switch's epoch seconds at a time of our loop's clock."""
        return (self._offset_s or 0.0) + ours_s

    def _doubt_now_s(self, now_s: float) -> float:
        return self._doubt_s + (now_s - self._learned_at_s) * self._WORSE_EACH_S


def _tell(done: asyncio.Task[None], unheard: asyncio.Future[None]) -> None:
    """Pass on why a task failed, if it did."""
    error = None if done.cancelled() else done.exception()
    if error is not None and not unheard.done():
        unheard.set_exception(error)
        unheard.exception()


def _seconds(text: str) -> float | None:
    if not text or len(text) > 24 or not text.replace(".", "", 1).isdecimal():
        return None
    return float(text)
