"""A colleague in the operator's panel: found in the directory, asked, and asking."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from acd.core.commands_talk import RingParty
from acd.core.ids import AgentId, OfferId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentReadied,
    CallConnected,
    CallerHungUp,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
)
from acd.core.inputs_talk import ConsultCompleted, ConsultRequested
from acd.core.plan import Target, TargetKind
from agents.state import AgentState
from tests.fakes.centre import NUMBER
from tests.web.client import Api
from tests.web.screen_kit import (
    ME,
    LiveCentre,
    barriers,
    overflows,
    panel,
    picture,
    pictures,
    ring,
    state_is,
    watch,
)

OTHER = AgentId("op10")


def at_work(centre: LiveCentre, *agents: AgentId) -> None:
    for agent in agents:
        centre.do(AgentLoggedIn(agent))
        centre.do(AgentReadied(agent))


def rung(centre: LiveCentre) -> OfferId:
    return [each for each in centre.commands if isinstance(each, RingParty)][-1].party


async def until(page: Page, true: str) -> None:
    await page.wait_for_function(f"() => {true}", timeout=20_000)


@pytest.mark.requirement("M9", "M30")
async def test_a_colleague_is_found_and_asked_by_keyboard(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await panel(browser, api)
    at_work(centre, ME)
    centre.connect(ring(centre))
    at_work(centre, OTHER)
    await state_is(page, "talking")
    name = next(each.name for each in centre.plan.agents if each.id == OTHER)
    await page.keyboard.press("/")
    await page.keyboard.type(name)
    await page.wait_for_selector(".targets .target .state-ready")
    await pictures(page, "panel-colleague-found")
    await page.keyboard.press("Enter")
    await state_is(page, "hold")
    await until(page, f"document.querySelector('.parties')?.textContent.includes('{name}')")
    centre.do(OfferAnswered(rung(centre)))
    await until(page, "document.querySelector('.parties .main')")
    await pictures(page, "panel-colleague-asked")
    await page.keyboard.press("B")
    await state_is(page, "talking")
    # Nobody comes: the caller is there again, and the page says so and why.
    await page.keyboard.press("/")
    await page.keyboard.type(name)
    # As soon as the colleague is free again, and therefore to be asked.
    await page.wait_for_selector(".ways button >> text=相談して取り次ぐ")
    await page.keyboard.press("Enter")
    await state_is(page, "hold")
    centre.do(OfferFailed(rung(centre), OfferFailure.NO_ANSWER))
    await state_is(page, "talking")
    await page.wait_for_selector(f".missed >> text={name}さんは出ませんでした")
    await page.wait_for_selector(".missed >> text=お客様との通話に戻りました")
    await pictures(page, "panel-colleague-not-reached")
    assert await barriers(page) == []
    assert watch(page) == []


async def test_a_colleague_who_talks_is_shown_and_not_to_be_rung(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await panel(browser, api)
    at_work(centre, OTHER)
    centre.connect(ring(centre))
    at_work(centre, ME)
    centre.connect(ring(centre, 2))
    await state_is(page, "talking")
    name = next(each.name for each in centre.plan.agents if each.id == OTHER)
    await page.keyboard.press("/")
    await page.keyboard.type(name)
    await page.wait_for_selector(".targets .target .state-talking")
    assert f"{name}さんは通話中です" in await page.inner_text(".ways")
    assert await page.locator(".ways button").count() == 0
    await page.keyboard.press("Enter")
    await pictures(page, "panel-colleague-occupied")
    # As soon as the colleague is to be had, so are the ways there.
    centre.do(CallerHungUp(next(iter(centre.engine.calls))))
    centre.do(AgentReadied(OTHER))
    await page.wait_for_selector(".ways button")
    assert centre.engine.agents[ME].state is AgentState.TALKING, "the key did nothing"
    assert page.wrong == []  # type: ignore[attr-defined]


@pytest.mark.requirement("M9", "M30")
@pytest.mark.parametrize(("lang", "theme"), [("ja", "light"), ("en", "dark")])
async def test_who_is_asked_sees_who_asks_and_about_whom(
    api: Api, centre: LiveCentre, browser: Browser, lang: str, theme: str
) -> None:
    page = await panel(browser, api, lang=lang, theme=theme)
    at_work(centre, OTHER)
    centre.connect(ring(centre))
    at_work(centre, ME)
    centre.do(ConsultRequested(OTHER, Target(TargetKind.QUEUE, "general")))
    await state_is(page, "ringing")
    asker = next(each.name for each in centre.plan.agents if each.id == OTHER)
    await until(page, f"document.querySelector('.card.call .caller')?.textContent == '{asker}'")
    assert NUMBER[-4:] in await page.inner_text(".card.call")
    assert await barriers(page) == []
    assert not await overflows(page)
    await picture(page, f"panel-{lang}-asked-{theme}")
    centre.do(OfferAnswered(rung(centre)))
    await state_is(page, "talking")
    centre.do(ConsultCompleted(OTHER))
    centre.do(CallConnected(rung(centre)))
    # Now it is the own call, with all that can be done with one.
    await until(page, "document.querySelectorAll('.call-buttons button').length > 3")
    assert NUMBER[-4:] in await page.inner_text(".card.call .caller")
    assert watch(page) == []
