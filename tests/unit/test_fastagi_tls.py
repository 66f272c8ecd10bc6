"""The menu server over TLS: who does not prove itself leaves nothing behind, and pieces are waited
for one by one."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator

import pytest

from acd.adapters.asterisk.fastagi import AgiLimits, FastAgiServer
from acd.adapters.asterisk.session import believing
from acd.adapters.authority import SWITCH_DAYS, LineAuthority, shown_by
from acd.core.ids import SwitchId
from acd.ports import Conversation
from tests.agi_client import KEY, headers

HOST = "127.0.0.1"
AUTHORITY = LineAuthority("a" * 32)
LIMITS = AgiLimits(max_sessions=2, headers_s=1.0)


async def _led(conversation: Conversation, _argument: str) -> None:
    await conversation.set_next("hold")


@pytest.fixture
async def server() -> AsyncIterator[tuple[FastAgiServer, int]]:
    made = AUTHORITY.certify([HOST], "m" * 32)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=made.ca)
    shown_by(context, made.certificate, made.key)
    serving = FastAgiServer({"ivr": _led}, SwitchId("a"), KEY, LIMITS)
    port = await serving.listen(HOST, 0, context)
    running = asyncio.create_task(serving.run())
    yield serving, port
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def proven() -> ssl.SSLContext:
    context = believing(AUTHORITY.ca)
    made = AUTHORITY.certify([HOST], "k" * 32)
    shown_by(context, made.certificate, made.key)
    return context


async def test_headers_may_come_in_pieces_of_any_size(server: tuple[FastAgiServer, int]) -> None:
    reader, writer = await asyncio.open_connection(HOST, server[1], ssl=proven())
    asked = headers(f"{KEY}/ivr")
    for start in range(0, len(asked), 40):
        writer.write(asked[start : start + 40])
        await asyncio.sleep(0.01)
    answer = await asyncio.wait_for(reader.readline(), 20.0)
    assert answer == b"SET VARIABLE MDG_NEXT hold\n"
    ends_s = server[0].proofs_end_s
    assert ends_s is not None
    assert abs(ends_s - time.time() - SWITCH_DAYS * 86_400) < 60, "the tunnel's certificate's"
    writer.close()


async def test_who_does_not_prove_itself_takes_no_place(server: tuple[FastAgiServer, int]) -> None:
    """As often as it likes: the places are for those who are served."""
    serving, port = server
    for _ in range(2 * LIMITS.max_sessions):
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(HOST, port, ssl=believing(AUTHORITY.ca))
            writer.write(headers(f"{KEY}/ivr"))
            assert await reader.readline() == b""
    assert serving.sessions == 0
    assert serving.counts.begun == 0
    await test_headers_may_come_in_pieces_of_any_size(server)
