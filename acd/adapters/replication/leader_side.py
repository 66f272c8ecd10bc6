"""The leader's end of the stream: frames to every standby, as fast as each takes them.

Nobody waits for a standby: the journal goes on, frames that are not taken wait in the bounded
:class:`Tail`, and who falls out of it is dropped and begins from a snapshot again.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ssl

import structlog

from acd.adapters.replication import messages as m
from acd.adapters.replication.channel import Channel, greet
from acd.adapters.replication.tail import Tail
from acd.errors import ConfigError, Fault, MadoguchiError, StoreUnavailable
from acd.ports_replica import PeerState, Source

#: A sign of life to a standby that has everything.
LIFE_EVERY_S = 0.4
#: A standby that acknowledges nothing for so long is dropped.
SILENT_S = 3.0
#: Connections at once, strangers included.
MAX_CONNECTIONS = 16

_log = structlog.get_logger("madoguchi.stream")


class LeaderSide:
    """Streams from :meth:`listen` until :meth:`close`. ``peers`` are those that keep up.

    ``binding`` is the SHA-256 of the certificate in ``context``.
    """

    def __init__(
        self,
        node: str,
        secret: str,
        tail: Tail,
        source: Source,
        context: ssl.SSLContext | None = None,
        binding: bytes = b"",
    ) -> None:
        self._node = node
        self._secret = secret
        self._tail = tail
        self._source = source
        self._context = context
        self._binding = binding
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._channels: dict[str, Channel] = {}
        self._moved = asyncio.Event()
        self.peers: dict[str, PeerState] = {}

    async def listen(self, host: str, port: int) -> int:
        """Let standbys connect; returns the port. Raises ConfigError."""
        try:
            self._server = await asyncio.start_server(
                self._connected, host, port, ssl=self._context, reuse_address=True
            )
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            en = "is taken" if taken else "cannot be used"
            ja = "はほかのプログラムが使っています" if taken else "は使えません"
            raise ConfigError(
                [Fault("cluster", f"{host}:{port} {en}", f"{host}:{port} {ja}")]
            ) from error
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """End all connections."""
        if self._server is not None:
            self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def caught_up(self, within_s: float, behind: int = 0) -> str:
        """The standby that has everything but at most ``behind`` steps, as soon as one has; empty:
        none had it in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while True:
                    for peer in self.peers.values():
                        if peer.acked_seq >= self._tail.last_seq - behind:
                            return peer.node
                    self._moved.clear()
                    await self._moved.wait()
        return ""

    async def hand_over(self, node: str) -> None:
        """Tell a standby that it may have the lease now; raises StoreUnavailable."""
        channel = self._channels.get(node)
        if channel is None:
            raise StoreUnavailable(f"the standby {node} is gone", code="stream_gone")
        await channel.send(m.Heir(self._tail.last_seq))

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._tasks) >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        self._tasks.add(task)
        try:
            channel = await greet(reader, writer, self._node, self._secret, self._binding)
            await self._serve(channel)
        except asyncio.CancelledError:
            # Only the close of this side cancels; the server's own callback would report it.
            pass
        except MadoguchiError as error:
            _log.warning("standby_dropped", code=error.code)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(self, channel: Channel) -> None:
        node = channel.node
        before = self._channels.pop(node, None)
        if before is not None:
            before.close()
        self._channels[node] = channel
        peer = PeerState(node)
        try:
            have: m.Have = await channel.receive(m.Have, m.MAX_SMALL, SILENT_S)
            sent = await self._begin(channel, peer, have)
            self.peers[node] = peer
            _log.info("standby_follows", standby=node, snapshots=peer.snapshots)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._send(channel, peer, sent))
                both.create_task(self._hear(channel, peer))
        except* MadoguchiError as errors:
            raise errors.exceptions[0] from None
        finally:
            if self._channels.get(node) is channel:
                del self._channels[node]
                self.peers.pop(node, None)

    async def _begin(self, channel: Channel, peer: PeerState, have: m.Have) -> int:
        known = have.stream == self._tail.stream and self._tail.after(have.seq) is not None
        if known:
            await channel.send(m.Begin(self._source.token, None))
            return have.seq
        snapshot = self._source.snapshot()
        peer.snapshots += 1
        await channel.send(m.Begin(self._source.token, snapshot))
        await self._send_past(channel, snapshot.seq)
        return snapshot.seq

    async def _send_past(self, channel: Channel, until_seq: int) -> None:
        """What the database does not have yet: should we die now, the standby brings it there."""
        sent = self._source.stored_seq
        while sent < until_seq:
            frames = [each for each in self._tail.read(sent) if each.seq <= until_seq]
            if not frames:
                break
            await channel.send(m.Past(frames, done=False))
            sent = frames[-1].seq
        await channel.send(m.Past([], done=True))

    async def _send(self, channel: Channel, peer: PeerState, sent: int) -> None:
        more = self._tail.watch()
        try:
            while True:
                more.clear()
                frames = self._tail.after(sent)
                if frames is None:
                    raise StoreUnavailable("the standby is too slow", code="standby_too_slow")
                await channel.send(m.More(frames, self._source.stored_seq))
                if frames:
                    sent = frames[-1].seq
                    continue
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LIFE_EVERY_S):
                        await more.wait()
        finally:
            self._tail.unwatch(more)

    async def _hear(self, channel: Channel, peer: PeerState) -> None:
        while True:
            got: m.Got = await channel.receive(m.Got, m.MAX_SMALL, SILENT_S)
            peer.acked_seq = got.seq
            self._moved.set()
