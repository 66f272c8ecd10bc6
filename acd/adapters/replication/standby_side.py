"""A standby's end of the stream: finds who leads, follows, and keeps what it is sent."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from typing import NoReturn

import structlog

from acd.adapters.replication import messages as m
from acd.adapters.replication.channel import Channel, call
from acd.errors import MadoguchiError, StoreError
from acd.ports_replica import Replica

#: A leader that says nothing for so long is taken for gone, as far as the stream is concerned.
SILENT_S = 2.0
#: Between two tries to find who leads.
RETRY_S = 0.2

_log = structlog.get_logger("madoguchi.stream")


class StandbySide:
    """Follows whoever of ``peers`` (host and port by id) leads, until cancelled.

    ``on_lost`` is called when the connection to a leader breaks, ``on_heir`` when the leader hands
    over to us.
    """

    def __init__(
        self,
        node: str,
        secret: str,
        peers: Mapping[str, tuple[str, int]],
        replica: Replica,
        *,
        on_lost: Callable[[], None] = lambda: None,
        on_heir: Callable[[], None] = lambda: None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._node = node
        self._secret = secret
        self._peers = peers
        self._replica = replica
        self._on_lost = on_lost
        self._on_heir = on_heir
        self._context = context
        self._refused: str = ""
        #: Who is followed; empty: nobody.
        self.leader = ""
        self.heard_at_s = 0.0

    async def run(self) -> NoReturn:
        """Look for a leader and follow it, over and over."""
        while True:
            for node, (host, port) in self._peers.items():
                try:
                    channel = await call(host, port, self._node, self._secret, self._context)
                except MadoguchiError as error:
                    self._wonder(node, error)
                    continue
                try:
                    await self._follow(channel)
                except MadoguchiError as error:
                    self._lost(node, error)
                finally:
                    channel.close()
                    if self.leader:
                        self.leader = ""
                        self._on_lost()
            await asyncio.sleep(RETRY_S)

    def _lost(self, node: str, error: MadoguchiError) -> None:
        if self.leader:
            _log.info("leader_lost", leader=node, code=error.code)
        else:
            self._wonder(node, error)

    def _wonder(self, node: str, error: MadoguchiError) -> None:
        """Nobody there is what a standby sees of another; anything else is worth a line, once."""
        if error.code not in ("stream_gone", self._refused):
            self._refused = error.code
            _log.error("leader_not_followed", leader=node, code=error.code, why=error.message)

    async def _follow(self, channel: Channel) -> None:
        resumable = self._replica.resumable
        await channel.send(m.Have(resumable.stream, resumable.seq))
        begin: m.Begin = await channel.receive(m.Begin, m.MAX_LARGE, SILENT_S * 5)
        if begin.snapshot is None:
            self._replica.resume(begin.token)
        else:
            self._replica.begin(begin.token, begin.snapshot)
        self.leader, self._refused = channel.node, ""
        _log.info("follows", leader=channel.node, snapshot=begin.snapshot is not None)
        while True:
            message = await channel.receive(m.Past | m.More | m.Heir, m.MAX_LARGE, SILENT_S)
            self.heard_at_s = time.monotonic()
            if isinstance(message, m.Heir):
                if self._replica.reached.seq >= message.seq:
                    self._on_heir()
                continue
            if isinstance(message, m.Past):
                self._replica.past(message.frames, done=message.done)
            else:
                self._take(message)
            channel.put(m.Got(self._replica.reached.seq))

    def _take(self, more: m.More) -> None:
        reached = self._replica.reached
        expected = reached.seq + 1
        for frame in more.frames:
            if frame.seq != expected:
                raise StoreError("frames are missing in the stream", code="stream_gap")
            expected += 1
        self._replica.take(more.frames, more.stored_seq)
