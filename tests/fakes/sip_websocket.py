"""A switch's SIP WebSocket: keeps what it hears, says what a test wants."""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer


class SipWebSocket:
    """Serves ``/ws`` on loopback. ``heard`` is every text frame; ``open`` the live connections."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.open: list[web.WebSocketResponse] = []
        self.url = ""
        self._server: TestServer

    async def start(self) -> str:
        """Serve; the address."""
        app = web.Application()
        app.router.add_get("/ws", self._serve)
        self._server = TestServer(app)
        await self._server.start_server()
        return str(self._server.make_url("/ws")).replace("http", "ws")

    async def stop(self) -> None:
        """Be gone."""
        await self._server.close()

    async def say(self, text: str) -> None:
        """Send to everybody."""
        for socket in self.open:
            await socket.send_str(text)

    async def connections(self, count: int) -> None:
        """Return when there are so many."""
        for _ in range(300):
            if len(self.open) == count:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{len(self.open)} connections, not {count}")

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        self.open.append(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self.heard.append(message.data)
        finally:
            self.open.remove(socket)
        return socket
