"""Alarms on the floor in a real browser: they stand out until a supervisor has looked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from acd.core.ids import AgentId
from acd.core.inputs import HelpRequested
from acd.core.plan import Plan
from tests.web.client import Api
from tests.web.floor_kit import floor, press, talk
from tests.web.screen_kit import LiveCentre, barriers, chromium, picture


@pytest.fixture
async def centre(plan: Plan) -> AsyncIterator[LiveCentre]:
    made = LiveCentre(plan)
    living = asyncio.create_task(made.live())
    yield made
    living.cancel()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.mark.requirement("S12")
async def test_an_alarm_stands_out_until_it_was_seen(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    talk(centre)
    page = await floor(browser, api)
    centre.do(HelpRequested(AgentId("op09")))
    alarm = page.locator(".alarm-line.urgent")
    await expect(alarm).to_contain_text("小林さんが助けを求めています")
    await press(page, "k")
    await expect(page.locator("#details-title")).to_have_text("小林")
    await picture(page, "floor-alarm-ja-light")
    assert await barriers(page) == []
    await press(page, "a")
    await expect(alarm).to_have_count(0)
    await page.reload()
    await page.wait_for_selector(".alarms")
    assert await alarm.count() == 0
    await expect(page.locator(".alarms .more")).to_contain_text("小林さんが助けを求めています")
    centre.do(HelpRequested(AgentId("op09")))
    await expect(alarm).to_have_count(1)
    # Seen by whoever leads: the other screens follow.
    other = await floor(browser, api)
    await press(page, "a")
    await expect(other.locator(".alarms .more")).to_contain_text("確認")
    await expect(other.locator(".alarm-line.urgent")).to_have_count(0)
    await picture(other, "floor-alarm-seen-ja-light")
