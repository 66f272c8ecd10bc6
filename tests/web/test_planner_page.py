"""The planner's page in a browser: sliders, the answer that follows them, a study, its report."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, FileChooser, Page, expect

from sim.page.studies import PageStudies
from sim.scenario_file.new import commented
from sim.scenario_file.read import read_study
from tests.web import screen_kit
from tests.web.client import Api
from tests.web.grown import broken, lengthen
from tests.web.people_kit import sign_in
from tests.web.screen_kit import (
    DOCKED,
    WIDE,
    barriers,
    each_language,
    new_context,
    overflows,
    picture,
    watch,
)
from web.roles import Role

ANSWER_MS = 20_000


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
    await page.locator(".plots .plot:visible").first.wait_for(timeout=ANSWER_MS)
    return page


async def narrow(page: Page, name: str) -> None:
    """Look at it in a narrow window, and go back to the wide one."""
    await page.set_viewport_size({"width": DOCKED[0], "height": DOCKED[1]})
    await whole(page, f"{name}-narrow")
    assert not await overflows(page)
    assert await small_words(page) == []
    assert await barriers(page) == []
    await page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


async def small_words(page: Page) -> list[str]:
    """Words of the plots that are too small to read, or outside of what is shown of them."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll(".drawing text")].filter((e) => {
          if (!e.checkVisibility()) return false;
          const holder = e.closest(".drawing").getBoundingClientRect();
          const { left, right, height } = e.getBoundingClientRect();
          return height < 10 || left < holder.left - 1 || right > holder.right + 1;
        }).map((e) => e.textContent)"""
    )
    return found


async def both(page: Page, name: str) -> None:
    """Keep what the page looks like at first, in both languages."""
    async for lang in each_language(page):
        await looked(page, name, lang)


async def looked(page: Page, name: str, lang: str) -> None:
    """Keep it in this language, all that the server says included."""
    await retold(page, lang)
    assert not await overflows(page), f"{name} in {lang}"
    await picture(page, f"{name}-{lang}")


async def whole(page: Page, name: str) -> None:
    """Keep what the page looks like at first, and all of it, in both languages."""
    async for lang in each_language(page):
        await looked(page, name, lang)
        path = screen_kit.PICTURES / f"{name}-whole-{lang}.png"
        await page.screenshot(path=path, full_page=True, animations="disabled")


async def retold(page: Page, lang: str) -> None:
    """Wait until what the server says is said in this language too."""
    kana = re.compile("[ぁ-ん]") if lang == "ja" else re.compile("^[^ぁ-ん]+$")
    await expect(page.locator(".lead")).to_have_text(kana, timeout=ANSWER_MS)


@pytest.mark.requirement("M14", "M30")
async def test_the_answer_follows_the_sliders_and_a_study_gives_a_report(
    browser: Browser, api: Api
) -> None:
    page = await opened(browser, api)
    lead = page.locator(".lead")
    await expect(lead).to_contain_text("16席なら、応答率は98.8 %")
    await expect(page.locator(".plots figure")).to_have_count(5)
    await whole(page, "planner-light-wide")
    assert await barriers(page) == []
    await narrow(page, "planner-light")
    # By keyboard alone: one seat less, as the slider's own arrow key does it.
    await page.get_by_label("席", exact=True).focus()
    await page.keyboard.press("ArrowLeft")
    await expect(lead).to_contain_text("15席なら", timeout=ANSWER_MS)
    await page.get_by_label("席 (席)").fill("12")
    await page.keyboard.press("Tab")
    await expect(lead).to_contain_text("12席なら", timeout=ANSWER_MS)
    await page.locator("h1").click()
    await page.get_by_label("日数").select_option("50")
    await page.keyboard.press("s")
    await expect(page.locator(".running")).to_be_visible()
    await both(page, "planner-running")
    await expect(lead).to_contain_text("±", timeout=60_000)
    await expect(page.locator(".lead-card")).to_contain_text("シミュレーションの結果")
    await whole(page, "planner-simulated")
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
    await whole(page, "planner-dark-wide")
    assert await barriers(page) == []
    await narrow(page, "planner-dark")
    await page.get_by_label("Days").select_option("400")
    await page.locator("h1").click()
    await page.keyboard.press("s")
    await expect(page.locator("progress")).to_be_visible()
    await page.keyboard.press("x")
    await expect(page.locator(".study")).to_contain_text("The study was given up.")


@pytest.mark.requirement("M14")
async def test_a_file_of_ones_own_is_opened_compared_and_saved(
    browser: Browser, api: Api, tmp_path: Path
) -> None:
    page = await opened(browser, api)
    # Asked for in time: a chooser that opens before the browser is told to ask us is nobody's.
    choosers = asyncio.Queue[FileChooser]()
    page.on("filechooser", choosers.put_nowait)
    mine = tmp_path / "mine.toml"
    mine.write_text(commented("ja").replace("threshold =", "threshhold ="), "utf-8")
    await page.locator("h1").click()
    await page.keyboard.press("o")
    await (await asyncio.wait_for(choosers.get(), 20.0)).set_files(mine)
    faults = page.locator(".faults")
    await expect(faults).to_contain_text("mine.toml に直すところが1か所あります", timeout=ANSWER_MS)
    await expect(faults).to_contain_text("「threshold」ではありませんか")
    await both(page, "planner-own-wrong")
    assert await barriers(page) == []
    mine.write_text(commented("ja"), "utf-8")
    await page.locator(".own input[type=file]").set_input_files(mine)
    await expect(page.get_by_label("もとにする一日")).to_have_value("own", timeout=ANSWER_MS)
    await expect(faults).to_have_count(0)
    lead = page.locator(".lead")
    await expect(lead).to_contain_text("16席なら", timeout=ANSWER_MS)
    await page.get_by_label("調べること").select_option("compare")
    begin = page.get_by_role("button", name="シミュレーションする")
    await expect(begin).to_be_disabled()
    await page.locator("h1").click()
    await page.keyboard.press("k")
    await page.get_by_label("席 (席)").fill("13")
    await page.keyboard.press("Tab")
    await expect(page.locator(".changed")).to_contain_text("席: 16 → 13")
    await page.get_by_label("日数").select_option("50")
    await narrow(page, "planner-compare")
    await begin.click()
    await expect(lead).to_contain_text("席数 16席 → 13席: 応答率は", timeout=60_000)
    await expect(page.locator(".plots figure h2").first).to_contain_text("変更前")
    await whole(page, "planner-compared")
    assert await barriers(page) == []
    await narrow(page, "planner-compared")
    await page.locator("h1").click()
    async with page.expect_download() as coming:
        await page.keyboard.press("t")
    saved = tmp_path / "saved.toml"
    await (await coming.value).save_as(saved)
    assert max(read_study(saved).scenario.groups[0].agents) == 13
    for kind in ("sweep", "staff", "shifts"):
        await page.get_by_label("調べること").select_option(kind)
        await narrow(page, f"planner-{kind}")
    mine.write_text('name = "x"\nintervall = "1h"\n', "utf-8")
    await page.locator(".study input[type=file]").set_input_files(mine)
    await expect(faults).to_contain_text("「interval」ではありませんか", timeout=ANSWER_MS)
    assert await barriers(page) == []
    assert page.wrong == []  # type: ignore[attr-defined]


@pytest.mark.requirement("M14")
async def test_a_file_with_a_menu_is_played_by_the_products_own_engine(
    browser: Browser, api: Api, tmp_path: Path
) -> None:
    page = await opened(browser, api)
    mine = tmp_path / "mine.toml"
    quiet = commented("ja").replace("per_day = 1190", "per_day = 200")
    mine.write_text(f'{quiet}\n[menu]\nlength = "25s"\n[ringing]\nlength = "4s"', "utf-8")
    await page.locator(".own input[type=file]").set_input_files(mine)
    card, lead = page.locator(".lead-card"), page.locator(".lead")
    await expect(card).to_contain_text("この公式の計算に入っていません", timeout=ANSWER_MS)
    await page.get_by_label("日数").select_option("50")
    begin = page.get_by_role("button", name="シミュレーションする")
    await begin.click()
    await expect(lead).to_contain_text("±", timeout=120_000)
    await expect(card).not_to_contain_text("この公式の計算に入っていません")
    await whole(page, "planner-own-engine")
    await page.get_by_label("調べること").select_option("staff")
    await begin.click()
    await expect(page.locator(".study [role=alert]")).to_contain_text("[menu] と [ringing] を外し")
    assert await barriers(page) == []
    await narrow(page, "planner-own-engine-refused")


@pytest.mark.requirement("S14")
@pytest.mark.requirement("S7")
async def test_a_roster_is_drawn_with_its_breaks(browser: Browser, api: Api) -> None:
    page = await opened(browser, api, lang="en", theme="dark")
    await page.locator("select").first.select_option("city-b")
    await page.get_by_label("What to find out").select_option("shifts")
    await page.get_by_label("Days").select_option("50")
    await page.get_by_role("button", name="Simulate").click()
    titles = page.locator(".plots figure h2")
    await expect(titles.first).to_have_text(
        "Seats needed and people at the screen", timeout=120_000
    )
    await expect(titles.nth(1)).to_have_text("A day's duties and breaks")
    colours = (
        await page.locator(".plots .plot:visible")
        .nth(1)
        .evaluate(
            """(e) => {
          const fills = [...e.querySelectorAll("rect")].map((each) => getComputedStyle(each).fill);
          return [...new Set(fills)];
        }"""
        )
    )
    assert len(colours) == 3
    assert "rgb(0, 0, 0)" not in colours, "a colour that the page's style does not know"
    await whole(page, "planner-roster")
    assert await barriers(page) == []
    await narrow(page, "planner-roster")


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
        await page.locator(".plots .plot:visible").first.wait_for(timeout=ANSWER_MS)
        await picture(page, f"grown-planner-{size[0]}")
        assert await broken(page) == []
        await context.close()
