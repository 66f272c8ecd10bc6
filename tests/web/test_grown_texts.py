"""Every screen with texts 40 % longer: wide, docked, and at 200 % zoom; without barriers there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from acd.app.reports import Reports
from acd.core.ids import AgentId
from acd.core.inputs import AgentLoggedIn
from acd.ports_people import OperationEntry, OperationKind
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.floor_kit import at_work, choose, press
from tests.web.grown import GROWTH, broken, grown, lengthen
from tests.web.people_kit import PASSWORD, SECRET, add, sign_in
from tests.web.reports_kit import busy_day
from tests.web.screen_kit import (
    DOCKED,
    WIDE,
    LiveCentre,
    barriers,
    chromium,
    new_context,
    picture,
    ring,
    state_is,
    watch,
)
from tests.web.tapes import Tapes

#: 1280 x 720 at 200 % zoom is this many CSS pixels.
ZOOMED = (640, 360)
SIZES = {"wide": WIDE, "docked": DOCKED, "zoomed": ZOOMED}
ALL_ROLES = "operator supervisor quality administrator auditor"


@pytest.fixture
async def tapes(tmp_path: Path, centre: LiveCentre) -> AsyncIterator[Tapes]:
    made = Tapes(tmp_path, centre)
    centre.sinks.append(made.recorder)
    yield made
    await made.vault.close()


@pytest.fixture
def reports(tmp_path: Path) -> Reports:
    return busy_day(tmp_path)


@dataclass
class Eye:
    """Looks at a page in one size, and keeps what does not fit."""

    page: Page
    api: Api
    size: str
    wrong: list[str] = field(default_factory=list)

    async def go(self, path: str, until: str) -> None:
        """Open a page and wait for a part of it."""
        await self.page.goto(self.api.base + path)
        await self.page.wait_for_selector(until, state="attached", timeout=20_000)

    async def at(self, what: str, *, closely: bool = False) -> None:
        """Look now; closely: for barriers as well, where the docked size was never looked at."""
        await picture(self.page, f"grown-{what}-{self.size}")
        self.wrong += [f"{what}: {each}" for each in await broken(self.page)]
        if closely and self.size == "docked":
            self.wrong += [f"{what}: {each}" for each in await barriers(self.page)]


async def begun(browser: Browser, api: Api, size: str) -> Eye:
    """Somebody who may open every screen, in a browser with grown texts."""
    context = await new_context(browser, SIZES[size], "en")
    await lengthen(context)
    headers = await sign_in(api, "abe", ALL_ROLES, "op09")
    name, _, value = headers["Cookie"].partition("=")
    await context.add_cookies([{"name": name, "value": value, "url": api.base}])
    page = await context.new_page()
    watch(page)
    return Eye(page, api, size)


def test_texts_grow_by_as_much_as_is_said() -> None:
    assert grown("Sign in, {name}!") == "SSiign iinn, {name}!!"
    text = "Everybody may sign in again"
    assert len(grown(text)) >= len(text) * (1 + GROWTH) - len(text.split())


async def panel(eye: Eye, centre: LiveCentre) -> None:
    page = eye.page
    await eye.go("/panel", ".topbar")
    await eye.at("panel-logged-out", closely=True)
    await page.keyboard.press("F2")
    await state_is(page, "not_ready")
    await page.keyboard.press("F2")
    await state_is(page, "ready")
    call = ring(centre)
    await page.wait_for_selector(".call.is-ringing")
    await eye.at("panel-ringing")
    centre.connect(call)
    await page.wait_for_selector(".call.is-talking")
    await eye.at("panel-talking", closely=True)
    await press(page, ",")
    await page.wait_for_selector("dialog")
    await eye.at("panel-settings")


async def floor(eye: Eye, centre: LiveCentre) -> None:
    at_work(centre, "op10", "op11")
    centre.do(AgentLoggedIn(AgentId("op02")))
    waiting = centre.call(40)
    await eye.go("/floor", ".waiting-line, [data-row]")
    await choose(eye.page, "agent:op10")
    await eye.at("floor-operator")
    await choose(eye.page, f"call:{waiting}")
    await eye.at("floor-call", closely=True)
    await press(eye.page, "F8")
    await eye.page.wait_for_selector("dialog")
    await eye.at("floor-mode")


async def records(eye: Eye, log: KnownOperations, tapes: Tapes) -> None:
    log.entries.append(OperationEntry(1, OperationKind.RECORDING_PLAYED, "ito", "quality", "r1"))
    await tapes.store(3)
    await eye.go("/operations", "tbody tr")
    await eye.at("operations", closely=True)
    await eye.go("/recordings", "select[name=reason] option:nth-child(2)")
    await eye.page.select_option("select[name=reason]", index=1)
    await press(eye.page, "Enter")
    await eye.page.get_by_role("search").get_by_role("button").click()
    await eye.page.locator(".row-button").first.click()
    await eye.page.wait_for_selector("aside.player")
    await eye.at("recordings", closely=True)


async def people(eye: Eye, api: Api) -> None:
    page = eye.page
    await add(api, "eve", "operator quality", "op02", totp=SECRET)
    await eye.go("/people", ".person-line")
    await eye.at("people")
    await page.locator('[data-row="eve"]').click()
    await eye.at("people-person")
    await press(page, "e")
    await page.wait_for_selector("dialog form")
    await eye.at("people-edit")
    await press(page, "Escape", "p")
    await page.wait_for_selector("dialog .stop")
    await eye.at("people-sure")
    await press(page, "y")
    await page.wait_for_selector("dialog input[readonly]")
    await eye.at("people-link")
    await eye.go("/start", ".start .card")
    await eye.at("start")
    await eye.go("/account", ".rules")
    await eye.at("account")
    await page.locator("section.card .button", has_text="uup").last.click()
    await page.locator("input[name=password]").fill(PASSWORD)
    await press(page, "Enter")
    await page.wait_for_selector(".qr")
    await eye.at("account-factor")
    await page.context.clear_cookies()
    await eye.go("/sign-in", "input[name=user]")
    await eye.at("sign-in")


async def figures(eye: Eye) -> None:
    await eye.go("/wallboard", ".tile")
    await eye.at("wallboard", closely=True)
    await eye.go("/reports", ".paper article")
    await eye.at("reports", closely=True)


@pytest.mark.requirement("S14", "M30")
@pytest.mark.parametrize("size", SIZES)
async def test_nothing_is_cut_or_sticks_out_when_every_text_grows(
    api: Api, centre: LiveCentre, log: KnownOperations, tapes: Tapes, size: str
) -> None:
    async with chromium() as browser:
        eye = await begun(browser, api, size)
        await panel(eye, centre)
        await floor(eye, centre)
        await records(eye, log, tapes)
        await figures(eye)
        await people(eye, api)
        eye.wrong += eye.page.wrong  # type: ignore[attr-defined]
    assert eye.wrong == [], "\n".join(eye.wrong)
