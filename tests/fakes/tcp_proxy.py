"""A stretch of network that a test can cut: TCP in, TCP out, and what may happen in between."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from enum import Enum

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Line(Enum):
    """What the stretch does: carries, refuses and resets, or takes everything and says nothing."""

    WHOLE = "whole"
    RESET = "reset"
    SILENT = "silent"


class TcpProxy:
    """Listens on one port of the loopback address and connects to another."""

    def __init__(self, target_port: int) -> None:
        self.state = Line.WHOLE
        self.connections = 0
        self._target_port = target_port
        self._open: set[asyncio.StreamWriter] = set()
        self._carries = asyncio.Event()
        self._carries.set()
        self.port = 0
        self._server: asyncio.Server

    async def listen(self, port: int) -> None:
        """Begin."""
        self.port = port
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)

    def close(self) -> None:
        """End, with everything that is open."""
        self._server.close()
        self._reset()

    def cut(self, how: Line) -> None:
        """From now on ``RESET`` or ``SILENT``."""
        self.state = how
        if how is Line.SILENT:
            self._carries.clear()
        else:
            self._reset()

    def mend(self) -> None:
        """From now on it carries again. What was swallowed while it was silent never comes: the
        old connections are gone."""
        self._reset()
        self.state = Line.WHOLE
        self._carries.set()

    def _reset(self) -> None:
        for writer in list(self._open):
            end = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            writer.transport.abort()
        self._open.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        if self.state is Line.RESET:
            self._reset()
            return
        self.connections += 1
        with contextlib.suppress(OSError):
            away = await asyncio.open_connection("127.0.0.1", self._target_port)
            self._open.add(away[1])
            await asyncio.gather(self._carry(reader, away[1]), self._carry(away[0], writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._carries.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
        self._open.discard(writer)
