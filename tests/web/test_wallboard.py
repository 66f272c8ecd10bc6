"""The wallboard's stream, layouts and links, and what anybody may know."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.core.ids import AgentId
from acd.core.inputs import AgentLoggedIn, AgentReadied, CallerHungUp
from acd.ports_people import OperationKind
from metrics.availability import ServiceState, Stretch
from tests.fakes.centre import NUMBER, Centre
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.wallboard_kit import KnownPast, figures_of, finished, today_of
from web import sockets
from web import wallboard as live
from web.answer import json_text
from web.wallboard_public import Busy, PublicBusy, busy_now, step_of
from web.wallboard_screens import TileKind, WallScreens
from web.wallboard_wiring import Wallboard

LIVE = "/api/wallboard/live"


class Board:
    """What a display does: the snapshot, then the sections that changed, numbered."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket, self.state, self.next = socket, {}, 0  # type: ignore[var-annotated]
        self.text = ""

    async def take(self) -> dict[str, Any]:
        text = await self.socket.receive_str(timeout=20.0)
        self.text += text
        frame: dict[str, Any] = json.loads(text)
        assert frame.pop("n") == self.next
        self.next += 1
        kind = frame.pop("type")
        self.state = frame["state"] if kind == "snapshot" else {**self.state, **frame}
        return frame

    async def until(self, *path: str, value: object) -> None:
        while True:
            found: Any = self.state
            for key in path:
                found = found.get(key) if isinstance(found, dict) else None
            if found == value:
                return
            await self.take()


async def board(api: Api, who: str = "supervisor", screen: str = "main") -> Board:
    socket = await api.session.ws_connect(
        f"{api.base}{LIVE}?screen={screen}", headers=api.headers(who)
    )
    opened = Board(socket)
    await opened.take()
    return opened


async def linked(api: Api, token: str) -> aiohttp.ClientWebSocketResponse:
    """As a display does it: its token is the first frame."""
    socket = await api.session.ws_connect(f"{api.base}{LIVE}?link=1")
    await socket.send_json({"token": token})
    return socket


@pytest.fixture
def wallboard(centre: Centre, tmp_path: Path) -> Wallboard:
    (tmp_path / "state").mkdir()
    figures = figures_of(centre, KnownPast())
    return Wallboard(
        WallScreens(tmp_path / "state"), figures, channels={"carrier": 30}, public=True
    )


@pytest.fixture
async def counting(wallboard: Wallboard) -> Any:
    assert wallboard.figures is not None
    running = asyncio.create_task(wallboard.figures.run())
    yield
    running.cancel()


@pytest.mark.requirement("M13")
async def test_a_display_follows_what_happens(api: Api, centre: Centre, counting: None) -> None:
    found = await board(api)
    assert found.state["waiting"] == {"count": 0, "since_s": None, "queues": {}}
    first = centre.call(1, "tax")
    centre.call(2, "tax")
    await found.until("waiting", "queues", "tax", "waiting", value=2)
    since_s = found.state["waiting"]["queues"]["tax"]["since_s"]
    assert since_s == found.state["waiting"]["since_s"]
    assert since_s == pytest.approx(centre.engine.calls[first].visit_from_s, abs=0.11)
    centre.do(AgentLoggedIn(AgentId("op01")))
    centre.do(AgentReadied(AgentId("op01")))
    await found.until("operators", "ringing", value=1)
    centre.do(CallerHungUp(first))
    await found.until("lines", "in_progress", value=1)
    assert NUMBER not in found.text
    assert "op01" not in found.text


async def test_a_finished_call_is_in_the_figures_of_the_day(
    api: Api, centre: Centre, wallboard: Wallboard, counting: None
) -> None:
    found = await board(api)
    await found.until("figures", "counts", "answered", value=0)
    assert [rate["value"] for rate in found.state["figures"]["rates"]] == [None] * 4
    assert wallboard.figures is not None
    day = today_of(centre)
    wallboard.figures.take(finished(1, day.from_ms + 3_600_000, 30_000, answered=True))
    await found.until("figures", "counts", "answered", value=1)
    rate, level, beside, gave_up = found.state["figures"]["rates"]
    assert (rate["key"], rate["value"], rate["met"], rate["kept"]) == (
        "answer_rate_a",
        1,
        True,
        True,
    )
    assert (level["key"], level["value"], level["threshold_s"]) == ("sl_offered_20s", 0, 20)
    assert (level["contract"], level["promise"], level["met"]) == (0.8, 0.9, False)
    assert beside["key"] == "sl_excl_early_abandons_20s"
    assert (gave_up["value"], gave_up["at_least"]) == (0, False)
    assert all(each["formula"]["ja"] and each["formula"]["en"] for each in (rate, level, gave_up))


