"""One AGI session: a caller in a script of ours, as a :class:`acd.ports.Conversation`.

The switch carries out one command after another and answers each. A session is over when the
switch says so, closes, breaks the protocol or lets a deadline pass; whoever waits in it then gets
:class:`acd.ports.CallerGone`, and so does every later command.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import cast

from msgspec import Struct

from acd.adapters.asterisk.agi_protocol import AgiReader, Answer, Begun, HangupSeen, command
from acd.errors import ActionFailed, MadoguchiError
from acd.ports import CallerGone, CallInfo

_SOUND = re.compile(r"/?[A-Za-z0-9_-][A-Za-z0-9_./-]{0,200}")
_KEYS = re.compile(r"[0-9*#]{0,12}")
_WHERE = re.compile(r"[a-z]{1,20}")
_VARIABLE = re.compile(r"MDG_[A-Z0-9_]{1,30}")
_VALUE = re.compile(r"[A-Za-z0-9_.:/@+*#-]{0,120}")

#: The switch writes each header by itself, some 20 of them and never fewer bytes than this: until
#: they are there the event loop is not woken, which saves it a third of its work for a session.
_HEADERS_MIN_BYTES = 256
#: How long the news of a hang-up may take after a command that failed.
_NEWS_S = 0.5


class AgiLimits(Struct, frozen=True):
    """How many sessions there may be at once, and how long a session may take over what."""

    max_sessions: int = 500
    headers_s: float = 5.0
    command_s: float = 5.0
    prompt_s: float = 60.0
    session_s: float = 900.0


class AgiSession(asyncio.Protocol):
    """A connection. ``on_made`` is called when it is there: who notes a ``fault`` then closes it.
    ``on_begun`` is called once, with the session and its headers, ``on_gone`` once when it is
    closed."""

    def __init__(
        self,
        limits: AgiLimits,
        on_made: Callable[[AgiSession], None],
        on_begun: Callable[[AgiSession, dict[str, str]], None],
        on_gone: Callable[[AgiSession], None],
    ) -> None:
        self._limits = limits
        self._on_made = on_made
        self._on_begun = on_begun
        self._on_gone = on_gone
        self._reader = AgiReader()
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._ended = asyncio.Event()
        self._patience: asyncio.TimerHandle | None = None
        self._heard = False
        self.fault = ""

    # -- what the event loop calls ------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A connection is there; its headers must follow soon."""
        self._transport = cast(asyncio.Transport, transport)
        self._on_made(self)
        if self.fault:
            self._end()
            return
        self._wake_at(_HEADERS_MIN_BYTES)
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(self._limits.headers_s, self._break, "headers_late")

    def data_received(self, data: bytes) -> None:
        """Bytes came: at most a socket's read at once, and no line longer than the bound."""
        if not self._heard:
            self._heard = True
            self._wake_at(1)
        try:
            seen = self._reader.feed(data)
        except MadoguchiError as error:
            self._break(error.code)
            return
        for each in seen:
            if self._ended.is_set():
                return
            match each:
                case Begun(headers):
                    if self._patience is not None:
                        self._patience.cancel()
                    self._on_begun(self, headers)
                case Answer():
                    self._take(each)
                case HangupSeen():
                    self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side closed, or we did."""
        self._end()
        self._on_gone(self)

    def _wake_at(self, received_bytes: int) -> None:
        """Have the event loop told of received bytes only from this many on. Over TLS it counts
        others than those of the session, and would wait for them."""
        if self._transport is not None and self._transport.get_extra_info("sslcontext") is None:
            connection: socket.socket = self._transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, received_bytes)

    def _take(self, answer: Answer) -> None:
        waiting, self._answer = self._answer, None
        if waiting is None:
            self._break("answer_unasked")
        elif not waiting.done():
            waiting.set_result(answer)

    def _break(self, fault: str) -> None:
        """End the session for a reason of ours; the dialplan goes on without a marker."""
        if not self._ended.is_set():
            self.fault = fault
        self._end()

    def _end(self) -> None:
        self._ended.set()
        if self._patience is not None:
            self._patience.cancel()
        waiting, self._answer = self._answer, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(CallerGone())
        if self._transport is not None:
            self._transport.close()

    # -- what a script calls ------------------------------------------------------------------

    async def ask(self, *words: str, within_s: float) -> Answer:
        """Send a command and return its answer; raises :class:`CallerGone`."""
        if self._ended.is_set() or self._transport is None or self._answer is not None:
            raise CallerGone
        line = command(*words)
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(line)
        try:
            async with asyncio.timeout(within_s):
                return await self._answer
        except TimeoutError:
            self._break("answer_late")
            raise CallerGone from None

    @property
    def shown_until_s(self) -> float | None:
        """When the certificate ends that the other side showed (Unix time); None in the clear."""
        seen = self._transport.get_extra_info("peercert") if self._transport else None
        return ssl.cert_time_to_seconds(seen["notAfter"]) if seen else None

    async def gone(self, within_s: float) -> bool:
        """Whether the session ends within a time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._ended.wait()
        return self._ended.is_set()

    def close(self) -> None:
        """The script is over: closing tells the switch to go on in the dialplan."""
        self._end()

    def abort(self) -> None:
        """Drop the connection at once, as a server that dies would."""
        if self._transport is not None:
            self._transport.abort()


