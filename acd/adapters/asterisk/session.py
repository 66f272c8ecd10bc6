"""One manager connection: log in, send actions with deadlines, hand out events.

panoramisk's Manager opens the connection through our protocol factory and does the login; all else
of it is fenced off (:mod:`acd.adapters.asterisk.fenced`). Framing is
:mod:`acd.adapters.asterisk.codec`; an action that was under way when the connection broke fails as
"outcome unknown" and is never sent again from here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar, cast

from msgspec import Struct

from acd.adapters.asterisk.codec import Action, Decoder, Message, encode
from acd.adapters.asterisk.fenced import FencedManager, LoginReply
from acd.errors import (
    ActionFailed,
    ActionTimeout,
    LimitExceeded,
    MadoguchiError,
    SwitchError,
    SwitchUnavailable,
)

#: How long the switch may take to accept a connection and a login.
OPEN_TIMEOUT_S = 5.0
#: What comes within this time of the last look is taken in one go at its end: to be woken for each
#: message by itself costs both sides more than all the work that follows (docs/adr/0007). Who is
#: alone in the house waits for nothing, since the first message after a pause is read at once.
GULP_S = 0.05
#: SO_LINGER of no time: what the other side has not confirmed is forgotten with the connection.
_FORGET_UNSENT = struct.pack("ii", 1, 0)
#: Most actions under way at once on one connection.
MAX_PENDING = 4096
#: Most messages in the answer to one listing action.
MAX_LISTED = 50_000

#: May look at each action as it is sent, change it, or refuse it by a SwitchError.
Admit = Callable[[Action], Action]

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class AmiAccount(Struct, frozen=True):
    """An account in manager.conf."""

    user: str
    secret: str

    def __repr__(self) -> str:
        return f"AmiAccount({self.user!r})"


class AmiAddress(Struct, frozen=True):
    """Where the manager interface is, and who we are there: one account hears, one acts. ``ca``
    (PEM): it is spoken over TLS, and only to who has a certificate for ``host`` of this authority.
    """

    host: str
    port: int
    events: AmiAccount
    actions: AmiAccount
    ca: str = ""


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


class _Protocol(asyncio.Protocol):
    """The factory's product: what panoramisk's Manager drives, and what a Session sends by."""

    # Manager assigns these when the connection is made.
    queue: deque[bytes]
    factory: Any
    log: logging.Logger
    config: dict[str, Any]
    encoding: str
    responses: dict[str, Any]

    def __init__(self, on_event: Callable[[Message], None], admit: Admit | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._admit = admit
        #: Whether what comes is taken in gulps: not while one question waits for the one before.
        self.gulps = True
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
        if self._transport is not None and self.gulps:
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

    def give_up(self) -> None:
        """Close, and let nothing arrive any more that is still on its way. Over a line that says
        nothing the system goes on sending it for minutes, whoever has closed: a phone would ring
        for a caller who has long been offered to somebody else."""
        if self._transport is not None:
            held = self._transport.get_extra_info("socket")
            if held is not None:
                with contextlib.suppress(OSError):
                    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _FORGET_UNSENT)
            self._transport.abort()

    def send(self, data: dict[str, str], as_list: bool | None = None) -> asyncio.Future[Any]:
        """What the Manager logs in by. The future always has a result: panoramisk reads it in a
        callback, where nobody could catch an error."""
        headers = tuple((name, value) for name, value in data.items() if name != "Action")
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def read(future: asyncio.Future[Message]) -> None:
            error = asyncio.CancelledError() if future.cancelled() else future.exception()
            success = error is None and future.result().get("Response") == "Success"
            if not reply.done():
                why = error if isinstance(error, MadoguchiError) else None
                reply.set_result(LoginReply(success, why))

        try:
            self.submit(Action(data["Action"], headers)).add_done_callback(read)
        except SwitchError as error:
            reply.set_result(LoginReply(False, error))
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
        if self._admit is not None:  # asked in the very step in which it is written
            action = self._admit(action)
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

    def __init__(self, manager: FencedManager, protocol: _Protocol) -> None:
        self._manager = manager
        self._protocol = protocol
        #: Of several switches: dials a telephone where it is.
        self.placing: Callable[[Action], Action] | None = None

    @classmethod
    async def open(
        cls,
        address: AmiAddress,
        account: AmiAccount,
        *,
        on_event: Callable[[Message], None],
        events: bool,
        admit: Admit | None = None,
        gulps: bool = True,
    ) -> Session:
        """Connect and log in; ``gulps``: see :meth:`gulp`. Raises :class:`SwitchUnavailable` when
        nobody is there or the login is refused (code ``login_refused``)."""
        protocol: _Protocol | None = None

        def factory() -> _Protocol:
            nonlocal protocol
            protocol = _Protocol(on_event, admit)
            protocol.gulps = gulps
            return protocol

        manager = FencedManager(
            host=address.host,
            port=address.port,
            username=account.user,
            secret=account.secret,
            events="on" if events else "off",
            protocol_factory=factory,
            ssl=believing(address.ca) if address.ca else False,
        )
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                await manager.connect()
                reply = await manager.authenticated_future
        except ssl.SSLError as error:
            manager.close()
            raise _not_ours(address, error) from error
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
        if not reply.success:
            manager.close()
            if reply.error is not None:  # Nothing was sent, or no answer came.
                raise reply.error
            raise SwitchUnavailable(
                f"The switch refused the login of {account.user!r}: check the account's secret.",
                code="login_refused",
            )
        return cls(manager, protocol)

    @property
    def lost(self) -> asyncio.Future[None]:
        """Done when the connection is gone, for whatever reason."""
        return self._protocol.lost

    def gulp(self) -> None:
        """From now on take what comes in gulps: cheaper, and up to :data:`GULP_S` later."""
        self._protocol.gulps = True

    def submit(self, action: Action) -> asyncio.Future[Message]:
        """Send now and return the future response: several can be sent before the first answer.
        Await it through :meth:`finish`, which has the deadline."""
        placed = action if self.placing is None else self.placing(action)
        return self._protocol.submit(placed)

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

    def give_up(self) -> None:
        """Drop a connection that does not answer, with all that the switch has not received."""
        self._protocol.give_up()


def believing(ca: str) -> ssl.SSLContext:
    """What a client needs: this authority alone is believed, and the name has to fit."""
    context = ssl.create_default_context(cadata=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _not_ours(address: AmiAddress, error: ssl.SSLError) -> SwitchUnavailable:
    """Nothing was sent: the login comes when the other side has proved itself."""
    reason = getattr(error, "verify_message", "") or error.reason or "no TLS"
    return SwitchUnavailable(
        f"What answers at {address.host}:{address.port} has not proved to be this centre's switch,"
        f" and was told nothing ({reason}): bring it the configuration that"
        " `madoguchi asterisk-conf` writes, and start it again.",
        code="certificate_refused",
    )


async def _within(future: asyncio.Future[_T], timeout_s: float) -> _T:
    try:
        async with asyncio.timeout(timeout_s):
            return await future
    except TimeoutError:
        raise ActionTimeout(
            f"The switch did not answer within {timeout_s:g} s: outcome unknown."
        ) from None


#: What the switch says when it refuses. Who is "not up" has hung up, or was sent somewhere a moment
#: ago and has not got there yet; nothing was done with such a channel.
_REFUSALS = {
    "no such channel": "no_such_channel",
    "channel does not exist": "no_such_channel",
    "channel not up": "channel_not_up",
}


def _said_no(message: Message) -> ActionFailed:
    said = message.get("Message")[:200]
    code = next((code for words, code in _REFUSALS.items() if words in said.lower()), None)
    return ActionFailed(f"The switch refused: {said or 'no reason given'}.", code=code)


def _resolve_error(future: asyncio.Future[Any], error: MadoguchiError) -> None:
    if not future.done():
        future.set_exception(error)
        future.exception()