@pytest.mark.requirement("M11")
async def test_a_display_and_prometheus_say_how_much_of_the_service_was_kept(
    api: Api, centre: Centre, wallboard: Wallboard, counting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SERVICE_EVERY_S", 0.01)
    figures = wallboard.figures
    assert figures is not None
    found = await board(api)
    await found.until("service", "whole", value=0)
    assert found.state["service"]["value"] is None
    centre.now = 1_795_143_600.0  # a Friday
    day = today_of(centre)
    nine, ten = day.from_ms + 9 * 3_600_000, day.from_ms + 10 * 3_600_000
    centre.now = ten / 1000
    figures.service_seen(Stretch(nine, nine + 1_800_000, "a", ServiceState.NO_CARRIER))
    figures.service_seen(Stretch(nine + 1_800_000, ten, "a", ServiceState.IN_SERVICE))
    await found.until("service", "value", value=0.5)
    shown = found.state["service"]
    assert (shown["contract"], shown["promise"], shown["met"]) == (0.999, 0.9995, False)
    assert shown["worst"]["from_s"] == nine / 1000
    async with api.session.get(api.base + "/metrics", headers=api.headers("monitor")) as answer:
        scraped = await answer.text()
    # What alert rules of Prometheus hold it against stands beside it; there were no calls today.
    for line in (
        "madoguchi_availability_ratio 0.5",
        "madoguchi_service_today_seconds 3600.0",
        'madoguchi_target_ratio{column="contract",figure="availability"} 0.999',
        'madoguchi_target_ratio{column="promise",figure="answer_rate"} 0.95',
        'madoguchi_today_calls{figure="answer_rate"} 0.0',
        'madoguchi_target_ratio{column="contract",figure="service_level"} 0.8',
        'madoguchi_target_ratio{column="contract",figure="service_level",queue="switchboard"} 0.8',
        'madoguchi_today_calls{figure="service_level",queue="switchboard"} 0.0',
    ):
        assert f"\n{line}\n" in scraped
    assert "madoguchi_today_ratio{" not in scraped


async def test_who_looks_does_not_matter_and_who_does_not_read_is_dropped(
    api: Api, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.WallboardLive, "flush_every_s", 0.002)
    monkeypatch.setattr(live, "LIFE_EVERY_S", 0.0)
    monkeypatch.setattr(sockets, "WRITE_WITHIN_S", 0.3)
    slow, quick = await board(api), await board(api, "auditor")
    assert slow.socket._reader is not None
    slow.socket._reader._protocol.pause_reading()
    monkeypatch.setattr(live, "json_text", lambda data: json_text(data) + " " * 50_000)
    async with asyncio.timeout(20):
        while api.server.wallboard.connections > 1:
            await quick.take()
    await quick.take()
    again = await board(api)
    assert again.next == 1


@pytest.mark.parametrize(
    "who", ["op09", "quality", "planner", "city_staff", "auditor", "wallboard"]
)
async def test_people_and_displays_may_look(api: Api, who: str) -> None:
    found = await board(api, who)
    assert found.state["centre"]["queues"]
    assert found.state["centre"]["channels"] == {"carrier": 30}
    await found.socket.close()


async def test_a_display_may_look_and_nothing_else(api: Api) -> None:
    for path in ("/api/state", "/api/me", "/api/wallboard/links", "/api/wallboard/screens"):
        status, _ = await api.get(path, "wallboard")
        assert status == 403, path
    async with api.session.ws_connect(f"{api.base}/api/live") as socket:
        await socket.send_json({"token": api.tokens["wallboard"]})
        await socket.receive(timeout=20.0)
        assert socket.close_code == 4401
    assert (await api.get(LIVE, "monitor"))[0] == 403


async def test_a_link_is_made_shown_once_and_refused_at_once_when_revoked(
    api: Api, log: KnownOperations
) -> None:
    status, made = await api.post("/api/wallboard/links", "supervisor", {"label": "hall"})
    assert status == 200
    page, _, token = made["path"].partition("#link=")
    assert page == "/wallboard"
    display = await linked(api, token)
    assert json.loads(await display.receive_str(timeout=20.0))["type"] == "snapshot"
    _, listed = await api.get("/api/wallboard/links", "admin")
    (link,) = [each for each in listed["links"] if each["label"] == "hall"]
    assert token not in json.dumps(listed)
    assert token.rpartition("_")[2] not in (api.store._path).read_text()
    url = f"{api.base}/api/wallboard/links/{link['id']}"
    async with api.session.delete(url, headers=api.headers("supervisor")) as answer:
        assert answer.status == 200
    async with asyncio.timeout(20.0):
        while (await display.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    assert display.close_code == 4401
    again = await linked(api, token)
    await again.receive(timeout=20.0)
    assert again.close_code == 4401
    async with api.session.delete(url, headers=api.headers("supervisor")) as answer:
        assert answer.status == 404
    kinds = [entry.kind for entry in log.entries]
    assert OperationKind.WALLBOARD_LINK_MADE in kinds
    assert OperationKind.WALLBOARD_LINK_REVOKED in kinds


async def test_only_links_are_revoked_there(api: Api) -> None:
    entry = next(each for each in api.store.entries() if each.role.value == "auditor")
    url = f"{api.base}/api/wallboard/links/{entry.id}"
    async with api.session.delete(url, headers=api.headers("supervisor")) as answer:
        assert answer.status == 404


async def test_a_layout_is_kept_and_displays_follow_it(api: Api, tmp_path: Path) -> None:
    hall, other = await board(api, screen="hall"), await board(api)
    layout = {
        "name": "1階",
        "tiles": [{"kind": "operators", "size": "whole"}, {"kind": "curve", "size": "half"}],
        "news": "14時から会議",
        "alarm_s": 60,
    }
    status, _ = await api.post("/api/wallboard/screens/hall", "supervisor", layout)
    assert status == 200
    await hall.until("layout", "news", value="14時から会議")
    assert hall.state["layout"] == {"id": "hall", **layout}
    assert len(other.state["layout"]["tiles"]) > 2
    kept = tmp_path / "state" / "wallboard.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = WallScreens(tmp_path / "state").of("hall")
    assert [tile.kind for tile in again.tiles] == [TileKind.OPERATORS, TileKind.CURVE]
    _, known = await api.get("/api/wallboard/screens", "planner")
    assert set(known["screens"]) == {"main", "hall"}
    for wrong in (
        {**layout, "tiles": []},
        {**layout, "tiles": [{"kind": "names", "size": "half"}]},
        {**layout, "alarm_s": 1},
        {**layout, "news": "x" * 201},
    ):
        assert (await api.post("/api/wallboard/screens/hall", "supervisor", wrong))[0] == 400
    assert (await api.post("/api/wallboard/screens/hall", "op09", layout))[0] == 403
    url = f"{api.base}/api/wallboard/screens/hall"
    async with api.session.delete(url, headers=api.headers("admin")) as answer:
        assert answer.status == 200
    await hall.until("layout", "news", value="")


# -- for anybody -----------------------------------------------------------------------------


@pytest.mark.requirement("S13")
async def test_anybody_may_know_how_busy_it_is_and_no_more(api: Api, centre: Centre) -> None:
    async with api.session.get(
        f"{api.base}/api/public/busy", headers={"Origin": "https://city.example"}
    ) as answer:
        told = await answer.json()
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "public, max-age=20"
    assert set(told) == {"level", "wait_within_min", "text"}
    for lang in ("ja", "en"):
        url = f"{api.base}/api/public/busy.svg?lang={lang}"
        async with api.session.get(url) as answer:
            text = await answer.text()
            assert answer.headers["Content-Type"].startswith("image/svg+xml")
            assert told["text"][lang] in text
            assert "script" not in text
    # The same is told for a while, whatever happens.
    for number in range(5):
        centre.call(number)
    assert (await api.get("/api/public/busy"))[1] == told


@pytest.mark.requirement("S13")
async def test_who_asks_too_often_waits(api: Api) -> None:
    statuses = [(await api.get("/api/public/busy"))[0] for _ in range(30)]
    assert statuses[0] == 200
    assert statuses[-1] == 429


async def test_it_is_off_unless_the_centre_says_so(api: Api, wallboard: Wallboard) -> None:
    object.__setattr__(wallboard, "public", False)
    assert (await api.get("/api/public/busy"))[0] == 404
    assert (await api.get("/api/public/busy.svg"))[0] == 404


def test_it_gets_busier_with_those_who_wait(centre: Centre) -> None:
    centre.now = 1_795_143_600.0  # noon of a Friday in Tokyo
    assert busy_now(centre.engine, centre.now).level is Busy.BUSY
    centre.do(AgentLoggedIn(AgentId("op01")))
    centre.do(AgentReadied(AgentId("op01")))
    assert busy_now(centre.engine, centre.now).level is Busy.FREE
    centre.call(1, "switchboard")
    assert busy_now(centre.engine, centre.now).level is Busy.BUSY
    assert busy_now(centre.engine, centre.now + 200).level is Busy.VERY_BUSY
    assert busy_now(centre.engine, centre.now + 10 * 3_600).level is Busy.CLOSED


def test_waits_are_told_in_steps_and_addresses_are_forgotten() -> None:
    assert [step_of(s) for s in (0, 60, 61, 400, 10_000)] == [1, 1, 2, 10, 30]
    busy = PublicBusy()
    assert not any(busy.too_often(f"10.0.{n // 250}.{n % 250}") for n in range(10_100))
    assert len(busy._credit) == 10_000
