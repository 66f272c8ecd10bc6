"""Every screen and state in pictures (build/screens), without barriers and without side-scrolling.

Somebody looks at the pictures; what a machine can see, axe-core looks for here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Page

from acd.core.commands_talk import RingParty
from acd.core.events import CallOutcome
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.inputs import Caller, CallerHungUp, CallerKind, OfferAnswered
from acd.ports_screens import EarlierCall
from tests.web.client import Api
from tests.web.screen_kit import (
    DOCKED,
    WIDE,
    LiveCentre,
    barriers,
    chromium,
    new_context,
    overflows,
    panel,
    picture,
    ring,
    state_is,
    watch,
)


class Remembered:
    """A CallHistory with two calls in it, one of them with words that would be markup."""

    async def of_number(self, number: str, but: CallId, limit: int) -> list[EarlierCall]:
        at_ms = 1_793_000_000_000
        tax, general = QueueId("tax"), QueueId("general")
        return [
            EarlierCall(
                CallId("1.1"), at_ms, tax, CallOutcome.ANSWERED, AgentId("op02"), 182_000,
                "guided", "固定資産税の納期について。<b>折り返し不要</b>",
            ),
            EarlierCall(
                CallId("1.2"), at_ms - 10**9, general, CallOutcome.ABANDONED, AgentId(""), 0,
                "", "",
            ),
        ]  # fmt: skip


@dataclass
class Look:
    """One way to look at the screens, and what was wrong on the way."""

    page: Page
    name: str
    wrong: list[str] = field(default_factory=list)

    async def at(self, state: str) -> None:
        """Keep a picture of a state, and look for what would stop somebody."""
        await picture(self.page, f"{state}-{self.name}")
        # Contrast and names do not change with the width: looking takes half a second each time.
        if self.name.endswith("wide"):
            self.wrong += [f"{state}: {each}" for each in await barriers(self.page)]
        if await overflows(self.page):
            self.wrong.append(f"{state}: wider than the window")
        self.wrong += getattr(self.page, "wrong", [])


LOOKS: dict[str, dict[str, Any]] = {
    "ja-light-wide": {"lang": "ja", "theme": "light", "size": WIDE},
    "ja-dark-docked": {"lang": "ja", "theme": "dark", "size": DOCKED},
    "en-light-docked": {"lang": "en", "theme": "light", "size": DOCKED},
    "en-dark-wide": {"lang": "en", "theme": "dark", "size": WIDE},
    # 1280 x 720 at 200 % zoom is this many CSS pixels.
    "en-light-zoomed": {"lang": "en", "theme": "light", "size": (640, 360)},
}


@pytest.mark.requirement("S14", "M30", "M25")
@pytest.mark.parametrize("name", LOOKS)
async def test_the_panel_in_every_state(api: Api, centre: LiveCentre, name: str) -> None:
    object.__setattr__(api.server.live._wiring, "history", Remembered())
    async with chromium() as browser:
        page = await panel(browser, api, **LOOKS[name])
        look = Look(page, name)
        await look.at("panel-1-logged-out")
        await page.keyboard.press("F2")
        await state_is(page, "not_ready")
        await look.at("panel-2-not-ready")
        await page.keyboard.press("F2")
        await state_is(page, "ready")
        await look.at("panel-3-ready")
        await page.keyboard.press("F3")
        await page.wait_for_selector("dialog")
        await look.at("panel-4-away")
        await page.keyboard.press("Escape")
        call = ring(centre)
        ring(centre, 2, Caller(CallerKind.WITHHELD), "tax")
        await page.wait_for_selector(".call.is-ringing .history li")
        await look.at("panel-5-ringing")
        centre.connect(call)
        await page.wait_for_selector(".call.is-talking")
        await look.at("panel-6-talking")
        await page.keyboard.press("t")
        await page.keyboard.type("夜間" if name.startswith("ja") else "night")
        await look.at("panel-7-transfer")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".party")
        party = next(c for c in reversed(centre.commands) if isinstance(c, RingParty)).party
        centre.do(OfferAnswered(party))
        await page.wait_for_selector(".party .main")
        await look.at("panel-8-consult")
        await page.keyboard.press("3")
        await page.wait_for_selector(".party:not(:has(.main))")
        await look.at("panel-9-three")
        centre.do(CallerHungUp(call))
        await page.wait_for_selector(".wrap-up")
        await look.at("panel-10-wrap-up")
        await page.keyboard.press("?")
        await page.wait_for_selector(".key-list")
        await look.at("panel-11-keys")
    assert look.wrong == []


@pytest.mark.requirement("S14")
async def test_the_sign_in_page(api: Api) -> None:
    wrong: list[str] = []
    async with chromium() as browser:
        for name, how in LOOKS.items():
            context = await new_context(browser, **how)
            page = await context.new_page()
            watch(page)
            await page.goto(api.base + "/sign-in")
            await page.wait_for_selector("input[name=user]")
            look = Look(page, name, wrong)
            await look.at("sign-in-1")
            await page.keyboard.type("nobody")
            await page.keyboard.press("Tab")
            await page.keyboard.type("wrong")
            await page.keyboard.press("Enter")
            await page.wait_for_selector("#trouble:not(:empty)")
            await look.at("sign-in-2-refused")
            await context.close()
    assert wrong == []
