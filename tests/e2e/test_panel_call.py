"""A call on the operator's panel by keyboard alone: real Asterisk, real chromium, real sound."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.e2e.browser_kit import (
    CALLER_HZ,
    HEARD,
    OPERATOR_HZ,
    SILENCE,
    Caller,
    Office,
    running_office,
    until,
)
from tests.web.screen_kit import pictures, state_is, watch


async def page_hears(page: Page) -> float:
    heard: float = await page.evaluate(f"hearing.level({CALLER_HZ})")
    return heard


def caller_hears(caller: Caller) -> float:
    return caller.hears(OPERATOR_HZ)


async def both_hear(page: Page, caller: Caller) -> None:
    async def hear() -> bool:
        return await page_hears(page) > HEARD and caller_hears(caller) > HEARD

    async def story() -> object:
        return await page_hears(page), caller_hears(caller)

    await until(hear, story=story)


async def dies_and_comes_back(office: Office, page: Page, caller: Caller) -> None:
    """The controller is killed in the talk: the page says so, the talk goes on, and it is right
    again when the controller is back."""
    await office.kit.kill_controller()
    await page.wait_for_selector(".notice.warning", timeout=20_000)
    assert await page.locator(".my-state .state-talking").count() == 1
    await both_hear(page, caller)
    await office.kit.start_controller()
    await page.wait_for_selector(".notice.warning", state="detached", timeout=20_000)
    await state_is(page, "talking")
    assert await page.inner_text(".caller") == "0466-12-3456"
    await both_hear(page, caller)


@pytest.mark.requirement("M1", "M4", "M30")
@pytest.mark.timeout(120)
async def test_a_call_on_the_panel_by_keyboard_alone() -> None:
    folder = Path(tempfile.mkdtemp(prefix="mdg-panel-"))
    try:
        async with running_office(folder, {"op01": "tax = 5"}, ring_s=10.0) as office:
            page = await office.person("op01")
            wrong, keys = watch(page), page.keyboard
            await page.goto("/panel")
            await page.wait_for_selector(".login")
            await keys.press("F2")
            await state_is(page, "not_ready")
            await keys.press("F2")
            await state_is(page, "ready")

            caller = await office.caller()
            await page.wait_for_selector(".call.is-ringing >> text=応答")
            await keys.press("Enter")
            await state_is(page, "talking")
            await both_hear(page, caller)
            await page.wait_for_selector(".figures .dots")
            await pictures(page, "panel-12-browser-telephone")

            await keys.press("m")
            await until(lambda: caller_hears(caller) < SILENCE)
            await keys.press("m")
            await both_hear(page, caller)
            await keys.press("h")
            await state_is(page, "hold")
            await until(lambda: caller_hears(caller) < SILENCE)
            await keys.press("h")
            await state_is(page, "talking")
            await both_hear(page, caller)
            await dies_and_comes_back(office, page, caller)
            await keys.press(",")
            await page.wait_for_selector("dialog select")
            await pictures(page, "panel-13-settings")
            await keys.press("Escape")
            # What is pressed while the dialog closes is still the dialog's.
            await page.wait_for_selector("dialog", state="detached")

            await keys.press("Escape")
            await keys.press("Escape")
            # The queues of this centre have no wrap-up.
            await state_is(page, "ready")
            await until(caller.dialog.over.is_set)
            await keys.press("F3")
            await keys.press("9")
            await state_is(page, "logged_out")
            assert wrong == []
    finally:
        shutil.rmtree(folder, ignore_errors=True)
