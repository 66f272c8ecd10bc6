"""One manager connection: log in, send actions with deadlines, hand out events.

panoramisk's Manager opens the connection through our protocol factory and does the login; all else
of it is fenced off, because panoramisk 1.4 decodes before it splits (and loses characters cut by
the network), sends unanswered actions again after a reconnect (a phone rings twice), has no
deadlines, lets line breaks through, and drops the connection when a callback raises. Framing is
:mod:`acd.adapters.asterisk.codec`; an action that was under way when the connection broke fails as
"outcome unknown" and is never sent again from here.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar, cast

from msgspec import Struct
from panoramisk.manager import Manager

from acd.adapters.asterisk.codec import Action, Decoder, Message, encode
from acd.errors import (
    ActionFailed,
    ActionTimeout,
    LimitExceeded,
    MadoguchiError,
    SwitchUnavailable,
)

#: How long the switch may take to accept a connection and a login.
OPEN_TIMEOUT_S = 5.0
#: What comes within this time of the last look is taken in one go at its end: to be woken for each
#: message by itself costs both sides more than all the work that follows (docs/adr/0007). Who is
#: alone in the house waits for nothing, since the first message after a pause is read at once.
GULP_S = 0.05
#: Most actions under way at once on one connection.
MAX_PENDING = 4096
#: Most messages in the answer to one listing action.
MAX_LISTED = 50_000

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_Untyped: Any = Manager


class AmiAccount(Struct, frozen=True):
    """An account in manager.conf."""

    user: str
    secret: str

    def __repr__(self) -> str:
        return f"AmiAccount({self.user!r})"


class AmiAddress(Struct, frozen=True):
    """Where the manager interface is, and who we are there: one account hears, one acts."""

    host: str
    port: int
    events: AmiAccount
    actions: AmiAccount


class _FencedManager(_Untyped):  # type: ignore[misc]
    """panoramisk's connection and login, without its reconnecting, resending and pinging."""

    def connection_made(self, f: asyncio.Task[Any]) -> None:
        """Go on to the login, unless connecting failed: then our caller sees the same task."""
        if not f.cancelled() and f.exception() is None:
            super().connection_made(f)

    def login(self, future: asyncio.Future[Any]) -> object:
        """Go on after the login's answer, unless whoever opened the session gave it up."""
        return None if future.cancelled() else super().login(future)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing: whoever opened the session decides about another."""

    def ping(self) -> None:
        """Nothing: the heartbeat does it, and measures."""

    async def send_awaiting_actions(self, *_: object) -> None:
        """Nothing is ever sent a second time."""


class _Listing:
    """The messages of a listing action, until its closing one."""

    __slots__ = ("future", "messages")

    def __init__(self, future: asyncio.Future[list[Message]]) -> None:
        self.future = future
        self.messages: list[Message] = []

    def add(self, message: Message) -> bool:
        """True when the listing is complete."""
        if not self.messages and message.get("Response") != "Success":
            _resolve_error(self.future, _said_no(message))
            return True
        self.messages.append(message)
        if len(self.messages) > MAX_LISTED:
            _resolve_error(self.future, LimitExceeded("The switch's listing does not end."))
            return True
        if message.event and message.get("EventList") == "Complete":
            if not self.future.done():
                self.future.set_result(self.messages)
            return True
        return False


class _LoginReply:
    """What panoramisk's login handler reads of a response."""

    __slots__ = ("success",)

    def __init__(self, success: bool) -> None:
        self.success = success


