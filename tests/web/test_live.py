"""The live channel: a snapshot, numbered changes, who may look, and who is cut off."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from acd.config.settings import ApiSettings
from acd.core.ids import AgentId, CallId, SwitchId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentReadied,
    CallArrived,
    Caller,
    CallerHungUp,
    CallerKind,
)
from tests.fakes.centre import NUMBER, Centre
from tests.web.client import Api
from tests.web.floor_kit import until
from web import live, sockets


class Screen:
    """What a screen does: take the snapshot, lay the changes over it, check the numbers."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.state: dict[str, Any] = {}
        self.next = 0
        self.text = ""

    async def take(self) -> dict[str, Any]:
        text = await self.socket.receive_str(timeout=20.0)
        self.text += text
        frame: dict[str, Any] = json.loads(text)
        assert frame["n"] == self.next
        self.next += 1
        if frame["type"] == "snapshot":
            self.state = frame["state"]
        elif frame["type"] == "delta":
            self.state["queues"] = frame["queues"]
            self.state["agents"].update(frame["agents"])
            for call, view in frame["calls"].items():
                if view is None:
                    del self.state["calls"][call]
                else:
                    self.state["calls"][call] = view
        return frame

    async def until(self, path: str, value: object) -> None:
        while True:
            found: Any = self.state
            for key in path.split("/"):
                found = found.get(key) if isinstance(found, dict) else None
            if found == value:
                return
            await self.take()


async def open_screen(api: Api, who: str, headers: dict[str, str] | None = None) -> Screen:
    socket = await api.session.ws_connect(
        api.base + "/api/live",
        headers={**api.headers(who), **(headers or {})},
    )
    screen = Screen(socket)
    await screen.take()
    return screen


async def test_a_screen_follows_what_happens_without_asking_again(api: Api, centre: Centre) -> None:
    screen = await open_screen(api, "supervisor")
    assert screen.state["agents"]["op09"]["state"] == "logged_out"
    call = centre.call(1)
    await screen.until("queues/general/waiting", 1)
    centre.do(AgentLoggedIn(AgentId("op09")))
    centre.do(AgentReadied(AgentId("op09")))
    centre.connect(call)
    await screen.until("agents/op09/state", "talking")
    assert screen.state["agents"]["op09"]["call"] == call
    assert screen.state["calls"][call]["agent"] == "op09"
    centre.do(CallerHungUp(call))
    await screen.until("agents/op09/state", "wrap_up")
    assert screen.state["calls"] == {}
    _, asked = await api.get("/api/state", "supervisor")
    assert screen.state["agents"] == asked["agents"]
    assert screen.state["queues"] == asked["queues"]
    assert NUMBER not in screen.text


@pytest.mark.requirement("M7")
async def test_the_number_appears_on_the_screen_of_the_one_who_has_the_call(
    api: Api, centre: Centre
) -> None:
    mine, other = await open_screen(api, "op09"), await open_screen(api, "op10")
    centre.do(AgentLoggedIn(AgentId("op09")))
    centre.do(AgentReadied(AgentId("op09")))
    call = centre.call(1)
    await mine.until(f"calls/{call}/caller/number", NUMBER)
    await other.until("agents/op09/state", "ringing")
    assert NUMBER not in other.text
    assert "call" not in other.state["agents"]["op09"]
    centre.do(CallerHungUp(call))
    await mine.until("calls", {})


async def test_many_changes_make_few_frames(api: Api, centre: Centre) -> None:
    screen = await open_screen(api, "supervisor")
    for number in range(90):
        centre.call(number)
    await screen.until("queues/general/waiting", 90)
    assert screen.next <= 4


async def test_two_screens_of_one_person_have_their_own_numbers(api: Api, centre: Centre) -> None:
    first = await open_screen(api, "op09")
    centre.do(AgentLoggedIn(AgentId("op09")))
    await first.until("agents/op09/state", "not_ready")
    second = await open_screen(api, "op09")
    assert second.next == 1
    centre.do(AgentReadied(AgentId("op09")))
    await first.until("agents/op09/state", "ready")
    await second.until("agents/op09/state", "ready")


async def test_alerts_are_for_supervisors(api: Api, centre: Centre) -> None:
    floor, desk = await open_screen(api, "supervisor"), await open_screen(api, "op09")
    centre.do(
        CallArrived(
            CallId("17000000.000009"),
            SwitchId("a"),
            "PJSIP/carrier-00000009",
            "carrier",
            "0466009999",
            Caller(CallerKind.WITHHELD),
            listed=False,
        )
    )
    frame = await floor.take()
    assert [each["kind"] for each in frame["alerts"]] == ["unlisted_number"]
    assert "alerts" not in await desk.take()
    assert (await open_screen(api, "admin")).state["alerts"] == frame["alerts"]


