"""A page as a telephone: who gets a secret, and whose frames are passed on to the switch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from acd.app.softphones import Softphones
from acd.core.ids import floor_seat
from tests.fakes.centre import Centre
from tests.fakes.phone_secrets import FakeLeaseBook, FakePhoneSecrets
from tests.fakes.sip_websocket import SipWebSocket
from tests.web.client import Api
from web import sip
from web.server import Server

PATH = "/api/agents/op09/softphone"


@pytest.fixture
def secrets() -> FakePhoneSecrets:
    return FakePhoneSecrets()


@pytest.fixture
async def switch() -> AsyncIterator[SipWebSocket]:
    served = SipWebSocket()
    served.url = await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def phones(
    api: Api, centre: Centre, secrets: FakePhoneSecrets, switch: SipWebSocket
) -> AsyncIterator[Api]:
    """The interface with telephones behind it."""
    softphones = Softphones(secrets, FakeLeaseBook(), [floor_seat(1)])
    wiring = replace(api.server._wiring, softphones=softphones, sip_urls=lambda _: [switch.url])
    centre.sinks.append(softphones)
    async with TestServer(Server(wiring).application()) as running:
        api.base = str(running.make_url("")).rstrip("/")
        yield api
    softphones.close()


async def begin(api: Api, who: str = "op09") -> Any:
    status, found = await api.post(f"/api/agents/{who}/softphone", who, {})
    assert status == 200, found
    return found


async def end(api: Api, who: str = "op09") -> int:
    async with api.session.delete(api.base + PATH, headers=api.headers(who)) as answer:
        return answer.status


def line(api: Api, where: str, who: str | None = "op09", **extra: Any) -> Any:
    headers = {**api.headers(who), **extra.pop("headers", {})}
    extra.setdefault("protocols", ("sip",))
    return api.session.ws_connect(api.base + where, headers=headers, **extra)


async def closed(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    message = await socket.receive(timeout=20.0)
    assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED), message
    return socket.close_code


@pytest.mark.requirement("M23")
async def test_a_page_gets_its_secret_once_and_nothing_may_keep_it(
    phones: Api, secrets: FakePhoneSecrets
) -> None:
    async with phones.session.post(phones.base + PATH, headers=phones.headers("op09")) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        found = await answer.json()
    assert found["device"] == found["user"] == "web-op09"
    assert found["uri"] == "sip:web-op09@madoguchi.invalid"
    assert found["password"] == secrets.known["web-op09"]
    assert found["password"] not in found["ws"]
    assert (await begin(phones))["password"] != found["password"]


@pytest.mark.parametrize("who", ["op10", "supervisor", "admin"])
async def test_nobody_gets_the_secret_of_another(
    phones: Api, secrets: FakePhoneSecrets, who: str
) -> None:
    assert (await phones.post(PATH, who, {}))[0] == 403
    assert secrets.known == {}


async def test_frames_go_both_ways_unchanged(phones: Api, switch: SipWebSocket) -> None:
    found = await begin(phones)
    async with line(phones, found["ws"]) as socket:
        assert socket.protocol == "sip"
        await socket.send_str("REGISTER sip:x SIP/2.0\r\n\r\n山田")
        await switch.connections(1)
        await switch.say("SIP/2.0 200 OK\r\n\r\n")
        assert (await socket.receive(timeout=20.0)).data == "SIP/2.0 200 OK\r\n\r\n"
        assert switch.heard == ["REGISTER sip:x SIP/2.0\r\n\r\n山田"]
        await socket.send_str("\r\n\r\n")
        assert (await socket.receive(timeout=20.0)).data == "\r\n"
        assert len(switch.heard) == 1, "a keep-alive is answered by us"
    await switch.connections(0)


@pytest.mark.requirement("M24")
async def test_only_an_operator_who_is_known_and_of_this_origin_gets_a_line(
    phones: Api, switch: SipWebSocket
) -> None:
    found = await begin(phones)
    for who, status in ((None, 401), ("monitor", 403)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await line(phones, found["ws"], who)
        assert refused.value.status == status
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await line(phones, found["ws"], headers={"Origin": "https://evil.example"})
    assert refused.value.status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await line(phones, found["ws"], protocols=("chat",))
    assert refused.value.status == 400
    # Somebody else's lease opens nothing.
    for who in ("op10", "supervisor", "admin"):
        async with line(phones, found["ws"], who) as socket:
            assert await closed(socket) == 4003
    assert switch.open == []


async def test_a_supervisors_page_is_a_telephone_of_the_floor(
    phones: Api, switch: SipWebSocket, secrets: FakePhoneSecrets
) -> None:
    assert (await phones.post("/api/softphone", "op09", {}))[0] == 403
    status, found = await phones.post("/api/softphone", "supervisor", {})
    assert (status, found["device"]) == (200, "web--1")
    async with line(phones, found["ws"], "supervisor") as socket:
        await switch.connections(1)
        status, answer = await phones.post("/api/softphone", "admin", {})
        assert (status, answer["error"]["code"]) == (409, "no_seat")
        # It may be named where talks are heard, by who holds it and by nobody else.
        where = "/api/calls/17000000.000001/listen"
        for who, code in (("supervisor", "unknown_call"), ("admin", "unknown_device")):
            status, answer = await phones.post(where, who, {"device": "web--1"})
            assert (status, answer["error"]["code"]) == (404, code)
        url, headers = phones.base + "/api/softphone", phones.headers("supervisor")
        async with phones.session.delete(url, headers=headers) as answer:
            assert answer.status == 200
        assert await closed(socket) == 4002
    assert secrets.known == {}


async def test_the_newest_page_wins_and_the_first_is_told(
    phones: Api, switch: SipWebSocket
) -> None:
    first = await begin(phones)
    async with line(phones, first["ws"]) as old:
        await switch.connections(1)
        second = await begin(phones)
        assert await closed(old) == 4001
        async with line(phones, first["ws"]) as again:
            assert await closed(again) == 4001
        async with line(phones, second["ws"]):
            await switch.connections(1)


async def test_a_logout_ends_line_and_secret(
    phones: Api, switch: SipWebSocket, secrets: FakePhoneSecrets
) -> None:
    for way in ("delete", "logout", "supervisor"):
        found = await begin(phones)
        assert (await phones.post("/api/agents/op09/login", "op09", {"device": "web-op09"}))[
            0
        ] == 200
        async with line(phones, found["ws"]) as socket:
            await switch.connections(1)
            if way == "delete":
                assert await end(phones) == 200
                await phones.post("/api/agents/op09/logout", "op09", {})
            else:
                who = "op09" if way == "logout" else "supervisor"
                assert (await phones.post("/api/agents/op09/logout", who, {}))[0] == 200
            assert await closed(socket) == 4002
        await switch.connections(0)
        assert secrets.known == {}
        # Whoever comes back is refused by us: of a REGISTER without a secret the switch would
        # only say that it broke (500).
        async with line(phones, found["ws"]) as again:
            assert await closed(again) == 4003
        await switch.connections(0)


async def test_only_ones_own_browser_is_a_telephone_to_log_in_with(phones: Api) -> None:
    status, found = await phones.post("/api/agents/op09/login", "op09", {"device": "web-op10"})
    assert (status, found["error"]["code"]) == (404, "unknown_device")
    status, found = await phones.post("/api/agents/op09/login", "op09", {"device": "web-op09"})
    assert status == 200


@pytest.mark.parametrize("frame", ["x" * (sip.MAX_MESSAGE_BYTES + 1), b"binary"])
async def test_a_frame_that_is_too_long_or_no_text_ends_the_line(
    phones: Api, switch: SipWebSocket, frame: str | bytes
) -> None:
    found = await begin(phones)
    async with line(phones, found["ws"]) as socket:
        await switch.connections(1)
        await (socket.send_str(frame) if isinstance(frame, str) else socket.send_bytes(frame))
        await closed(socket)
    await switch.connections(0)
    assert switch.heard == []


async def test_a_switch_that_is_away_is_said(phones: Api, switch: SipWebSocket) -> None:
    found = await begin(phones)
    async with line(phones, found["ws"]) as socket:
        await switch.connections(1)
        for each in list(switch.open):
            await each.close()
        assert await closed(socket) == sip.CLOSE_SWITCH_AWAY
    await switch.stop()
    async with line(phones, found["ws"]) as socket:
        assert await closed(socket) == sip.CLOSE_SWITCH_AWAY


async def test_a_revoked_sign_in_ends_the_line(
    phones: Api, switch: SipWebSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sip, "RECHECK_EVERY_S", 0.05)
    found = await begin(phones)
    async with line(phones, found["ws"]) as socket:
        await switch.connections(1)
        phones.store.revoke(phones.tokens["op09"].split("_")[1])
        assert await closed(socket) == sip.CLOSE_SIGNED_OUT


async def test_without_telephones_it_is_said(api: Api) -> None:
    status, found = await api.post(PATH, "op09", {})
    assert (status, found["error"]["code"]) == (409, "no_softphones")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await line(api, "/sip")
    assert refused.value.status == 403


async def test_many_lines_at_once_end_with_their_pages(phones: Api, switch: SipWebSocket) -> None:
    found = await begin(phones)
    sockets = [await line(phones, found["ws"]) for _ in range(20)]
    await switch.connections(1)
    await asyncio.gather(*(each.close() for each in sockets))
    await switch.connections(0)
