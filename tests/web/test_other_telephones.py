"""The panel with a desk phone and with a telephone in the public network: the same panel, which
says what rings and what to do, and shows nothing that only a browser's telephone can do."""

from __future__ import annotations

import msgspec
import pytest
from playwright.async_api import Browser, Page, expect

from acd.config import load_centre
from acd.core.commands import HangUpLeg
from acd.core.ids import OfferId, SwitchId
from acd.core.inputs import EndedBy, LegEnded
from acd.core.plan import Plan
from agents.state import AgentState
from tests.fakes.centre import CENTRE
from tests.web.client import Api
from tests.web.floor_kit import until
from tests.web.screen_kit import (
    ME,
    LiveCentre,
    barriers,
    panel,
    pictures,
    ring,
    state_is,
)


@pytest.fixture
def plan() -> Plan:
    """The example city, where the operator has a telephone outside too."""
    made = load_centre(CENTRE).plan
    agents = tuple(
        msgspec.structs.replace(each, outside="PJSIP/08055556666@carrier")
        if each.id == ME
        else each
        for each in made.agents
    )
    return msgspec.structs.replace(made, agents=agents)


async def works_by_keyboard(page: Page, centre: LiveCentre, rings: str, name: str) -> None:
    """A call from the ring to the end, without a mouse and without a browser's telephone."""
    await page.keyboard.press("F2")
    await state_is(page, "not_ready")
    await page.keyboard.press("F2")
    await state_is(page, "ready")
    call = ring(centre)
    await state_is(page, "ringing")
    await expect(page.locator(".desk-phone")).to_have_text(rings)
    await expect(page.get_by_role("button", name="応答")).to_have_count(0)
    await pictures(page, f"panel-{name}-ringing")
    assert await barriers(page) == []
    centre.connect(call)
    await state_is(page, "talking")
    await expect(page.get_by_role("button", name="消音")).to_have_count(0)
    await page.keyboard.press("h")
    await state_is(page, "hold")
    await page.keyboard.press("h")
    await state_is(page, "talking")
    await page.keyboard.press(",")
    await expect(page.locator("dialog")).to_be_visible()
    await expect(page.locator("dialog meter")).to_have_count(0)
    await expect(page.locator("dialog select")).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)
    offer = OfferId(centre.engine.agents[ME].offer or "")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await until(lambda: HangUpLeg(offer, SwitchId("a")) in centre.commands)
    # What the switch would say then.
    centre.do(LegEnded(offer, EndedBy.AGENT))
    await state_is(page, "wrap_up")


async def choose_last(page: Page, choice: str) -> None:
    """Pick a telephone for the day with the arrow keys."""
    chosen = page.get_by_role("radio", name=choice)
    await chosen.focus()
    await page.keyboard.press("Space")
    await expect(chosen).to_be_checked()


@pytest.mark.requirement("M30")
async def test_with_a_desk_phone(api: Api, centre: LiveCentre, browser: Browser) -> None:
    page = await panel(browser, api)
    rings = "電話機（op09）が鳴っています。受話器を取ってください。"
    await works_by_keyboard(page, centre, rings, "desk-phone")
    await expect(page.locator(".figures")).to_contain_text("電話機（op09）")
    assert page.wrong == []  # type: ignore[attr-defined]


@pytest.mark.requirement("M30")
async def test_with_a_telephone_in_the_public_network(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await panel(browser, api)
    await choose_last(page, "外の電話（電話に出て、1を押すとつながります）")
    rings = "外の電話が鳴っています。電話に出て、1を押すとつながります。"
    await works_by_keyboard(page, centre, rings, "outside-phone")
    await expect(page.locator(".figures")).to_contain_text("外の電話")
    assert "08055556666" not in await page.content()
    assert centre.engine.agents[ME].state is AgentState.WRAP_UP
    assert centre.engine.agents[ME].device == "out-op09"
