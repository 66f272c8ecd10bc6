"""Alarms on the floor in a real browser: they stand out until a supervisor has looked."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from acd.core.ids import AgentId
from acd.core.inputs import HelpRequested
from tests.web.client import Api
from tests.web.floor_kit import floor, press, talk
from tests.web.screen_kit import LiveCentre, barriers, pictures


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
    # One about a target brings its own words: figure, target, since when.
    said = (
        "センター全体の今日の応答率Aは88.0%で、仕様書の目標(90%以上)に届いていません"
        "(50件中44件、8:51から)。"
    )
    api.server.live.alarm("target_answer_rate", "", (said, "Today in the whole centre: …"))
    await expect(page.locator(".alarm-line").first).to_contain_text(said)
    await pictures(page, "floor-alarm")
    assert await barriers(page) == []
    await press(page, "a")
    await expect(page.locator(".alarm-line")).to_have_count(1)
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
    await pictures(other, "floor-alarm-seen")
