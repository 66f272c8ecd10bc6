"""The connection to one switch: two manager sessions, kept open, watched, and opened again.

Actions of one session run one after another inside the switch, so events and actions have a
session each. Every second the heartbeat

- sets ``GLOBAL(MDG_BEAT)`` on the action session: how the dialplan knows that we live;
- pings the event session: up to 22.10.1 a lost wake-up (asterisk #2145) can hold events back until
  the next thing is sent there;
- sends itself a UserEvent from one session to the other: its travelling time is the lag of events.

A session that does not answer for ``DEAD_AFTER_S`` is dropped. Loss of either ends both.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

from acd.adapters.asterisk.actions import BEAT, beat
from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.session import AmiAddress, Session
from acd.errors import SwitchError, SwitchUnavailable

BEAT_EVERY_S = 1.0
DEAD_AFTER_S = 5.0
#: Waits between attempts to connect: doubled from the first to the last.
FIRST_RETRY_S = 0.2
LAST_RETRY_S = 3.0
#: A lag of events above this is told to ``on_lag``.
LAG_ALARM_S = 0.5

_BEAT_EVENT = "MdgBeat"
_CLOCK_EVERY_BEATS = 60
_log = logging.getLogger(__name__)


class Link:
    """Keeps two sessions to one switch. ``actions`` is None while there is no connection.

    ``on_event`` gets every event but the heartbeat's own. ``on_up`` is awaited after each
    (re)connect, before the heartbeat starts; events already flow then. ``on_down`` is called after
    a loss, once. ``lag_s`` is the last measured lag of events; while a beat is missing it grows.
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
    ) -> None:
        self.actions: Session | None = None
        self.reconnects = 0
        self._address = address
        self._on_event = on_event
        self._on_up = on_up
        self._on_down = on_down
        self._on_lag = on_lag
        self._lag_alarm_s = lag_alarm_s
        self._lag_s = 0.0
        self._beat_sent: dict[str, float] = {}

    @property
    def lag_s(self) -> float:
        """Seconds an event takes to reach us, measured each second; 0 before the first."""
        oldest = min(self._beat_sent.values(), default=None)
        if oldest is None:
            return self._lag_s
        return max(self._lag_s, asyncio.get_running_loop().time() - oldest)

    async def run(self) -> NoReturn:
        """Connect, stay connected, connect again; until cancelled."""
        retry_s = FIRST_RETRY_S
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._one_life()
            except SwitchError as error:
                _log.warning("switch connection: %s", error)
            if asyncio.get_running_loop().time() - began > LAST_RETRY_S:
                retry_s = FIRST_RETRY_S
            await asyncio.sleep(retry_s)
            retry_s = min(retry_s * 2, LAST_RETRY_S)
            self.reconnects += 1

    async def _one_life(self) -> None:
        """From connecting until one of the sessions is gone."""
        async with contextlib.AsyncExitStack() as closing:
            events = await Session.open(self._address, on_event=self._took, events=True)
            closing.callback(events.close)
            actions = await Session.open(self._address, on_event=self._took, events=False)
            closing.callback(actions.close)
            self.actions = actions
            self._beat_sent.clear()
            self._lag_s = 0.0
            try:
                await self._alive(events, actions)
            finally:
                self.actions = None
                self._on_down()

    async def _alive(self, events: Session, actions: Session) -> None:
        async def live() -> None:
            await self._on_up()
            await self._heartbeat(events, actions)

        living = asyncio.ensure_future(live())
        try:
            await asyncio.wait(
                (living, events.lost, actions.lost), return_when=asyncio.FIRST_COMPLETED
            )
            if living.done():
                living.result()
            raise SwitchUnavailable("The switch closed the connection.")
        finally:
            living.cancel()
            with contextlib.suppress(asyncio.CancelledError, SwitchError):
                await living

    async def _heartbeat(self, events: Session, actions: Session) -> NoReturn:
        loop = asyncio.get_running_loop()
        offset_s = 0.0
        count = 0
        while True:
            due = loop.time() + BEAT_EVERY_S
            if count % _CLOCK_EVERY_BEATS == 0:
                offset_s = await _switch_clock(actions) - loop.time()
            count += 1
            waiting = (
                (events, events.submit(Action("Ping"))),
                (actions, actions.submit(beat(int(loop.time() + offset_s)))),
                (actions, actions.submit(self._lag_probe(str(count), loop.time()))),
            )
            for session, future in waiting:
                await session.finish(future, DEAD_AFTER_S)
            self._watch_lag()
            await asyncio.sleep(max(0.0, due - loop.time()))

    def _lag_probe(self, number: str, now: float) -> Action:
        self._beat_sent[number] = now
        return Action("UserEvent", (("UserEvent", _BEAT_EVENT), ("Number", number)))

    def _took(self, message: Message) -> None:
        if message.event != "UserEvent":
            self._on_event(message)
            return
        sent = self._beat_sent.pop(message.get("Number"), None)
        if sent is not None:
            self._lag_s = asyncio.get_running_loop().time() - sent
            self._watch_lag()

    def _watch_lag(self) -> None:
        lag_s = self.lag_s
        if lag_s > self._lag_alarm_s and self._on_lag is not None:
            try:
                self._on_lag(lag_s)
            except Exception:
                _log.exception("the lag alarm could not be raised")


async def _switch_clock(actions: Session) -> float:
    """The switch's own time in epoch seconds: the dialplan compares the heartbeat with it, and a
    switch on another machine may have another time than we have."""
    reply = await actions.call(Action("Getvar", (("Variable", "EPOCH"),)), DEAD_AFTER_S)
    text = reply.get("Value")
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise SwitchUnavailable(f"The switch does not tell its time, so {BEAT} cannot be set.")
    return float(text)
