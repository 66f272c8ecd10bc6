"""The planner's page in a browser: sliders, the answer that follows them, a study, its report."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from acd.config.settings import ApiSettings
from sim.page.studies import PageStudies
from tests.web import screen_kit
from tests.web.client import Api
from tests.web.grown import broken, lengthen
from tests.web.people_kit import sign_in
from tests.web.screen_kit import DOCKED, WIDE, barriers, new_context, overflows, picture, watch
from web.roles import Role

ANSWER_MS = 20_000


@pytest.fixture
def limits() -> ApiSettings:
    return ApiSettings()


@pytest.fixture
async def studies() -> AsyncIterator[PageStudies]:
    made = PageStudies()
    yield made
    await made.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with screen_kit.chromium() as running:
        yield running


async def opened(browser: Browser, api: Api, **looks: object) -> Page:
    page = await screen_kit.open_as(
        browser, api, "yamada", Role.PLANNER, "/planner", **looks,  # type: ignore[arg-type]
    )  # fmt: skip
    await page.locator(".plots .plot").first.wait_for(timeout=ANSWER_MS)
    return page


async def narrow(page: Page, name: str) -> None:
    """Look at it in a narrow window, and go back to the wide one."""
    await page.set_viewport_size({"width": DOCKED[0], "height": DOCKED[1]})
    await whole(page, f"{name}-narrow")
    assert not await overflows(page)
    assert await barriers(page) == []
    await page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


async def whole(page: Page, name: str) -> None:
    """Keep what the page looks like at first, and all of it."""
    await picture(page, name)
    path = screen_kit.PICTURES / f"{name}-whole.png"
    await page.screenshot(path=path, full_page=True, animations="disabled")


@pytest.mark.requirement("M14", "M30")
async def test_the_answer_follows_the_sliders_and_a_study_gives_a_report(
    browser: Browser, api: Api
) -> None:
    page = await opened(browser, api)
    lead = page.locator(".lead")
    await expect(lead).to_contain_text("16席なら、応答率は98.8 %")
    await expect(page.locator(".plots figure")).to_have_count(5)
    await whole(page, "planner-ja-light-wide")
    assert await barriers(page) == []
    await narrow(page, "planner-ja-light")
    # By keyboard alone: one seat less, as the slider's own arrow key does it.
    await page.get_by_label("席", exact=True).focus()
    await page.keyboard.press("ArrowLeft")
    await expect(lead).to_contain_text("15席なら", timeout=ANSWER_MS)
    await page.get_by_label("席 (席)").fill("12")
    await page.keyboard.press("Tab")
    await expect(lead).to_contain_text("12席なら", timeout=ANSWER_MS)
    await page.locator("h1").click()
    await page.locator("select").nth(1).select_option("50")
    await page.keyboard.press("s")
    await expect(page.locator(".running")).to_be_visible()
    await picture(page, "planner-ja-running")
    await expect(lead).to_contain_text("±", timeout=60_000)
    await expect(page.locator(".lead-card")).to_contain_text("シミュレーションの結果")
    await whole(page, "planner-ja-simulated")
    assert await barriers(page) == []
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="報告書を保存").click()
    assert (await coming.value).suggested_filename == "study.html"
    await page.get_by_label("もとにする一日").select_option("")
    await expect(lead).to_contain_text("応答率は95.7 %", timeout=ANSWER_MS)
    await expect(page.locator(".plots figure")).to_have_count(3)
    assert page.wrong == []  # type: ignore[attr-defined]


async def test_a_study_is_given_up_by_a_key(browser: Browser, api: Api) -> None:
    page = await opened(browser, api, lang="en", theme="dark")
    await whole(page, "planner-en-dark-wide")
    assert await barriers(page) == []
    await narrow(page, "planner-en-dark")
    await page.locator("select").nth(1).select_option("400")
    await page.locator("h1").click()
    await page.keyboard.press("s")
    await expect(page.locator("progress")).to_be_visible()
    await page.keyboard.press("x")
    await expect(page.locator(".study")).to_contain_text("The study was given up.")


@pytest.mark.requirement("S14")
async def test_nothing_is_cut_when_every_text_grows(browser: Browser, api: Api) -> None:
    for size in (DOCKED, (640, 360)):
        context = await new_context(browser, size, "en")
        await lengthen(context)
        headers = await sign_in(api, "abe", Role.PLANNER)
        name, _, value = headers["Cookie"].partition("=")
        await context.add_cookies([{"name": name, "value": value, "url": api.base}])
        page = await context.new_page()
        watch(page)
        await page.goto(api.base + "/planner")
        await page.locator(".plots .plot").first.wait_for(timeout=ANSWER_MS)
        await picture(page, f"grown-planner-{size[0]}")
        assert await broken(page) == []
        await context.close()
