"""The banner of a disaster or a drill on every page, as it happens, and quietly."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from acd.app.reports import Reports
from acd.config.settings import ApiSettings
from tests.web.client import Api
from tests.web.floor_kit import until
from tests.web.reports_kit import busy_day
from tests.web.screen_kit import LiveCentre, open_as, overflows, pictures, watch
from web.pages import PAGES

#: Pages with a live state of their own, which brings the banner (their own tests look at it).
OWN = ("/panel", "/floor", "/wallboard")
#: Every other page of somebody who has signed in, and who may open them all.
SCREENS = [each.path for each in PAGES if each.roles is not None and each.path not in OWN]
ROLES = "supervisor administrator auditor planner"


@pytest.fixture
def limits() -> ApiSettings:
    return ApiSettings(max_sockets_per_token=10)


@pytest.fixture
def reports(tmp_path: Path) -> Reports:
    return busy_day(tmp_path)


async def turn(api: Api, mode: str, *, drill: bool = False) -> None:
    body = {"mode": mode, "drill": drill, "reason": "訓練"}
    status, answer = await api.post("/api/mode", "supervisor", body)
    assert status == 200, answer


@pytest.mark.requirement("M27", "M30")
async def test_a_banner_comes_and_goes_on_every_page_and_nothing_is_asked(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    first = await open_as(browser, api, "mori", ROLES, "/account")
    pages = {path: await first.context.new_page() for path in SCREENS}
    await first.close()
    asked: list[str] = []
    for page in pages.values():
        watch(page)
        page.on("websocket", lambda socket: asked.append(socket.url))
    await asyncio.gather(*(page.goto(api.base + path) for path, page in pages.items()))
    await until(lambda: api.server.news.connections == len(SCREENS) == len(asked))
    assert [url.partition("/api")[2] for url in asked] == ["/news"] * len(SCREENS)
    # What a page begins with has come: from here on it has to be told.
    for page in pages.values():
        await page.wait_for_load_state("networkidle")
    asked.clear()
    for page in pages.values():
        page.on("request", lambda request: asked.append(request.url))
    for drill, words in ((True, "【訓練】"), (False, "災害")):
        await turn(api, "disaster", drill=drill)
        for path, page in pages.items():
            await expect(page.locator(".notice").first, path).to_contain_text(words, timeout=20_000)
    for path, page in pages.items():
        assert not await overflows(page), path
    await pictures(pages["/recordings"], "banner-recordings")
    await turn(api, "normal")
    for path, page in pages.items():
        await expect(page.locator(".notice.alarm"), path).to_have_count(0, timeout=20_000)
    assert [url for url in asked if "/api/" in url] == [], "nothing was asked again"


async def test_between_changes_nothing_is_sent_and_a_changed_one_is_told_once(api: Api) -> None:
    headers = api.headers("planner")
    socket = await api.session.ws_connect(api.base + "/api/news", headers=headers)
    frame = await socket.receive_json(timeout=20)
    assert (frame["type"], frame["n"], frame["state"]["banner"]) == ("snapshot", 0, None)
    await turn(api, "disaster")
    frame = await socket.receive_json(timeout=20)
    assert (frame["type"], frame["n"], frame["banner"]["kind"]) == ("delta", 1, "disaster")
    # Who comes later is in step with who is there.
    later = await api.session.ws_connect(api.base + "/api/news", headers=headers)
    assert (await later.receive_json(timeout=20))["state"]["banner"]["kind"] == "disaster"
    await turn(api, "normal")
    for each, number in ((socket, 2), (later, 1)):
        frame = await each.receive_json(timeout=20)
        assert (frame["n"], frame["banner"]) == (number, None)


async def test_a_page_whose_link_was_cut_is_told_when_it_is_back(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await open_as(browser, api, "mori", "supervisor", "/account")
    await until(lambda: api.server.news.connections == 1)
    for subscriber in list(api.server.news._subscribers):
        subscriber.end()
    await turn(api, "disaster")
    await expect(page.locator(".notice.alarm")).to_have_count(1, timeout=20_000)
