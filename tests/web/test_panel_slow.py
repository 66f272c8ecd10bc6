"""The operator's panel when answers come late, or at first not at all."""

from __future__ import annotations

from playwright.async_api import Browser, Route

from acd.core.inputs import AgentLoggedIn, AgentReadied, CallerHungUp
from tests.web.client import Api
from tests.web.screen_kit import ME, LiveCentre, panel, ring, state_is


async def test_a_page_that_begins_while_the_server_is_slow_begins_all_the_same(
    api: Api, browser: Browser
) -> None:
    page = await panel(browser, api)
    for path in ("**/static/locale/ja.json", "**/api/session", "**/api/me"):
        await page.route(path, lambda route: route.fulfill(status=503, json={}), times=1)
    await page.reload()
    await page.wait_for_selector(".topbar", state="detached")
    await page.wait_for_selector(".topbar")
    assert page.wrong == []  # type: ignore[attr-defined]


async def test_an_answer_that_comes_late_does_not_bring_the_old_state_back(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await panel(browser, api)
    centre.do(AgentLoggedIn(ME))
    centre.do(AgentReadied(ME))
    call = ring(centre)
    centre.connect(call)
    await state_is(page, "talking")

    async def overtaken(route: Route) -> None:
        answer = await route.fetch()
        centre.do(CallerHungUp(call))
        await state_is(page, "wrap_up")
        await route.fulfill(response=answer)

    await page.route("**/api/agents/op09/reserve", overtaken)
    async with page.expect_response("**/api/agents/op09/reserve") as told:
        await page.keyboard.press("F3")
        await page.keyboard.press("2")
    assert (await (await told.value).json())["state"] == "talking"
    await page.wait_for_timeout(100)
    assert await page.locator(".my-state .state-wrap_up.chip").count() == 1