class _Protocol(asyncio.Protocol):
    """The factory's product: what panoramisk's Manager drives, and what a Session sends by."""

    # Manager assigns these when the connection is made.
    queue: deque[bytes]
    factory: Any
    log: logging.Logger
    config: dict[str, Any]
    encoding: str
    responses: dict[str, Any]

    def __init__(self, on_event: Callable[[Message], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self._on_event = on_event
        self._decoder = Decoder()
        self._transport: asyncio.Transport | None = None
        self._count = 0
        # Callers can write into what the switch sends; they cannot guess this.
        self._mark = secrets.token_hex(6)
        self._pending: dict[str, asyncio.Future[Message] | _Listing] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not inherit from asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._pause()
        try:
            messages = self._decoder.feed(data)
        except LimitExceeded as error:
            _log.error("manager connection dropped: %s", error)
            self.close()
            return
        for message in messages:
            action_id = message.get("ActionID")
            if action_id in self._pending:
                self._answer(action_id, message)
            elif message.event:
                try:
                    self._on_event(message)
                except Exception:
                    _log.exception("an event of kind %r could not be handled", message.event)

    def _pause(self) -> None:
        """Read no more until the gulp is full; all connections go on in the same moment."""
        if self._transport is not None:
            self._transport.pause_reading()
            now_s = self._loop.time()
            self._loop.call_at(now_s - now_s % GULP_S + GULP_S, self._read_on)

    def _read_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        pending, self._pending = self._pending, {}
        for waiting in pending.values():
            future = waiting.future if isinstance(waiting, _Listing) else waiting
            _resolve_error(
                future, ActionTimeout("The connection broke before the answer: outcome unknown.")
            )
        if not self.lost.done():
            self.lost.set_result(None)

    def close(self) -> None:
        """Close at once. The Manager calls it too."""
        if self._transport is not None:
            self._transport.abort()

    def send(self, data: dict[str, str], as_list: bool | None = None) -> asyncio.Future[Any]:
        """What the Manager logs in by. The future always has a result: panoramisk reads it in a
        callback, where nobody could catch an error. A connection reset while it was made can
        carry nothing any more."""
        headers = tuple((name, value) for name, value in data.items() if name != "Action")
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def read(future: asyncio.Future[Message]) -> None:
            failed = future.cancelled() or future.exception() is not None
            success = not failed and future.result().get("Response") == "Success"
            if not reply.done():
                reply.set_result(_LoginReply(success))

        try:
            self.submit(Action(data["Action"], headers)).add_done_callback(read)
        except SwitchUnavailable:
            reply.set_result(_LoginReply(False))
        return reply

    def submit(self, action: Action) -> asyncio.Future[Message]:
        """Send an action now; the future is its response."""
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._write(action, future)
        return future

    def submit_listing(self, action: Action) -> asyncio.Future[list[Message]]:
        """Send an action that is answered by a list of events; the future is all of them."""
        future: asyncio.Future[list[Message]] = asyncio.get_running_loop().create_future()
        self._write(action, _Listing(future))
        return future

    @property
    def broken(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._transport is None or self._transport.is_closing() or self.lost.done()

    def _write(self, action: Action, waiting: asyncio.Future[Message] | _Listing) -> None:
        if self._transport is None or self.broken:
            raise SwitchUnavailable("There is no connection to the switch at present.")
        if len(self._pending) >= MAX_PENDING:
            raise SwitchUnavailable(f"More than {MAX_PENDING} actions are under way.")
        self._count += 1
        action_id = f"{self._mark}-{self._count}"
        data = encode(action, action_id)
        self._pending[action_id] = waiting
        self._transport.write(data)

    def _answer(self, action_id: str, message: Message) -> None:
        waiting = self._pending[action_id]
        if isinstance(waiting, _Listing):
            if waiting.add(message):
                del self._pending[action_id]
            return
        del self._pending[action_id]
        if not waiting.done():
            waiting.set_result(message)


class Session:
    """One logged-in connection. Made by :meth:`open`; over when :attr:`lost` is done."""

    def __init__(self, manager: _FencedManager, protocol: _Protocol) -> None:
        self._manager = manager
        self._protocol = protocol

    @classmethod
    async def open(
        cls,
        address: AmiAddress,
        account: AmiAccount,
        *,
        on_event: Callable[[Message], None],
        events: bool,
    ) -> Session:
        """Connect and log in. Raises :class:`SwitchUnavailable` when nobody is there or the
        login is refused (code ``login_refused``)."""
        protocol: _Protocol | None = None

        def factory() -> _Protocol:
            nonlocal protocol
            protocol = _Protocol(on_event)
            return protocol

        manager = _FencedManager(
            host=address.host,
            port=address.port,
            username=account.user,
            secret=account.secret,
            events="on" if events else "off",
            protocol_factory=factory,
        )
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                await manager.connect()
                accepted = (await manager.authenticated_future).success
        except (OSError, TimeoutError) as error:
            manager.close()
            raise SwitchUnavailable(
                f"No manager interface answers at {address.host}:{address.port} ({error})."
            ) from error
        except BaseException:
            manager.close()
            raise
        if protocol is None or protocol.broken:
            raise SwitchUnavailable(
                f"The manager interface at {address.host}:{address.port} hung up at the login."
            )
        if not accepted:
            manager.close()
            raise SwitchUnavailable(
                f"The switch refused the login of {account.user!r}: check the account's secret.",
                code="login_refused",
            )
        return cls(manager, protocol)

    @property
    def lost(self) -> asyncio.Future[None]:
        """Done when the connection is gone, for whatever reason."""
        return self._protocol.lost

    def submit(self, action: Action) -> asyncio.Future[Message]:
        """Send now and return the future response: several can be sent before the first answer.
        Await it through :meth:`finish`, which has the deadline."""
        return self._protocol.submit(action)

    async def finish(self, future: asyncio.Future[Message], timeout_s: float) -> Message:
        """The response of a submitted action. Raises :class:`ActionTimeout` (outcome unknown)
        or :class:`ActionFailed` (the switch said no)."""
        message = await _within(future, timeout_s)
        if message.get("Response") not in ("Success", "Goodbye"):
            raise _said_no(message)
        return message

    async def call(self, action: Action, timeout_s: float) -> Message:
        """Send one action and wait for its response; raises as :meth:`finish`."""
        return await self.finish(self.submit(action), timeout_s)

    async def collect(self, action: Action, timeout_s: float) -> list[Message]:
        """Send a listing action and wait for the whole list; raises as :meth:`finish`."""
        return await _within(self._protocol.submit_listing(action), timeout_s)

    def close(self) -> None:
        """Drop the connection at once."""
        self._manager.close()


async def _within(future: asyncio.Future[_T], timeout_s: float) -> _T:
    try:
        async with asyncio.timeout(timeout_s):
            return await future
    except TimeoutError:
        raise ActionTimeout(
            f"The switch did not answer within {timeout_s:g} s: outcome unknown."
        ) from None


def _said_no(message: Message) -> ActionFailed:
    said = message.get("Message")[:200]
    code = "no_such_channel" if "no such channel" in said.lower() else None
    return ActionFailed(f"The switch refused: {said or 'no reason given'}.", code=code)


def _resolve_error(future: asyncio.Future[Any], error: MadoguchiError) -> None:
    if not future.done():
        future.set_exception(error)
        future.exception()
