"""Calls to the outside from the operator's panel: made, refused, and counted."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from acd.core.commands_talk import DialOut
from acd.core.inputs import AgentLoggedIn, CallConnected, LegEnded, OfferAnswered
from tests.web.client import Api
from tests.web.screen_kit import ME, LiveCentre, barriers, panel, pictures, state_is


@pytest.mark.requirement("M9", "M30")
async def test_an_outside_call_by_keyboard(api: Api, centre: LiveCentre, browser: Browser) -> None:
    page = await panel(browser, api)
    centre.do(AgentLoggedIn(ME))
    await state_is(page, "not_ready")
    await page.keyboard.press("d")
    # As a Japanese input method writes it.
    await page.keyboard.insert_text("０４６６−５０ー１２３４")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".call >> text=受話器")
    assert await page.inner_text(".caller") == "0466-50-1234"
    dial = next(c for c in reversed(centre.commands) if isinstance(c, DialOut)).offer
    centre.do(OfferAnswered(dial))
    await page.wait_for_selector(".call >> text=相手を呼び出しています")
    await pictures(page, "panel-15-outside-call")
    centre.do(CallConnected(dial))
    await state_is(page, "talking")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    centre.do(LegEnded(dial))
    await page.wait_for_selector(".topbar:not(:has(.state-talking))")
    await page.keyboard.press("d")
    await page.keyboard.type("0120 000 000")
    await page.keyboard.press("Enter")
    # Within the dialog, which would cover it and keep it out of reach.
    await page.wait_for_selector("dialog .toast.error")
    assert await page.input_value("dialog input") == "0120 000 000"
    assert page.wrong == []  # type: ignore[attr-defined]


@pytest.mark.requirement("M9", "M30")
async def test_the_days_limit_is_said_before_and_when_it_is_reached(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await panel(browser, api)
    centre.do(AgentLoggedIn(ME))
    await state_is(page, "not_ready")
    limit = centre.plan.talk.outbound.per_agent
    await page.keyboard.press("d")
    await page.wait_for_selector("dialog")
    assert "回" not in await page.inner_text("#dial-help"), "far from the limit"
    await page.keyboard.press("Escape")
    count = centre.engine.state.outbound
    count.until_s, count.agents[ME] = centre.now + 3_600, limit - 1
    await page.keyboard.press("d")
    await page.wait_for_selector("#dial-help >> text=今日はあと1回です")
    await page.keyboard.press("Escape")
    count.agents[ME] = limit
    await page.keyboard.press("d")
    await page.wait_for_selector("#dial-help >> text=もう残っていません")
    await page.keyboard.type("0466501234")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("dialog .toast.error >> text=今日の発信回数の上限に達しました")
    assert await barriers(page) == []
    await pictures(page, "panel-17-limit-of-outside-calls")
    # By keyboard: the message can be put away without leaving the dialog.
    for _ in range(6):
        await page.keyboard.press("Tab")
        if await page.evaluate("!!document.activeElement.closest('.toast')"):
            break
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".toast", state="detached")
    assert await page.input_value("dialog input") == "0466501234"
    assert page.wrong == []  # type: ignore[attr-defined]
