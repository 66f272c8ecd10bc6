"""The operator's panel in a real browser, over a real server; only the switch is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page

from acd.core.commands_talk import RingParty
from acd.core.events import AlertKind, AlertRaised, DispositionRecorded
from acd.core.ids import CallId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentPaused,
    AgentReadied,
    Caller,
    CallerHungUp,
    CallerKind,
    OfferAnswered,
)
from acd.core.inputs_floor import ModeRequested
from acd.core.plan import Mode
from agents.state import AgentState, NotReadyReason
from sim.load.ports import free_ports
from tests.fakes.tcp_proxy import Line, TcpProxy
from tests.web.client import Api
from tests.web.people_kit import PASSWORD, add
from tests.web.screen_kit import (
    ME,
    LiveCentre,
    new_context,
    panel,
    pictures,
    ring,
    state_is,
    watch,
    words_at_hand,
)
from web.roles import Role


class Seen:
    """Remembers what the engine decided."""

    def __init__(self) -> None:
        self.events: list[object] = []

    def publish(self, seq: int, at_s: float, events: Sequence[object]) -> None:
        self.events += events

    def of(self, kind: type) -> list[object]:
        return [each for each in self.events if isinstance(each, kind)]


@pytest.fixture
def seen(centre: LiveCentre) -> Seen:
    made = Seen()
    centre.sinks.append(made)
    return made


def talk(centre: LiveCentre, caller: Caller | None = None) -> CallId:
    """Operator and caller talk."""
    centre.do(AgentLoggedIn(ME))
    centre.do(AgentReadied(ME))
    call = ring(centre, caller=caller)
    centre.connect(call)
    return call


async def until(page: Page, true: str, within_s: float = 20.0) -> None:
    """Wait until an expression is true in the page."""
    await page.wait_for_function(f"() => {true}", timeout=within_s * 1_000)


@pytest.mark.requirement("M30", "M4", "M9")
async def test_a_whole_call_by_keyboard_alone(
    api: Api, centre: LiveCentre, browser: Browser, seen: Seen
) -> None:
    page = await signed_in_by_keyboard(api, browser)
    wrong, keys = watch(page), page.keyboard
    await keys.press("F2")
    await state_is(page, "not_ready")
    await keys.press("F2")
    await state_is(page, "ready")
    call = ring(centre)
    await state_is(page, "ringing")
    assert await page.inner_text(".caller") == "090-1234-5678"
    assert "1 → 2" in await page.inner_text(".facts")
    assert "レベル9" in await page.inner_text(".facts")
    centre.connect(call)
    await state_is(page, "talking")
    await talked_by_keyboard(page, centre)
    await keys.press("Escape")
    await keys.press("Escape")
    centre.do(CallerHungUp(call))
    await state_is(page, "wrap_up")
    await keys.press("s")
    await until(page, "document.querySelector('.after header').innerText.includes('保存済み')")
    await keys.press("F2")
    await state_is(page, "not_ready")
    assert centre.engine.agents[ME].reason is NotReadyReason.LUNCH

    (mark,) = seen.of(DispositionRecorded)
    assert (mark.code, mark.note, mark.call) == (  # type: ignore[attr-defined]
        "guided",
        "転入届について",
        call,
    )
    (alarm,) = seen.of(AlertRaised)
    assert alarm.kind is AlertKind.HARASSMENT  # type: ignore[attr-defined]
    assert wrong == []


async def signed_in_by_keyboard(api: Api, browser: Browser) -> Page:
    await add(api, "kobayashi", Role.OPERATOR, ME)
    context = await new_context(browser)
    page = await context.new_page()
    keys = page.keyboard
    await page.goto(api.base + "/")
    await page.wait_for_selector("input[name=user]:focus")
    await keys.type("kobayashi")
    await keys.press("Tab")
    await keys.type(PASSWORD)
    await keys.press("Enter")
    await page.wait_for_selector(".topbar")
    assert urlsplit(page.url).path == "/panel"
    return page


async def talked_by_keyboard(page: Page, centre: LiveCentre) -> None:
    """All that can be done in a talk: what comes next, hold, ask, class, note, alarm."""
    keys = page.keyboard
    await keys.press("F3")
    await page.wait_for_selector("dialog")
    await keys.press("2")
    await page.wait_for_selector(".my-state .next >> text=昼休み")
    await keys.press("h")
    await state_is(page, "hold")
    await keys.press("h")
    await state_is(page, "talking")
    await keys.press("/")
    await keys.type("やくそく")
    await page.wait_for_selector(".directory .empty")
    await keys.press("Control+a")
    await keys.type("やかん")
    await page.wait_for_selector(".targets .target >> text=夜間")
    await keys.press("Enter")
    await page.wait_for_selector(".party")
    party = next(c for c in reversed(centre.commands) if isinstance(c, RingParty)).party
    centre.do(OfferAnswered(party))
    await page.wait_for_selector(".party .main")
    await keys.press("b")
    await state_is(page, "talking")
    await keys.press("Alt+2")
    await keys.press("n")
    await keys.type("転入届について")
    await keys.press("Escape")
    await keys.press("F9")
    await keys.press("F9")
    await page.wait_for_selector(".toast")


async def test_who_signs_out_takes_no_calls_any_more(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await panel(browser, api)
    call = talk(centre)
    await state_is(page, "talking")
    await page.keyboard.press(",")
    await page.click("dialog >> text=サインアウト")
    await page.wait_for_selector(".toast")
    assert centre.engine.agents[ME].state is AgentState.TALKING
    centre.do(CallerHungUp(call))
    await state_is(page, "wrap_up")
    await page.click("dialog >> text=サインアウト")
    await page.wait_for_url("**/sign-in")
    assert centre.engine.agents[ME].state is AgentState.LOGGED_OUT
    await page.goto(api.base + "/panel")
    await page.wait_for_url("**/sign-in?to=/panel")


async def test_what_is_written_is_never_lost(
    api: Api, centre: LiveCentre, browser: Browser, seen: Seen
) -> None:
    page = await panel(browser, api)
    call = talk(centre)
    await state_is(page, "talking")
    await page.fill("#note", "途中の")
    await page.focus("#note")
    await page.keyboard.press("End")
    # Neither a frame, nor Esc, nor a second call of somebody else takes words or focus away.
    ring(centre, 2)
    await page.wait_for_timeout(400)
    await page.keyboard.type("メモ h 3")
    await page.keyboard.press("Escape")
    assert await page.input_value("#note") == "途中のメモ h 3"
    assert centre.engine.agents[ME].state is AgentState.TALKING
    await page.keyboard.press("Alt+1")
    centre.do(CallerHungUp(call))
    await state_is(page, "wrap_up")
    centre.do(AgentPaused(ME, NotReadyReason.BREAK))
    await state_is(page, "not_ready")
    for _ in range(40):
        if seen.of(DispositionRecorded):
            break
        await asyncio.sleep(0.05)
    (mark,) = seen.of(DispositionRecorded)
    assert mark.note == "途中のメモ h 3"  # type: ignore[attr-defined]


async def test_what_nobody_classed_stays_until_somebody_does(
    api: Api, centre: LiveCentre, browser: Browser, seen: Seen
) -> None:
    page = await panel(browser, api)
    call = talk(centre)
    await state_is(page, "talking")
    await page.keyboard.press("n")
    await page.keyboard.type("折り返す約束")
    await page.keyboard.press("Escape")
    await page.keyboard.press("F3")
    await page.keyboard.press("1")
    await page.wait_for_selector(".my-state .next")
    centre.do(CallerHungUp(call))
    await page.wait_for_selector(".wrap-up >> text=時間になると「離席」になります")
    await page.keyboard.press("F2")
    await state_is(page, "not_ready")
    await page.wait_for_selector(".after >> text=前の電話の記録")
    assert await page.input_value("#note") == "折り返す約束"
    await pictures(page, "panel-16-not-classed")
    await page.keyboard.press("Alt+4")
    await page.keyboard.press("s")
    await page.wait_for_selector(".after", state="detached")
    (mark,) = seen.of(DispositionRecorded)
    assert (mark.call, mark.code, mark.note) == (  # type: ignore[attr-defined]
        call,
        "call-back",
        "折り返す約束",
    )


@pytest.mark.requirement("M25", "M7")
async def test_a_hostile_number_is_text(api: Api, centre: LiveCentre, browser: Browser) -> None:
    page = await panel(browser, api)
    number = "<img src=x onerror=document.title='x'>"
    talk(centre, Caller(CallerKind.NUMBER, number))
    await state_is(page, "talking")
    assert await page.inner_text(".caller") == number
    assert await page.locator(".call img").count() == 0
    assert page.wrong == []  # type: ignore[attr-defined]


@pytest.mark.requirement("M7")
@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (CallerKind.WITHHELD, "非通知"),
        (CallerKind.PAYPHONE, "公衆電話"),
        (CallerKind.UNAVAILABLE, "表示圏外"),
    ],
)
async def test_who_gives_no_number_is_named_by_why(
    api: Api, centre: LiveCentre, browser: Browser, kind: CallerKind, shown: str
) -> None:
    page = await panel(browser, api)
    talk(centre, Caller(kind))
    await state_is(page, "talking")
    assert await page.inner_text(".caller") == shown


async def test_a_pop_is_on_the_screen_with_the_ring(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await panel(browser, api)
    await page.evaluate(
        "addEventListener('madoguchi:pop', (event) => window.popped = event.detail)"
    )
    centre.do(AgentLoggedIn(ME))
    centre.do(AgentReadied(ME))
    await state_is(page, "ready")
    call = ring(centre)
    await until(page, f"window.popped?.call === '{call}'")


async def test_of_two_tabs_one_is_at_work(api: Api, centre: LiveCentre, browser: Browser) -> None:
    first = await panel(browser, api)
    second = await first.context.new_page()
    await second.goto(api.base + "/panel")
    await second.wait_for_selector(".elsewhere")
    assert await first.locator(".topbar").count() == 1
    await second.keyboard.press("Enter")
    await second.wait_for_selector(".topbar")
    await first.wait_for_selector(".elsewhere")
    # The one at work is loaded again: it is still the one.
    await second.reload()
    await second.wait_for_selector(".topbar")
    assert await first.locator(".elsewhere").count() == 1


async def test_a_silent_cut_is_noticed_and_the_page_is_right_again(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    (port,) = free_ports(1)
    proxy = TcpProxy(urlsplit(api.base).port or 0)
    await proxy.listen(port)
    through, direct = f"http://127.0.0.1:{port}", api.base
    try:
        api.base = through
        page = await panel(browser, api)
        await state_is(page, "logged_out")
        centre.do(ModeRequested(Mode.DISASTER, False, "typhoon", "supervisor:1"))
        await page.wait_for_selector(".notice.alarm")
        await words_at_hand(page)
        proxy.cut(Line.SILENT)
        await page.wait_for_selector(".notice.warning", timeout=20_000)
        await pictures(page, "panel-14-cut-in-a-disaster")
        assert await page.evaluate("document.querySelector('.topbar').offsetHeight") < 80
        # What happened meanwhile is not seen; what was seen is still there, with its age.
        centre.do(AgentLoggedIn(ME))
        assert await page.locator(".my-state .state-logged_out").count() == 1
        proxy.mend()
        await state_is(page, "not_ready")
        await until(page, "!document.querySelector('.notice.warning')")
    finally:
        api.base = direct
        proxy.close()


async def test_the_first_load_is_small(api: Api, browser: Browser) -> None:
    context = await new_context(browser)
    await add(api, "kobayashi", Role.OPERATOR, ME)
    page = await context.new_page()
    await context.request.post(
        api.base + "/api/session",
        data={"user": "kobayashi", "password": PASSWORD},
        headers={"Origin": api.base},
    )
    sizes: list[int] = []
    page.on("requestfinished", lambda request: asyncio.ensure_future(size(request)))

    async def size(request: object) -> None:
        sizes.append(sum((await request.sizes()).values()))  # type: ignore[attr-defined]

    await page.goto(api.base + "/panel")
    await page.wait_for_selector(".topbar")
    await page.wait_for_timeout(300)
    assert 10_000 < sum(sizes) <= 300_000
