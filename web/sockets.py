"""One WebSocket: who may open it, and how it ends."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Annotated

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web
from msgspec import Meta, Struct

from web.answer import SAFE_HEADERS, json_text
from web.auth import MAX_TOKEN_CHARS
from web.channel import Channel
from web.errors import HttpError
from web.frames import Pong
from web.identity import Identity
from web.roles import Role
from web.subscriber import Subscriber
from web.wiring import Wiring

#: A client that cannot send the header says who it is within this time.
HELLO_WITHIN_S = 5.0
#: Nothing that a client sends is longer.
MAX_MESSAGE_BYTES = 1_024
#: One frame must be taken by the client's side within this time.
WRITE_WITHIN_S = 10.0
#: So long a client may take to close its side.
CLOSE_WITHIN_S = 2.0
#: How often a silent connection is asked whether it is still there.
HEARTBEAT_S = 20.0

CLOSE_NO_TOKEN, CLOSE_UNASKED = 4401, 4409


#: The name that an operator's page gives itself; anything else is no name.
_PAGE = re.compile(r"[a-z0-9]{8,40}")
#: A page asks once a second or two whether the line is alive.
PINGS_PER_S, PINGS_MAX = 5.0, 20.0


class _Ping(Struct, forbid_unknown_fields=True):
    """``{"ping": n}``: answered ``{"pong": n, "age_s": 0.1}``, so that a page notices a silent cut,
    and how old what it shows is although the line is alive."""

    ping: Annotated[int, Meta(ge=0, le=2**53)]


class _Hello(Struct, forbid_unknown_fields=True):
    token: str


@dataclass(frozen=True)
class Talk:
    """What a connection is about: its channel, who may be on it, and the name of its page."""

    channel: Channel
    roles: frozenset[Role]
    page: str


def seat_named(request: web.Request) -> str:
    """The name that an operator's page gives itself; empty for none."""
    page = request.query.get("seat", "")
    return page if _PAGE.fullmatch(page) else ""


async def serve_socket(
    request: web.Request, wiring: Wiring, talk: Talk, who: Identity | None
) -> web.WebSocketResponse:
    """Serve one connection to its end; ``who`` is known already when a header said it."""
    socket = web.WebSocketResponse(
        heartbeat=HEARTBEAT_S,
        max_msg_size=MAX_MESSAGE_BYTES,
        compress=False,
        timeout=CLOSE_WITHIN_S,
    )
    socket.headers.update(SAFE_HEADERS)
    live, page = talk.channel, talk.page
    if who is None:
        with live.room_for_a_stranger():
            await socket.prepare(request)
            who = await _hello(socket, wiring, talk.roles)
        if who is None:
            await socket.close(code=CLOSE_NO_TOKEN)
            return socket
        try:
            subscriber = live.subscribe(who, page)
        except HttpError as error:
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=error.code.encode())
            return socket
    else:
        # Refused before the upgrade, so that the client sees a status.
        subscriber = live.subscribe(who, page)
    try:
        if not socket.prepared:
            await socket.prepare(request)
        code = await _converse(socket, subscriber, live)
    finally:
        # Before the good-bye, which may take a while: a page that is loaded again is already back.
        live.unsubscribe(subscriber)
    await _close(request, socket, code)
    return socket


async def _hello(
    socket: web.WebSocketResponse, wiring: Wiring, roles: frozenset[Role]
) -> Identity | None:
    try:
        message = await socket.receive(timeout=HELLO_WITHIN_S)
    except TimeoutError:
        return None
    if message.type is not WSMsgType.TEXT:
        return None
    try:
        hello = msgspec.json.decode(message.data, type=_Hello)
    except msgspec.DecodeError:
        return None
    who = wiring.tokens.identify(hello.token[: MAX_TOKEN_CHARS + 1])
    return who if who is not None and who.has(roles) else None


async def _converse(
    socket: web.WebSocketResponse, subscriber: Subscriber, live: Channel
) -> int | None:
    """Write frames until the client goes, is too slow, says anything but pings, or may no more;
    returns the code to close with (see :func:`_close`)."""
    reading = asyncio.create_task(_read(socket, live), name="live-read")
    writing = asyncio.create_task(_write(socket, subscriber), name="live-write")
    ending = asyncio.create_task(subscriber.until_over(), name="live-end")
    tasks = (reading, writing, ending)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        said, written, _ = await asyncio.gather(*tasks, return_exceptions=True)
    if subscriber.slow or isinstance(written, Exception):
        return None
    if subscriber.revoked:
        return CLOSE_NO_TOKEN
    if subscriber.ended:
        return WSCloseCode.GOING_AWAY
    return CLOSE_UNASKED if said is True else WSCloseCode.OK


async def _close(request: web.Request, socket: web.WebSocketResponse, code: int | None) -> None:
    """Say good-bye with a code; cut off who does not listen (``None``: do not even try)."""
    try:
        if code is not None:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await socket.close(code=code)
                return
    except TimeoutError:
        pass
    if request.transport is not None:
        request.transport.abort()


async def _read(socket: web.WebSocketResponse, live: Channel) -> bool:
    """Answer pings until the client goes; true when it said something else, or far too often."""
    credit, since = PINGS_MAX, time.monotonic()
    while True:
        message = await socket.receive()
        if message.type is not WSMsgType.TEXT:
            return message.type is WSMsgType.BINARY
        try:
            ping = msgspec.json.decode(message.data, type=_Ping)
        except msgspec.DecodeError:
            return True
        now = time.monotonic()
        credit, since = min(PINGS_MAX, credit + (now - since) * PINGS_PER_S) - 1, now
        if credit < 0:
            return True
        async with asyncio.timeout(WRITE_WITHIN_S):
            pong = Pong(pong=ping.ping, age_s=round(live.age_s, 1))
            await socket.send_str(json_text(pong))


async def _write(socket: web.WebSocketResponse, subscriber: Subscriber) -> None:
    while True:
        frame = await subscriber.next_frame()
        async with asyncio.timeout(WRITE_WITHIN_S):
            await socket.send_str(frame)
