"""Names as Japanese readers look for them: found in any kana, in the order of their readings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, Page

from acd.core.plan import DirectoryEntry, Plan
from tests.web.client import Api
from tests.web.floor_kit import at_work, floor
from tests.web.screen_kit import (
    DOCKED,
    WIDE,
    LiveCentre,
    barriers,
    panel,
    picture,
    pictures,
)

#: Departments in an order of nobody's, and as they shall stand: か before が, ば after は, the
#: long mark as the vowel before it; who has no reading comes last.
WRITTEN = (
    ("sports", "スポーツ推進課", "すぽーつすいしんか"),
    ("welfare", "福祉総務課", "ふくしそうむか"),
    ("unread", "議会事務局", ""),
    ("school", "学校教育企画課", "がっこうきょういくきかくか"),
    ("nursing", "介護保険課", "かいごほけんか"),
    ("art", "アートスペース", "あーとすぺーす"),
    ("environment", "環境総務課", "かんきょうそうむか"),
    ("children", "子育て給付課", "こそだてきゅうふか"),
)
IN_ORDER = ["art", "nursing", "school", "environment", "children", "sports", "welfare", "unread"]


@pytest.fixture
async def centre(plan: Plan) -> AsyncIterator[LiveCentre]:
    entries = (
        DirectoryEntry(key, name, f"{key} division", f"PJSIP/{key}", "", reading)
        for key, name, reading in WRITTEN
    )
    # The plan's own order is not that of the names.
    agents = tuple(reversed(plan.agents))
    made = LiveCentre(replace(plan, directory=tuple(entries), agents=agents))
    living = asyncio.create_task(made.live())
    yield made
    living.cancel()


async def names(page: Page, where: str) -> list[str]:
    found: list[str] = await page.locator(where).all_inner_texts()
    return found


async def typed(page: Page, field: str, text: str, shown: str, where: str) -> None:
    await page.fill(field, text)
    await page.wait_for_function(
        "([where, shown]) => document.querySelector(where)?.textContent.includes(shown)",
        arg=[where, shown],
        timeout=20_000,
    )


@pytest.mark.requirement("M9", "M30")
async def test_departments_are_found_in_any_kana_and_stand_in_order(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await panel(browser, api)
    where = ".targets .target .strong"
    by_id = {key: name for key, name, _ in WRITTEN}
    assert (await names(page, where))[: len(WRITTEN)] == [by_id[key] for key in IN_ORDER]
    await picture(page, "panel-directory-in-order-ja")
    field = "#directory-search"
    for text in ("がっこう", "ガッコウ", "ｶﾞｯｺｳ", "学校", "school"):
        await typed(page, field, text, "学校教育企画課", f"{where}")
        assert await names(page, where) == ["学校教育企画課"], text
    # Who begins so comes before who has it somewhere.
    await typed(page, field, "ふ", "福祉総務課", where)
    assert (await names(page, where))[:2] == ["福祉総務課", "子育て給付課"]
    # Our own lines by theirs, what parts its words left out.
    await typed(page, field, "じゅうみんひょうこせき", "住民票・戸籍", where)


async def test_in_english_they_stand_by_their_english_names(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await panel(browser, api, lang="en")
    shown = (await names(page, ".targets .target .strong"))[: len(WRITTEN)]
    assert shown == sorted(f"{key} division" for key, _, _ in WRITTEN)
    await picture(page, "panel-directory-in-order-en")
    await page.fill("#directory-search", "ｶｲｺﾞ")
    await page.wait_for_selector(".targets .target:only-child")
    assert await names(page, ".targets .target .strong") == ["nursing division"]


@pytest.mark.requirement("M30")
async def test_the_floor_lists_operators_in_order_and_finds_them(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    at_work(centre, "op12", "op03", "op07", "op01")
    page = await floor(browser, api)
    where = '[data-row^="agent:"]'
    assert (await names(page, where))[:4] == ["青木", "上田", "木村", "鈴木"]
    await page.keyboard.press("/")
    for text in ("うえ", "ｳｴ", "上田", "op03"):
        await typed(page, "#people-search", text, "上田", where)
        assert await names(page, where) == ["上田"], text
    for width, height in (DOCKED, WIDE):
        await page.set_viewport_size({"width": width, "height": height})
        await pictures(page, f"floor-found-{width}")
    assert await barriers(page) == []
    # Who is at home is found as well; the figures above stay those of everybody.
    await typed(page, "#people-search", "シミズ", "清水", where)
    await page.fill("#people-search", "だれも")
    await page.wait_for_selector(".card .empty")
    await typed(page, "#people-search", "きむ", "木村", where)
    await page.keyboard.press("Enter")
    await page.wait_for_function(
        "() => document.activeElement.dataset.row === 'agent:op07'", timeout=20_000
    )