async def test_a_new_plan_comes_as_a_new_snapshot(api: Api) -> None:
    screen = await open_screen(api, "supervisor")
    plan = api.centre_dir / "plan.toml"
    plan.write_text(plan.read_text().replace("総合案内・ごみ", "ごみ"))
    assert (await api.post("/api/reload", "admin"))[0] == 200
    frame = await screen.take()
    assert frame["type"] == "snapshot"
    assert screen.state["queues"]["general"]["name"]["ja"] == "ごみ"


@pytest.mark.requirement("M23")
@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        ("https://evil.example", False),
        ("null", False),
        ("https://127.0.0.1.evil.example", False),
        ("file://", False),
        ("own", True),
    ],
)
async def test_a_page_of_another_origin_is_refused(api: Api, origin: str, welcome: bool) -> None:
    headers = {"Origin": api.base if origin == "own" else origin}
    if welcome:
        assert (await open_screen(api, "op09", headers=headers)).state
        return
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await open_screen(api, "op09", headers=headers)
    assert refused.value.status == 403


async def test_a_browser_says_who_it_is_in_the_first_frame(api: Api, centre: Centre) -> None:
    socket = await api.session.ws_connect(api.base + "/api/live")
    await socket.send_json({"token": api.tokens["op09"]})
    screen = Screen(socket)
    await screen.take()
    assert set(screen.state["agents"]) >= {"op09", "op10"}


@pytest.mark.parametrize(
    "hello",
    [
        '{"token": "mdg_000000000000_' + "A" * 43 + '"}',
        '{"token": 5}',
        "[[[[",
        "",
        '{"tokens": "x"}',
    ],
)
async def test_a_wrong_first_frame_ends_it(api: Api, hello: str) -> None:
    socket = await api.session.ws_connect(api.base + "/api/live")
    await socket.send_str(hello)
    message = await socket.receive(timeout=20.0)
    assert message.type is aiohttp.WSMsgType.CLOSE
    assert message.data == sockets.CLOSE_NO_TOKEN


async def test_who_says_nothing_is_shut_out(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "HELLO_WITHIN_S", 0.2)
    socket = await api.session.ws_connect(api.base + "/api/live")
    message = await socket.receive(timeout=20.0)
    assert message.data == sockets.CLOSE_NO_TOKEN


async def test_a_monitor_may_not_look_at_the_floor(api: Api) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await open_screen(api, "monitor")
    assert refused.value.status == 403


@pytest.mark.parametrize("data", ["hello", "x" * 5_000])
async def test_a_screen_that_talks_is_shut_out(api: Api, data: str) -> None:
    screen = await open_screen(api, "op09")
    await screen.socket.send_str(data)
    message = await screen.socket.receive(timeout=20.0)
    assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


async def test_a_revoked_token_ends_its_screens(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.Live, "recheck_every_s", 0.2)
    screen = await open_screen(api, "op09")
    api.store.revoke(api.tokens["op09"].split("_")[1])
    message = await screen.socket.receive(timeout=20.0)
    assert message.data == sockets.CLOSE_NO_TOKEN


async def test_one_token_cannot_take_all_connections(api: Api, limits: ApiSettings) -> None:
    screens = [await open_screen(api, "op09") for _ in range(limits.max_sockets_per_token)]
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await open_screen(api, "op09")
    assert refused.value.status == 429
    async with api.session.ws_connect(f"{api.base}/api/live") as socket:
        await socket.send_json({"token": api.tokens["op09"]})
        await socket.receive(timeout=20.0)
        assert socket.close_code == aiohttp.WSCloseCode.TRY_AGAIN_LATER
    other = await open_screen(api, "op10")
    await screens[0].socket.close()
    await until(lambda: api.server.live.connections == limits.max_sockets_per_token)
    assert (await open_screen(api, "op09")).state
    assert not other.socket.closed


async def test_a_screen_that_does_not_read_is_cut_off_and_the_others_go_on(
    api: Api, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.Live, "flush_every_s", 0.002)
    parts = urlsplit(api.base)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1_024)
    head = (
        "GET /api/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        f"Authorization: Bearer {api.tokens['supervisor']}\r\n\r\n"
    )
    writer.write(head.encode())
    await reader.readuntil(b"\r\n\r\n")
    healthy = await open_screen(api, "admin")

    async def busy() -> None:
        number = 0
        while api.server.live.connections > 1:
            number += 100
            calls = [centre.call(number + each, "tax") for each in range(50)]
            await asyncio.sleep(0.005)
            for call in calls:
                centre.do(CallerHungUp(call))
            await asyncio.sleep(0.005)

    drain = asyncio.create_task(_drain(healthy))
    await asyncio.wait_for(busy(), 20.0)
    drain.cancel()
    writer.close()
    assert api.server.live.connections == 1
    assert (await api.get("/healthz"))[0] == 200


async def _drain(screen: Screen) -> None:
    while True:
        await screen.take()
