"""What only the operator whose call it is sees and asks: keys, why, earlier calls, pop, seat."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest

from acd.config.screen_settings import ScreenSettings, pop_address
from acd.core.events import AlertRaised
from acd.core.ids import AgentId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentReadied,
    Caller,
    CallerHungUp,
    CallerKind,
    MenuStepped,
)
from tests.fakes.centre import Centre
from tests.web.client import Api

ME = AgentId("op09")


async def live(api: Api, who: str, seat: str = "") -> aiohttp.ClientWebSocketResponse:
    query = f"?seat={seat}" if seat else ""
    return await api.session.ws_connect(f"{api.base}/api/live{query}", headers=api.headers(who))


async def frame(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next frame of a kind."""
    while True:
        found: dict[str, Any] = json.loads(await socket.receive_str(timeout=20.0))
        if found.get("type") == kind:
            return found


def at_work(centre: Centre) -> None:
    centre.do(AgentLoggedIn(ME))
    centre.do(AgentReadied(ME))


async def test_the_operator_sees_keys_wait_and_why(api: Api, centre: Centre) -> None:
    call = centre.call(1)
    centre.do(MenuStepped(call, "main", "1"))
    centre.do(MenuStepped(call, "sub", "2"))
    at_work(centre)
    centre.now += 30
    centre.connect(call)
    view = (await api.get("/api/state", "op09"))[1]["calls"][call]
    assert view["keys"] == "12"
    assert view["waited_s"] > 0
    assert view["answered_s"] >= view["arrived_s"]
    assert "レベル9" in view["why"]["ja"]
    assert "level 9" in view["why"]["en"]
    for other in ("supervisor", "admin"):
        seen = (await api.get("/api/state", other))[1]["calls"][call]
        assert not {"keys", "why", "waited_s"} & set(seen)


async def test_keys_are_kept_within_bounds(centre: Centre) -> None:
    call = centre.call(1)
    for _ in range(50):
        centre.do(MenuStepped(call, "main", "7"))
    assert centre.engine.calls[call].keys == "7" * 20


async def test_the_day_counts_calls_and_begins_anew(api: Api, centre: Centre) -> None:
    centre.now = 1_795_000_000.0
    at_work(centre)
    for number in (1, 2):
        call = centre.call(number)
        centre.connect(call)
        centre.now += 60
        centre.do(CallerHungUp(call))
        await api.post("/api/agents/op09/wrap-up/end", "op09")
    today = (await api.get("/api/me", "op09"))[1]["state"]["today"]
    assert today["calls"] == 2
    assert today["average_s"] == pytest.approx(60, abs=1)
    centre.now += 86_400
    assert today["until_s"] < centre.now
    call = centre.call(3)
    centre.connect(call)
    assert (await api.get("/api/me", "op09"))[1]["state"]["today"]["calls"] == 1


async def test_a_pop_comes_with_the_ring_and_only_to_whom_it_rings(
    api: Api, centre: Centre
) -> None:
    object.__setattr__(
        api.server.live._wiring,
        "screens",
        ScreenSettings(pop_url="https://crm.example/?tel={number}&id={call}"),
    )
    mine, other = await live(api, "op09"), await live(api, "op10")
    at_work(centre)
    call = centre.call(1, caller=Caller(CallerKind.NUMBER, "+81 90&x=1"))
    popped = await frame(mine, "pop")
    assert popped["call"] == call
    assert popped["url"] == f"https://crm.example/?tel=%2B81%2090%26x%3D1&id={call}"
    assert (await frame(other, "delta"))["type"] == "delta"
    with pytest.raises(TimeoutError):
        await frame_within(other, "pop", 0.5)


async def frame_within(
    socket: aiohttp.ClientWebSocketResponse, kind: str, within_s: float
) -> dict[str, Any]:
    while True:
        found: dict[str, Any] = json.loads(await socket.receive_str(timeout=within_s))
        if found.get("type") == kind:
            return found


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://x/",
        "https://{number}.example/",
        "https://x/{secret}",
        "https:///x",
        "https://x/{",
    ],
)
def test_a_pop_address_that_leads_astray_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="pop_url"):
        ScreenSettings(pop_url=url)


def test_no_pop_address_is_none() -> None:
    assert pop_address(ScreenSettings(), {"number": "1"}) == ""


async def test_the_alarm_reaches_the_floor_in_a_talk_only(api: Api, centre: Centre) -> None:
    seen: list[object] = []
    centre.sinks.append(Sink(seen))
    at_work(centre)
    assert (await api.post("/api/agents/op09/alarm", "op09"))[0] == 409
    centre.connect(centre.call(1))
    floor = await live(api, "supervisor")
    assert (await api.post("/api/agents/op09/alarm", "op09"))[0] == 200
    alerts = (await frame(floor, "delta"))["alerts"]
    assert [(each["kind"], each["subject"]) for each in alerts] == [("harassment", "op09")]
    assert any(isinstance(event, AlertRaised) for event in seen)


class Sink:
    """Remembers events."""

    def __init__(self, seen: list[object]) -> None:
        self._seen = seen

    def publish(self, seq: int, at_s: float, events: Sequence[object]) -> None:
        self._seen += events


async def test_one_page_has_the_seat_until_another_takes_it(api: Api) -> None:
    first = await live(api, "op09", "firstpage")
    assert (await frame(first, "snapshot"))["state"]["seat"] == "firstpage"
    second = await live(api, "op09", "secondpage")
    assert (await frame(second, "snapshot"))["state"]["seat"] == "firstpage"
    body = {"seat": "secondpage"}
    assert (await api.post("/api/agents/op09/seat", "op10", body))[0] == 403
    assert (await api.post("/api/agents/op09/seat", "op09", {"seat": "<script>"}))[0] == 400
    assert (await api.post("/api/agents/op09/seat", "op09", body))[0] == 200
    assert (await frame(first, "seat"))["seat"] == "secondpage"
    assert (await frame(second, "seat"))["seat"] == "secondpage"


async def test_a_page_that_is_gone_leaves_its_seat_to_the_next(api: Api) -> None:
    first = await live(api, "op09", "firstpage")
    await frame(first, "snapshot")
    await first.close()
    third = await live(api, "op09", "thirdpage")
    assert (await frame(third, "snapshot"))["state"]["seat"] == "thirdpage"


async def test_a_page_that_only_looks_on_takes_no_seat(api: Api) -> None:
    watching = await live(api, "op09")
    assert (await frame(watching, "snapshot"))["state"]["seat"] is None


async def test_earlier_calls_are_shown_of_the_own_call_alone(api: Api, centre: Centre) -> None:
    at_work(centre)
    call = centre.call(1)
    assert (await api.get(f"/api/calls/{call}/history", "op09"))[1] == {"earlier": []}
    for who, status in (("op10", 404), ("supervisor", 403), ("quality", 403)):
        assert (await api.get(f"/api/calls/{call}/history", who))[0] == status
    assert (await api.get("/api/calls/17.9/history", "op09"))[0] == 404


async def test_what_may_be_asked_is_told(api: Api) -> None:
    me = (await api.get("/api/me", "op09"))[1]
    assert {"ready", "transfer", "disposition", "alarm", "seat"} <= set(me["may"])
    assert "softphone" not in me["may"]
    assert "force" not in me["may"]
    assert me["dispositions"][0]["name"]["ja"]
    assert me["timezone"] == "Asia/Tokyo"
    entry = me["targets"]["directory"]["tax-office"]
    assert entry["open"] in (True, False)
    assert entry["until_s"] > 0
