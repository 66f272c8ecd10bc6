"""Getting in with a real browser, by keyboard alone: password, code, a link, and what is said."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from acd.core.plan import Plan
from tests.web.client import Api
from tests.web.people_kit import PASSWORD, SECRET, add
from tests.web.screen_kit import LiveCentre, chromium, new_context, pictures, watch
from web.roles import Role
from web.totp import code_at

#: From window.cutLines() on the page's lines lead nowhere, until window.linesAreBack is true;
#: everything else is as always.
LINES = """
const lines = [];
window.linesAreBack = true;
window.cutLines = () => {
  window.linesAreBack = false;
  lines.forEach((line) => line.close());
};
window.WebSocket = class extends WebSocket {
  constructor(url, ...more) {
    super(window.linesAreBack ? url : new URL("/nowhere", url), ...more);
    lines.push(this);
  }
};
"""


@pytest.fixture
def centre(plan: Plan) -> LiveCentre:
    return LiveCentre(plan)


@pytest.mark.requirement("S9")
@pytest.mark.requirement("M30")
async def test_an_operator_gets_to_the_panel_and_out_again(api: Api, centre: LiveCentre) -> None:
    await add(api, "kobayashi", Role.OPERATOR, "op09", totp=SECRET)
    async with chromium() as browser:
        page = await (await new_context(browser)).new_page()
        wrong = watch(page)
        await page.goto(api.base + "/panel")
        await page.wait_for_selector("input[name=user]")
        await page.keyboard.type("kobayashi")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("input[name=code]")
        await pictures(page, "sign-in-3-code")
        await page.keyboard.type(code_at(SECRET, int(centre.wall_s) // 30))
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".topbar")
        assert page.url == api.base + "/panel"
        cookies = await page.context.cookies()
        assert [each.get("httpOnly") for each in cookies] == [True]
        assert await page.evaluate("() => document.cookie") == ""
        ways_out: list[str] = []
        page.on(
            "request",
            lambda asked: ways_out.append(asked.url) if asked.is_navigation_request() else None,
        )
        await api.server.entrance.people.change("kobayashi", disabled=True)
        await page.wait_for_url("**/sign-in?to=%2Fpanel", timeout=20_000)
    assert len(ways_out) == 1, "each further one would break off the one before"
    assert wrong == []


@pytest.mark.requirement("S9")
async def test_whose_session_ended_while_the_line_was_away_is_led_to_sign_in(api: Api) -> None:
    await add(api, "kobayashi", Role.OPERATOR, "op09")
    async with chromium() as browser:
        page = await (await new_context(browser)).new_page()
        await page.add_init_script(LINES)
        await page.goto(api.base + "/panel")
        await page.wait_for_selector("input[name=user]")
        await page.fill("input[name=user]", "kobayashi")
        await page.fill("input[name=password]", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".topbar")
        await page.evaluate("() => window.cutLines()")
        await api.server.entrance.people.change("kobayashi", disabled=True)
        await page.evaluate("() => { window.linesAreBack = true; }")
        await page.wait_for_url("**/sign-in?to=%2Fpanel", timeout=20_000)


async def test_a_link_leads_a_newcomer_in_once(api: Api) -> None:
    await add(api, "chief", Role.SUPERVISOR)
    link = f"{api.base}/sign-in#link={api.server.entrance.sign_in.link('chief')}"
    async with chromium() as browser:
        page = await (await new_context(browser)).new_page()
        await page.goto(link)
        await page.wait_for_url("**/floor")
        assert "link" not in page.url
        again = await (await new_context(browser, lang="en")).new_page()
        await again.goto(link)
        said = await again.wait_for_selector("#trouble:not(:empty)")
        assert said is not None
        assert "used already" in await said.inner_text()
        await again.goto(f"{api.base}/sign-in?failed=not_added")
        said = await again.wait_for_selector("#trouble:not(:empty)")
        assert said is not None
        assert "ask an administrator" in await said.inner_text()
        # Who cannot read it changes the language, and what went wrong changes with it.
        await again.get_by_role("radio", name="日本語").check()
        await expect(again.locator("#trouble")).to_contain_text("管理者")
        await pictures(again, "sign-in-4-not-added")