class AgiConversation:
    """A :class:`acd.ports.Conversation` over one session."""

    def __init__(self, session: AgiSession, limits: AgiLimits, info: CallInfo) -> None:
        self._session = session
        self._limits = limits
        self.info = info

    async def play(self, prompts: Sequence[str], keys: str = "") -> str:
        """Play sound files (paths without their ending) one after another, in full unless one of
        ``keys`` is pressed. A file that is missing is passed over."""
        _check(_KEYS, keys, "keys")
        for prompt in prompts:
            _check(_SOUND, prompt, "sound file")
            if ".." in prompt:
                raise ActionFailed("A sound file may not lie above its folder.")
            key = await self._key("STREAM", "FILE", prompt, keys, within_s=self._limits.prompt_s)
            if key:
                return key
        return ""

    async def wait_key(self, timeout_s: float) -> str:
        """The next key, or ``""`` after the time."""
        wait_ms = max(1, int(timeout_s * 1000))
        within_s = timeout_s + self._limits.command_s
        return await self._key("WAIT", "FOR", "DIGIT", str(wait_ms), within_s=within_s)

    async def set_next(self, where: str, **variables: str) -> None:
        """Set the variables, then the marker that says where the dialplan goes on."""
        _check(_WHERE, where, "marker")
        for name, value in variables.items():
            _check(_VARIABLE, name, "variable")
            _check(_VALUE, value, "value")
            await self._set(name, value)
        await self._set("MDG_NEXT", where)

    async def _set(self, name: str, value: str) -> None:
        within_s = self._limits.command_s
        answer = await self._session.ask("SET", "VARIABLE", name, value, within_s=within_s)
        if answer.code != 200:
            await self._refused(answer)

    async def _key(self, *words: str, within_s: float) -> str:
        answer = await self._session.ask(*words, within_s=within_s)
        if answer.code != 200 or answer.result < 0:
            await self._refused(answer)
            return ""
        return chr(answer.result) if 0 < answer.result < 128 else ""

    async def _refused(self, answer: Answer) -> None:
        """A command that failed: mostly the caller is gone, and the switch says so at once. A
        dead channel refuses commands with 511."""
        if answer.code == 511 or await self._session.gone(_NEWS_S):
            raise CallerGone


def _check(pattern: re.Pattern[str], value: str, what: str) -> None:
    if pattern.fullmatch(value) is None:
        raise ActionFailed(f"Not a {what} that a switch may be given.", code="unsafe_value")
