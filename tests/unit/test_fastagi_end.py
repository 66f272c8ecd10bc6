"""The menu server's end: of its sessions, and of who asks meanwhile."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from acd.adapters.asterisk.fastagi import FastAgiServer, Script
from acd.core.ids import SwitchId
from acd.ports import Conversation
from tests.agi_client import KEY, Client, headers


async def test_the_servers_end_is_the_end_of_its_sessions() -> None:
    ended = asyncio.Event()

    async def script(conversation: Conversation, argument: str) -> None:
        try:
            await conversation.wait_key(30.0)
        finally:
            ended.set()

    scripts: dict[str, Script] = {"ivr": script}
    server = FastAgiServer(scripts, SwitchId("a"), KEY)
    port = await server.listen("127.0.0.1", 0)
    running = asyncio.create_task(server.run())
    await asyncio.sleep(0)
    client = await Client.open(port)
    await client.asked()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert ended.is_set()
    assert await client.closed()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_who_asks_while_the_server_ends_is_closed_without_a_word(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    served = 0

    async def script(conversation: Conversation, argument: str) -> None:
        nonlocal served
        served += 1
        try:
            await conversation.wait_key(30.0)
        finally:
            await asyncio.sleep(0.2)  # its own farewell takes a while

    server = FastAgiServer({"ivr": script}, SwitchId("a"), KEY)
    port = await server.listen("127.0.0.1", 0)
    running = asyncio.create_task(server.run())
    await asyncio.sleep(0)
    first = await Client.open(port)
    await first.asked()
    late = Client(*await asyncio.open_connection("127.0.0.1", port))
    await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.sleep(0.05)
    late.writer.write(headers(f"{KEY}/ivr"))
    assert await late.closed()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert (served, server.sessions) == (1, 0)
    assert (caplog.text, capsys.readouterr().out) == ("", "")
    first.writer.close()
    late.writer.close()
