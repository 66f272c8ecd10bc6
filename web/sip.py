"""Operators' browsers speak SIP through us: one origin, one certificate, one sign-in.

The page's WebSocket is passed on, frame by frame, to Asterisk's: on the loopback address, or on the
link to another machine. Nobody gets there who is not signed in as an operator and holds the
telephone (``acd.app.softphones``). Frames are bounded, and are neither read nor logged: they name
callers. The one frame that is answered here is the keep-alive of RFC 5626, two line ends for one:
by it the page notices within seconds that a line is silently lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Sequence

import aiohttp
from aiohttp import WSMsgType, web

from acd.app.softphones import Line, LineEnd
from acd.errors import MadoguchiError
from web.answer import SAFE_HEADERS
from web.errors import HttpError
from web.identity import Identity
from web.wiring import Wiring

#: Where pages find it.
PATH = "/sip"
PROTOCOL = "sip"
#: Longest SIP message that a page may send: an offer with all candidates takes some 4,000 bytes.
MAX_MESSAGE_BYTES = 16_384
#: Longest that Asterisk sends.
MAX_FROM_SWITCH_BYTES = 65_536
#: The two frames of a keep-alive.
PING, PONG = "\r\n\r\n", "\r\n"
#: How often a silent page is asked whether it is still there.
HEARTBEAT_S = 10.0
CONNECT_WITHIN_S = 3.0
WRITE_WITHIN_S = 5.0
CLOSE_WITHIN_S = 1.0
#: How often it is looked at whether the sign-in behind an open line still holds.
RECHECK_EVERY_S = 5.0

#: What a page is told, as WebSocket close codes.
CLOSE_CODES = {
    LineEnd.DISPLACED: 4001,
    LineEnd.LOGGED_OUT: 4002,
    LineEnd.UNKNOWN: 4003,
    LineEnd.REPLACED: 4004,
}
CLOSE_SIGNED_OUT, CLOSE_SWITCH_AWAY = 4401, 4503


async def serve_sip(request: web.Request, wiring: Wiring, who: Identity) -> web.WebSocketResponse:
    """Serve one page's line to its end. ``who`` is known and works with calls."""
    softphones = wiring.softphones
    if softphones is None:
        raise HttpError(403, "forbidden")
    holder = who.agent or softphones.seat_of(who.name)
    if PROTOCOL not in _protocols(request):
        raise HttpError(400, "bad_protocol")
    socket = web.WebSocketResponse(
        protocols=(PROTOCOL,),
        heartbeat=HEARTBEAT_S,
        max_msg_size=MAX_MESSAGE_BYTES,
        compress=False,
        timeout=CLOSE_WITHIN_S,
    )
    socket.headers.update(SAFE_HEADERS)
    await socket.prepare(request)
    lease = request.query.get("lease", "")[:64]
    line = softphones.connect(holder, lease) if holder is not None else LineEnd.UNKNOWN
    if isinstance(line, LineEnd):
        await socket.close(code=CLOSE_CODES[line])
        return socket
    try:
        code = await _serve(socket, line, wiring, who)
    finally:
        softphones.disconnect(line)
    if code == CLOSE_SIGNED_OUT:
        with contextlib.suppress(MadoguchiError):
            await softphones.give_back(line)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_WITHIN_S):
            await socket.close(code=code)
    return socket


def _protocols(request: web.Request) -> list[str]:
    named = request.headers.get("Sec-WebSocket-Protocol", "")
    return [each.strip().lower() for each in named.split(",")]


async def _serve(socket: web.WebSocketResponse, line: Line, wiring: Wiring, who: Identity) -> int:
    """Pass frames on both ways until one side goes or the line has to end; the closing code."""
    timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_WITHIN_S)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            switch = await _open(session, wiring.sip_urls(line.agent), wiring.sip_trust)
            async with switch:
                return await _pass_on(socket, switch, line, wiring, who)
    except (aiohttp.ClientError, OSError, TimeoutError):
        return CLOSE_SWITCH_AWAY


async def _open(
    session: aiohttp.ClientSession, urls: Sequence[str], trust: ssl.SSLContext | None
) -> aiohttp.ClientWebSocketResponse:
    """The line to the first switch that takes it; of several one may be away."""
    failure: Exception = OSError("no switch takes browsers' telephones")
    for url in urls:
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                return await session.ws_connect(
                    url,
                    protocols=(PROTOCOL,),
                    ssl=trust or True,
                    max_msg_size=MAX_FROM_SWITCH_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_WITHIN_S),
                )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            failure = error
    raise failure


async def _pass_on(
    socket: web.WebSocketResponse,
    switch: aiohttp.ClientWebSocketResponse,
    line: Line,
    wiring: Wiring,
    who: Identity,
) -> int:
    out = asyncio.create_task(_from_page(socket, switch), name="sip-from-page")
    back = asyncio.create_task(_from_switch(switch, socket), name="sip-from-switch")
    watch = asyncio.create_task(_until_signed_out(wiring, who), name="sip-watch")
    tasks = (out, back, watch)
    try:
        await asyncio.wait((*tasks, line.over), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if line.over.done():
        return CLOSE_CODES[line.over.result()]
    if not watch.cancelled():
        return CLOSE_SIGNED_OUT
    return aiohttp.WSCloseCode.OK if not out.cancelled() else CLOSE_SWITCH_AWAY


async def _from_page(
    socket: web.WebSocketResponse, switch: aiohttp.ClientWebSocketResponse
) -> None:
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            return
        async with asyncio.timeout(WRITE_WITHIN_S):
            if message.data == PING:
                await socket.send_str(PONG)
            else:
                await switch.send_str(message.data)


async def _from_switch(
    switch: aiohttp.ClientWebSocketResponse, socket: web.WebSocketResponse
) -> None:
    async for message in switch:
        async with asyncio.timeout(WRITE_WITHIN_S):
            if message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await socket.send_bytes(message.data)


async def _until_signed_out(wiring: Wiring, who: Identity) -> None:
    while True:
        await asyncio.sleep(RECHECK_EVERY_S)
        if not wiring.entrance.is_valid(who):
            return
