"""The menu server: Asterisk connects here for every script of the dialplan (FastAGI).

Each connection becomes a :class:`acd.ports.Conversation` that is handed to the script of its path
(``agi://host:port/KEY/ivr`` → ``ivr``); the key keeps out whoever else can reach the port. A script
that fails, a client that closes early, a hostile or silent one ends that session and nothing else;
the dialplan then finds no marker and helps itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hmac
import ssl
from collections.abc import Awaitable, Callable, Mapping

import structlog
from msgspec import Struct
from structlog.contextvars import bind_contextvars

from acd.adapters.asterisk.agi_info import call_info
from acd.adapters.asterisk.agi_session import AgiConversation, AgiLimits, AgiSession
from acd.core.ids import SwitchId
from acd.errors import ConfigError, Fault, MadoguchiError
from acd.ports import CallerGone, CallInfo, Conversation

__all__ = ["AgiCounts", "AgiLimits", "FastAgiServer", "Script"]

#: Leads one caller through a script; the second argument is the dialplan's (may be empty).
Script = Callable[[Conversation, str], Awaitable[None]]

_BACKLOG = 200
_log = structlog.get_logger("madoguchi.fastagi")


class AgiCounts(Struct):
    """What the server did since its start: for metrics."""

    begun: int = 0
    completed: int = 0
    gone: int = 0
    failed: int = 0
    refused: int = 0


class FastAgiServer:
    """Serves the scripts by name, to those who know ``key``, until :meth:`run` is cancelled.
    Of several switches each has a key of its own, by which it is known: ``others``."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        switch: SwitchId,
        key: str,
        limits: AgiLimits | None = None,
        others: Mapping[str, SwitchId] | None = None,
    ) -> None:
        self._scripts = dict(scripts)
        keys = {key: switch, **(others or {})}
        self._switches = [(each.encode(), known) for each, known in keys.items()]
        self._limits = limits or AgiLimits()
        self._servers: list[asyncio.Server] = []
        self._group: asyncio.TaskGroup | None = None
        self._sessions: set[AgiSession] = set()
        self._draining = False
        self._idle = asyncio.Event()
        self._shown_until_s: dict[SwitchId, float] = {}
        self.counts = AgiCounts()

    @property
    def proofs_end_s(self) -> float | None:
        """When the first of the certificates ends that switches showed last (Unix time)."""
        return min(self._shown_until_s.values(), default=None)

    @property
    def serving(self) -> bool:
        """Whether new scripts are served now."""
        return self._group is not None and not self._draining

    @property
    def sessions(self) -> int:
        """Connections that are open now."""
        return len(self._sessions)

    async def listen(self, host: str, port: int, context: ssl.SSLContext | None = None) -> int:
        """Bind the address and return the port (0 asks for a free one); nothing is served yet. With
        a ``context`` TLS is spoken there. It may be called for several addresses.

        Raises:
            ConfigError: the address cannot be had.
        """
        loop = asyncio.get_running_loop()
        patience_s = self._limits.headers_s if context else None
        try:
            server = await loop.create_server(
                self._connected,
                host,
                port,
                backlog=_BACKLOG,
                start_serving=False,
                ssl=context,
                ssl_handshake_timeout=patience_s,
                ssl_shutdown_timeout=patience_s,
            )
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is taken" if taken else "cannot be used"
            message = f"{host}:{port} {why}: stop that program or configure another address"
            ja = "はほかのプログラムが使っています" if taken else "は使えません"
            ja = f"{host}:{port} {ja}。そのプログラムを止めるか、別のアドレスを設定してください。"
            raise ConfigError([Fault("agi", message, ja)]) from error
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    async def run(self) -> None:
        """Serve until cancelled; then no new session begins and the open ones are dropped."""
        if not self._servers:
            raise RuntimeError("listen() comes before run()")
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                try:
                    for server in self._servers:
                        await server.start_serving()
                    await asyncio.get_running_loop().create_future()
                finally:
                    # Scripts under way may take a while to end: none begins meanwhile.
                    self._group = None
                    self._close()
        finally:
            for session in list(self._sessions):
                session.abort()

    async def drain(self, within_s: float) -> int:
        """Take no new scripts and let those under way come to their end; returns how many had not
        ``within_s`` later. The dialplan asks again each second: callers who come meanwhile, and
        those who are cut off then, are served by whoever listens next."""
        self._draining = True
        self._idle.clear()
        self._close()
        if self._sessions:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), within_s)
        return len(self._sessions)

    def _close(self) -> None:
        for server in self._servers:
            server.close()

    def _connected(self) -> AgiSession:
        return AgiSession(self._limits, self._made, self._begun, self._gone)

    def _made(self, session: AgiSession) -> None:
        """A connection is there; over TLS its other side has proved itself."""
        if len(self._sessions) >= self._limits.max_sessions:
            session.fault = "too_many_sessions"
        self._sessions.add(session)

    def _gone(self, session: AgiSession) -> None:
        self._sessions.discard(session)
        if not self._sessions:
            self._idle.set()
        if session.fault:
            self.counts.refused += 1
            _log.warning("agi_session_broken", fault=session.fault)

    def _begun(self, session: AgiSession, headers: dict[str, str]) -> None:
        """The headers are there: start the script that the dialplan asked for. While the server
        ends it gets nobody, and asks again."""
        if self._group is None or self._draining:
            session.close()
            return
        key, _, name = headers.get("agi_network_script", "").partition("/")
        script = self._scripts.get(name)
        switch = self._who_asks(key.encode())
        if switch is None:
            self._refuse(session, "wrong_key")
            return
        ends_s = session.shown_until_s
        if ends_s is not None:
            self._shown_until_s[switch] = ends_s
        try:
            info = call_info(headers, switch)
        except MadoguchiError as error:
            self._refuse(session, error.code)
            return
        if script is None:
            self._refuse(session, "no_such_script")
        else:
            self.counts.begun += 1
            argument = headers.get("agi_arg_2", "")
            self._group.create_task(self._lead(session, script, info, argument))

    def _who_asks(self, key: bytes) -> SwitchId | None:
        found = None
        for known, switch in self._switches:
            if hmac.compare_digest(key, known):
                found = switch
        return found

    def _refuse(self, session: AgiSession, fault: str) -> None:
        session.fault = fault
        session.close()

    async def _lead(
        self, session: AgiSession, script: Script, info: CallInfo, argument: str
    ) -> None:
        """Run one script to its end, whatever that is."""
        conversation = AgiConversation(session, self._limits, info)
        bind_contextvars(call=info.call)
        try:
            async with asyncio.timeout(self._limits.session_s):
                await script(conversation, argument)
            self.counts.completed += 1
        except CallerGone:
            self.counts.gone += 1
        except TimeoutError:
            self.counts.failed += 1
            _log.error("agi_script_too_long", call=info.call)
        except Exception:
            self.counts.failed += 1
            _log.exception("agi_script_failed", call=info.call)
        finally:
            session.close()
