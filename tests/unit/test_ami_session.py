"""One manager connection against a scripted server: deadlines, losses, hostile answers."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import msgspec
import pytest
import uvloop

from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.session import AmiAccount, AmiAddress, Session
from acd.adapters.authority import LineAuthority, Pems
from acd.errors import ActionFailed, ActionTimeout, SwitchUnavailable
from tests.fakes.ami_server import AmiServer


@pytest.fixture
async def server() -> AsyncIterator[AmiServer]:
    made = AmiServer()
    await made.open()
    yield made
    await made.close()


async def connected(server: AmiServer, events: list[Message] | None = None) -> Session:
    def took(message: Message) -> None:
        if events is not None:
            events.append(message)

    return await Session.open(server.address, server.address.events, on_event=took, events=True)


async def test_login_and_an_action(server: AmiServer) -> None:
    session = await connected(server)
    server.answers["Getvar"] = "Response: Success\r\nValue: 山田"
    reply = await session.call(Action("Getvar", (("Variable", "X"),)), 1.0)
    assert reply.get("Value") == "山田"
    login = server.actions("Login")[0]
    assert (login["Username"], login["Secret"], login["Events"]) == ("hears", "s1", "on")
    session.close()


async def test_a_refused_login_says_so(server: AmiServer) -> None:
    server.answers["Login"] = "Response: Error\r\nMessage: Authentication failed"
    with pytest.raises(SwitchUnavailable) as refused:
        await connected(server)
    assert refused.value.code == "login_refused"
    assert "s1" not in refused.value.message


async def test_nobody_there_says_where(server: AmiServer) -> None:
    await server.close()
    with pytest.raises(SwitchUnavailable, match=str(server.port)):
        await connected(server)


async def test_over_tls_it_talks_to_whom_our_authority_names_and_to_nobody_else(
    server: AmiServer, tmp_path: Path
) -> None:
    await server.close()
    ours, others = LineAuthority("a" * 32), LineAuthority("b" * 32)
    for shown, name, code in (
        (ours, "127.0.0.1", ""),
        (ours, "127.0.0.2", "certificate_refused"),
        (others, "127.0.0.1", "certificate_refused"),
    ):
        server.tls, server.port = serving(shown.certify([name], "k" * 32), tmp_path), 0
        server.got.clear()
        await server.open()
        address = msgspec.structs.replace(server.address, ca=ours.ca)
        opening = Session.open(address, address.events, on_event=lambda _: None, events=True)
        if not code:
            session = await opening
            assert (await session.call(Action("Ping"), 20.0)).get("Ping") == "Pong"
            session.give_up()
        else:
            with pytest.raises(SwitchUnavailable, match="was told nothing") as refused:
                await opening
            assert refused.value.code == code
            assert server.got == []
        await server.close()


def serving(made: Pems, folder: Path) -> ssl.SSLContext:
    pem = folder / "server.pem"
    pem.write_text(made.certificate + made.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


async def test_a_login_that_is_given_up_leaves_no_complaint_behind(server: AmiServer) -> None:
    complaints: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    server.answers["Login"] = None
    opening = asyncio.create_task(connected(server))
    await asyncio.sleep(0.2)
    assert server.actions("Login"), "the login is under way"
    opening.cancel()
    await asyncio.wait({opening})
    await asyncio.sleep(0.05)
    assert opening.cancelled()
    assert complaints == []


async def test_a_server_that_says_nothing_is_given_up(
    server: AmiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("acd.adapters.asterisk.session.OPEN_TIMEOUT_S", 0.1)
    server.answers["Login"] = None
    with pytest.raises(SwitchUnavailable):
        await connected(server)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_a_connection_reset_the_moment_it_stands_is_no_refused_login(
    run: Callable[[Coroutine[object, object, None]], None],
) -> None:
    """However the reset falls into the opening, nobody is there, and nothing else is said."""
    run(opened_and_reset(50))


async def opened_and_reset(times: int) -> None:
    def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: complaints.append(told))
    async with await asyncio.start_server(reset, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        account = AmiAccount("hears", "s1")
        address = AmiAddress("127.0.0.1", port, events=account, actions=account)
        for _ in range(times):
            with pytest.raises(SwitchUnavailable) as found:
                await Session.open(address, account, on_event=lambda _: None, events=True)
            assert found.value.code != "login_refused"
    assert complaints == []


async def test_a_connection_lost_at_login_is_no_riddle(server: AmiServer) -> None:
    def hang_up(_: dict[str, str]) -> None:
        server.cut()

    server.answers["Login"] = hang_up
    with pytest.raises(SwitchUnavailable, match="hung up at the login") as found:
        await connected(server)
    assert found.value.code != "login_refused"


async def test_a_login_that_may_not_be_sent_is_no_refusal_of_the_switch(server: AmiServer) -> None:
    """A controller that was deposed while it connected: the secret of its account is right."""

    def deposed(_: Action) -> Action:
        raise SwitchUnavailable("This controller does not lead at present.", code="deposed")

    address = server.address
    with pytest.raises(SwitchUnavailable, match="does not lead") as found:
        await Session.open(
            address, address.events, on_event=lambda _: None, events=True, admit=deposed
        )
    assert found.value.code == "deposed"
    assert server.actions("Login") == []


async def test_an_action_without_an_answer_ends_by_its_deadline(server: AmiServer) -> None:
    session = await connected(server)
    server.answers["Originate"] = None
    with pytest.raises(ActionTimeout):
        await session.call(Action("Originate"), 0.05)
    assert (await session.call(Action("Ping"), 1.0)).get("Ping") == "Pong"
    session.close()


async def test_a_late_answer_is_nobodys(server: AmiServer) -> None:
    session = await connected(server)
    server.answers["Originate"] = None
    with pytest.raises(ActionTimeout):
        await session.call(Action("Originate"), 0.05)
    late = server.actions("Originate")[0]["ActionID"]
    server.send(f"Response: Error\r\nActionID: {late}\r\nMessage: late\r\n\r\n".encode())
    assert (await session.call(Action("Ping"), 1.0)).get("Ping") == "Pong"
    session.close()


async def test_what_is_under_way_when_the_line_breaks_has_an_unknown_outcome(
    server: AmiServer,
) -> None:
    session = await connected(server)
    server.answers["Originate"] = None
    waiting = asyncio.ensure_future(session.call(Action("Originate"), 5.0))
    await asyncio.sleep(0.05)
    server.cut()
    with pytest.raises(ActionTimeout):
        await waiting
    await session.lost
    with pytest.raises(SwitchUnavailable):
        await session.call(Action("Ping"), 1.0)


async def test_what_is_on_its_way_on_a_connection_given_up_never_arrives(
    server: AmiServer,
) -> None:
    """Over a silent line an Originate would otherwise arrive when it is back, however late."""
    closed, given_up = await connected(server), await connected(server)
    closed.close()
    await closed.lost
    given_up.give_up()
    await given_up.lost
    async with asyncio.timeout(20):
        while server.live:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert server.resets == 1


async def test_nothing_is_sent_again_on_the_next_connection(server: AmiServer) -> None:
    """panoramisk by itself sends an unanswered Originate again: a phone would ring twice."""
    first = await connected(server)
    server.answers["Originate"] = None
    with pytest.raises(ActionTimeout):
        await first.call(Action("Originate"), 0.05)
    server.cut()
    await first.lost
    second = await connected(server)
    server.event("Event: FullyBooted | Status: Fully Booted")
    await second.call(Action("Ping"), 1.0)
    await asyncio.sleep(0.05)
    assert len(server.actions("Originate")) == 1
    assert len(server.actions("Login")) == 2
    second.close()


async def test_a_no_of_the_switch_is_a_failure_with_its_words(server: AmiServer) -> None:
    session = await connected(server)
    server.answers["Hangup"] = "Response: Error\r\nMessage: No such channel"
    with pytest.raises(ActionFailed, match="No such channel") as refused:
        await session.call(Action("Hangup"), 1.0)
    assert refused.value.code == "no_such_channel"
    session.close()


async def test_a_listing_is_collected_until_its_end(server: AmiServer) -> None:
    session = await connected(server)
    server.answers["Status"] = (
        "Response: Success\r\nEventList: start\r\n\r\nEvent: Status\r\nUniqueid: 1\r\n\r\n"
        "Event: Status\r\nUniqueid: 2\r\n\r\nEvent: StatusComplete\r\nEventList: Complete"
    )
    listed = await session.collect(Action("Status"), 1.0)
    assert [one.get("Uniqueid") for one in listed if one.event == "Status"] == ["1", "2"]
    server.answers["Status"] = "Response: Error\r\nMessage: Permission denied"
    with pytest.raises(ActionFailed, match="Permission"):
        await session.collect(Action("Status"), 1.0)
    session.close()


async def test_a_callback_that_raises_closes_nothing(server: AmiServer) -> None:
    seen: list[str] = []

    def took(message: Message) -> None:
        seen.append(message.get("Number"))
        raise RuntimeError("a defect somewhere")

    session = await Session.open(server.address, server.address.events, on_event=took, events=True)
    for number in range(3):
        server.event(f"Event: Hangup | Number: {number}")
    await session.call(Action("Ping"), 1.0)
    assert seen == ["0", "1", "2"]
    assert not session.lost.done()
    session.close()


async def test_a_name_in_two_packets_arrives_whole(server: AmiServer) -> None:
    events: list[Message] = []
    session = await connected(server, events)
    data = "Event: Hangup\r\nCallerIDName: 山田太郎\r\n\r\n".encode()
    for byte in data:
        server.send(bytes([byte]))
        await asyncio.sleep(0)
    await session.call(Action("Ping"), 1.0)
    assert [one.get("CallerIDName") for one in events] == ["山田太郎"]
    session.close()


async def test_an_endless_message_ends_the_connection(server: AmiServer) -> None:
    session = await connected(server)
    server.send(b"x" * 200_000)
    async with asyncio.timeout(20.0):
        await session.lost
    with pytest.raises(SwitchUnavailable):
        session.submit(Action("Ping"))


async def test_a_line_break_in_a_value_is_not_sent(server: AmiServer) -> None:
    session = await connected(server)
    evil = Action("Setvar", (("Value", "x\r\n\r\nAction: Command\r\nCommand: core stop now"),))
    with pytest.raises(ActionFailed):
        await session.call(evil, 1.0)
    await session.call(Action("Ping"), 1.0)
    assert [name for name, _ in server.got] == ["Login", "Ping"]
    session.close()
