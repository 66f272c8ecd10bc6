"""The menu server with clients of every manner: polite, gone, silent, chatty, hostile."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from acd.adapters.asterisk.fastagi import AgiLimits, FastAgiServer
from acd.core.ids import SwitchId
from acd.errors import ActionFailed, ConfigError, MadoguchiError
from acd.ports import CallerGone, Conversation
from tests.agi_client import KEY, Client, headers

QUICK = AgiLimits(max_sessions=5, headers_s=0.2, command_s=0.3, prompt_s=0.3, session_s=2.0)


class Stage:
    """A running server whose script a test chooses, and what became of the scripts."""

    def __init__(self, server: FastAgiServer, port: int) -> None:
        self.server = server
        self.port = port
        self.script: Callable[[Conversation], Awaitable[object]] = _nothing
        self.results: asyncio.Queue[object] = asyncio.Queue()
        self.arguments: list[str] = []

    async def lead(self, conversation: Conversation, argument: str) -> None:
        self.arguments.append(argument)
        try:
            self.results.put_nowait(await self.script(conversation))
        except BaseException as error:
            self.results.put_nowait(error)
            raise

    async def result(self) -> object:
        return await asyncio.wait_for(self.results.get(), 20.0)


async def _nothing(conversation: Conversation) -> None:
    return None


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made: list[Stage] = []

    async def lead(conversation: Conversation, argument: str) -> None:
        await made[0].lead(conversation, argument)

    server = FastAgiServer({"ivr": lead, "hold": lead}, SwitchId("a"), KEY, QUICK)
    made.append(Stage(server, await server.listen("127.0.0.1", 0)))
    running = asyncio.create_task(server.run())
    await asyncio.sleep(0)
    yield made[0]
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    await asyncio.sleep(0.01)
    assert server.sessions == 0


async def test_a_whole_conversation(stage: Stage) -> None:
    async def script(conversation: Conversation) -> str:
        key = await conversation.play(["/s/ja/one", "/s/ja/two"], "12")
        key += await conversation.wait_key(2.5)
        await conversation.set_next("hold", MDG_DUE="1795362100")
        return key

    stage.script = script
    client = await Client.open(stage.port, "ivr", "agi_arg_1: 0466", "agi_arg_2: closed")
    assert await client.asked() == "STREAM FILE /s/ja/one 12"
    client.send("200 result=0 endpos=8000")
    assert await client.asked() == "STREAM FILE /s/ja/two 12"
    client.send("200 result=50 endpos=10")
    assert await client.asked() == "WAIT FOR DIGIT 2500"
    client.send("200 result=35")
    assert await client.asked() == "SET VARIABLE MDG_DUE 1795362100"
    client.send("200 result=1")
    assert await client.asked() == "SET VARIABLE MDG_NEXT hold"
    client.send("200 result=1")
    assert await client.closed()
    assert await stage.result() == "2#"
    assert stage.arguments == ["closed"]
    assert stage.server.counts.completed == 1


async def test_no_key_is_no_key(stage: Stage) -> None:
    stage.script = lambda conversation: conversation.wait_key(0.0)
    client = await Client.open(stage.port)
    assert await client.asked() == "WAIT FOR DIGIT 1"
    client.send("200 result=0")
    assert await stage.result() == ""


async def test_a_prompt_that_is_missing_is_passed_over(stage: Stage) -> None:
    stage.script = lambda conversation: conversation.play(["/s/ja/none", "/s/ja/one"])
    client = await Client.open(stage.port)
    assert await client.asked() == 'STREAM FILE /s/ja/none ""'
    client.send("200 result=-1 endpos=0")
    assert await client.asked() == 'STREAM FILE /s/ja/one ""'
    client.send("200 result=0 endpos=1")
    assert await stage.result() == ""


@pytest.mark.parametrize("news", ["HANGUP", "511 Command Not Permitted on a dead channel"])
async def test_a_caller_who_hangs_up_ends_the_script(stage: Stage, news: str) -> None:
    stage.script = lambda conversation: conversation.wait_key(1.0)
    client = await Client.open(stage.port)
    await client.asked()
    client.send(news)
    assert isinstance(await stage.result(), CallerGone)
    assert await client.closed()
    assert stage.server.counts.gone == 1


async def test_a_failed_command_and_then_a_hang_up_is_a_hang_up(stage: Stage) -> None:
    stage.script = lambda conversation: conversation.play(["/s/ja/one"])
    client = await Client.open(stage.port)
    await client.asked()
    client.send("200 result=-1 endpos=500", "HANGUP")
    assert isinstance(await stage.result(), CallerGone)


@pytest.mark.parametrize("when", ["at once", "in the headers", "in a command", "between"])
async def test_a_client_that_closes_early_is_only_gone(stage: Stage, when: str) -> None:
    async def script(conversation: Conversation) -> None:
        await conversation.play(["/s/ja/one"])
        await asyncio.sleep(0.1)
        await conversation.set_next("hold")

    stage.script = script
    if when in ("at once", "in the headers"):
        _, writer = await asyncio.open_connection("127.0.0.1", stage.port)
        if when == "in the headers":
            writer.write(b"agi_network: yes\nagi_chan")
        writer.close()
        await asyncio.sleep(0.05)
        assert stage.server.counts.begun == 0
    else:
        client = await Client.open(stage.port)
        await client.asked()
        if when == "between":
            client.send("200 result=0 endpos=1")
        client.writer.close()
        assert isinstance(await stage.result(), CallerGone)
    assert await _serves_on(stage)


async def test_a_client_that_says_nothing_is_not_waited_for(stage: Stage) -> None:
    reader, _ = await asyncio.open_connection("127.0.0.1", stage.port)
    assert await asyncio.wait_for(reader.read(), 20.0) == b""
    assert stage.server.counts.refused == 1


async def test_an_answer_that_does_not_come_ends_the_session(stage: Stage) -> None:
    stage.script = lambda conversation: conversation.set_next("hold")
    client = await Client.open(stage.port)
    await client.asked()
    assert isinstance(await stage.result(), CallerGone)
    assert await client.closed()


async def test_a_script_has_a_time(stage: Stage) -> None:
    async def forever(conversation: Conversation) -> None:
        while True:
            await conversation.wait_key(0.1)

    stage.script = forever
    client = await Client.open(stage.port)
    with contextlib.suppress(ConnectionError):
        while await client.asked():
            client.send("200 result=0")
    assert stage.server.counts.failed == 1


@pytest.mark.requirement("M25")
@pytest.mark.parametrize(
    "hostile",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"agi_network_script: ivr\n" * 2,
        b"x" * 5000,
        b"agi_a: " + b"x" * 5000 + b"\n",
        b"".join(b"agi_h%d: x\n" % n for n in range(100)),
        b"\n",
        headers("ivr"),
        headers("/ivr"),
        headers("wrong-key/ivr"),
        headers(f"{KEY}"),
        headers(f"{KEY}/nothing"),
        headers(f"{KEY}/../ivr"),
        headers(f"{KEY}/ivr", unique_id="' OR 1"),
        b"\x00\xff\xfe\n\n",
    ],
)
async def test_what_is_not_from_our_dialplan_gets_nothing(stage: Stage, hostile: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)
    writer.write(hostile)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 20.0) == b""
    assert stage.server.counts.begun == 0
    assert stage.server.counts.refused == 1
    assert await _serves_on(stage)


@pytest.mark.parametrize("flood", [b"200 result=1\n" * 2, b"200 result=1\n" * 5000, b"y" * 9000])
async def test_answers_that_nobody_asked_for_end_the_session(stage: Stage, flood: bytes) -> None:
    stage.script = lambda conversation: asyncio.sleep(0.1)
    client = await Client.open(stage.port)
    client.writer.write(flood)
    assert await client.closed()
    assert stage.server.counts.refused == 1


async def test_no_more_sessions_than_the_limit(stage: Stage) -> None:
    stage.script = lambda conversation: conversation.wait_key(1.0)
    clients = [await Client.open(stage.port) for _ in range(QUICK.max_sessions)]
    for client in clients:
        await client.asked()
    late = await Client.open(stage.port)
    assert await late.closed()
    clients[0].send("HANGUP")
    assert await clients[0].closed()
    assert await _serves_on(stage)


async def test_a_script_that_fails_ends_its_session_alone(stage: Stage) -> None:
    async def fails(conversation: Conversation) -> None:
        raise ZeroDivisionError

    stage.script = fails
    client = await Client.open(stage.port)
    assert await client.closed()
    assert stage.server.counts.failed == 1
    assert await _serves_on(stage)


@pytest.mark.requirement("M25")
@pytest.mark.parametrize(
    "script",
    [
        lambda c: c.play(["/s/one\nHANGUP"]),
        lambda c: c.play(["/s/../../etc/passwd"]),
        lambda c: c.play(["/s/one two"]),
        lambda c: c.play(["/s/one"], "12x"),
        lambda c: c.set_next("hold\nEXEC System id"),
        lambda c: c.set_next(""),
        lambda c: c.set_next("hold", MDG_DUE="1\n"),
        lambda c: c.set_next("hold", MDG_DUE="${SHELL(id)}"),
        lambda c: c.set_next("hold", CALLERID="1"),
    ],
)
async def test_nothing_but_plain_values_reaches_the_switch(
    stage: Stage, script: Callable[[Conversation], Awaitable[object]]
) -> None:
    stage.script = script
    client = await Client.open(stage.port)
    error = await stage.result()
    assert isinstance(error, MadoguchiError)
    assert isinstance(error, ActionFailed)
    assert await client.asked() == ""


async def test_a_port_that_is_taken_is_told_in_one_sentence(stage: Stage) -> None:
    other = FastAgiServer({}, SwitchId("a"), KEY)
    with pytest.raises(ConfigError, match="is taken"):
        await other.listen("127.0.0.1", stage.port)


async def _serves_on(stage: Stage) -> bool:
    """Whether the next caller is served."""
    stage.script = _nothing
    before = stage.server.counts.completed
    client = await Client.open(stage.port)
    return await client.closed() and stage.server.counts.completed == before + 1


async def test_a_server_that_drains_lets_scripts_end_and_begins_none(stage: Stage) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def script(_conversation: Conversation) -> str:
        begun.set()
        await go_on.wait()
        return "to its end"

    stage.script = script
    client = await Client.open(stage.port)
    await asyncio.wait_for(begun.wait(), 20.0)
    draining = asyncio.create_task(stage.server.drain(5.0))
    await asyncio.sleep(0.1)
    assert not draining.done()
    assert not stage.server.serving
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", stage.port)
    go_on.set()
    assert await stage.result() == "to its end"
    assert await asyncio.wait_for(draining, 20.0) == 0
    assert await client.closed()


async def test_a_drain_does_not_wait_for_ever(stage: Stage) -> None:
    begun = asyncio.Event()

    async def script(_conversation: Conversation) -> None:
        begun.set()
        await asyncio.sleep(10.0)

    stage.script = script
    client = await Client.open(stage.port)
    await asyncio.wait_for(begun.wait(), 20.0)
    assert await asyncio.wait_for(stage.server.drain(0.2), 20.0) == 1
    client.writer.close()
