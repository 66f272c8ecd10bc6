"""What was said already follows the language that somebody changes to read it."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.web.client import Api
from tests.web.floor_kit import press
from tests.web.people_kit import add
from tests.web.screen_kit import each_language, open_as, pictures
from web.roles import Role

pytestmark = pytest.mark.requirement("M30")

#: What passes by in five seconds stays: a busy machine may take longer to look at it twice.
PASSES_LATER = """() => {
  const soon = window.setTimeout;
  window.setTimeout = (work, ms, ...more) => soon(work, ms === 5000 ? 600000 : ms, ...more);
}"""


async def opened(browser: Browser, api: Api, path: str, **looks: str) -> Page:
    """A page as an administrator sees it, who has somebody to look after."""
    await add(api, "ito", Role.OPERATOR, "op02")
    await api.server.entrance.people.change("ito", disabled=True)
    return await open_as(browser, api, "root", Role.ADMINISTRATOR, path, **looks)  # type: ignore[arg-type]


async def says(page: Page, shown: Locator, ja: str, en: str) -> None:
    """The message, in whatever language the page is changed to."""
    await expect(shown).to_contain_text(ja)
    async for lang in each_language(page):
        await expect(shown).to_contain_text({"ja": ja, "en": en}[lang])


async def test_what_passes_by_and_what_stays(api: Api, browser: Browser) -> None:
    page = await opened(browser, api, "/people")
    await page.locator('[data-row="ito"]').click()
    await page.wait_for_selector(".facts")
    await page.route("**/api/people/ito/enable", lambda route: route.abort())
    await press(page, "b")
    trouble = page.locator(".toast.error")
    await says(page, trouble, "サーバーに届きません", "cannot be reached")
    await page.unroute("**/api/people/ito/enable")
    await page.evaluate(PASSES_LATER)
    await press(page, "b")
    said = page.locator(".toast.info")
    await says(page, said, "またサインインできます", "may sign in again")
    await pictures(page, "people-7-said")


async def test_what_went_wrong_in_the_form_of_people(api: Api, browser: Browser) -> None:
    page = await opened(browser, api, "/people")
    await page.wait_for_selector(".person-line")
    await press(page, "n")
    form = page.locator("dialog form")
    await form.locator("input").nth(0).fill("伊藤")
    await form.locator("input").nth(1).fill("ito")
    await form.get_by_role("button").last.click()
    await says(page, form.locator(".trouble"), "役割を1つ以上", "at least one role")
    await form.get_by_role("checkbox").nth(1).check()
    await form.get_by_role("button").last.click()
    await says(page, form.locator(".trouble"), "すでに", "There is a person with this user name")


async def test_what_went_wrong_with_the_own_password(api: Api, browser: Browser) -> None:
    page = await opened(browser, api, "/account")
    await page.locator("input[name=old]").fill("not my password")
    await page.locator("input[name=new]").fill("quite another long sentence")
    await page.locator("form .button.main").click()
    await says(page, page.locator(".trouble"), "パスワード", "password")
