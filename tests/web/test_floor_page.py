"""The supervisor's floor in a real browser, over a real server; only the switch is missing."""

from __future__ import annotations

from itertools import product
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect

from acd.core.ids import AgentId, CallId
from acd.core.inputs import AgentLoggedIn, AgentPaused, CallerHungUp
from acd.core.inputs_floor import SpyMode
from acd.core.plan import Mode
from acd.ports_people import OperationKind
from agents.state import AgentState, NotReadyReason
from sim.load.ports import free_ports
from tests.fakes.people import KnownOperations
from tests.fakes.tcp_proxy import Line, TcpProxy
from tests.web.client import Api
from tests.web.floor_kit import at_work, away, choose, done, floor, press, talk, until
from tests.web.screen_kit import (
    LiveCentre,
    barriers,
    overflows,
    picture,
    pictures,
    stick,
    words_at_hand,
)
from web.roles import Role


@pytest.mark.requirement("M13", "M30")
async def test_it_shows_who_does_what_and_why_callers_wait(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    at_work(centre, "op01", "op05", "op10")
    away(centre, "op02")
    waiting = [centre.call(number) for number in (1, 2, 3, 4)]
    centre.connect(waiting[0])
    for lang, theme in product(("ja", "en"), ("light", "dark")):
        await looks_right(browser, api, centre, waiting, lang, theme)


async def looks_right(
    browser: Browser, api: Api, centre: LiveCentre, waiting: list[CallId], lang: str, theme: str
) -> None:
    """Everything is there in these looks, as a table and as a map."""
    page = await floor(browser, api, lang=lang, theme=theme, telephone="op12")
    lines = page.locator(".waiting-line")
    await expect(lines).to_have_count(3)
    busy = {"ja": "全員応対中", "en": "everybody with the skill is busy"}[lang]
    await expect(lines.nth(2)).to_contain_text(busy)
    before = await lines.nth(0).locator("time").inner_text()
    await page.wait_for_timeout(1_100)
    assert await lines.nth(0).locator("time").inner_text() != before
    lunch = {"ja": "昼休み", "en": "lunch"}[lang]
    row = page.locator("tr", has=page.locator('[data-row="agent:op02"]'))
    await expect(row).to_contain_text(lunch, ignore_case=True)
    await choose(page, "agent:op01")
    await picture(page, f"floor-table-{lang}-{theme}")
    assert not await overflows(page)
    if lang == "ja":
        assert await barriers(page) == []
    await choose(page, f"call:{waiting[3]}")
    await expect(page.locator(".why-all li").first).to_be_visible()
    await press(page, "v")
    await expect(page.locator(".seat")).to_have_count(12)
    first, seventh = [await page.locator(".seat").nth(at).bounding_box() for at in (0, 6)]
    assert first is not None
    assert seventh is not None
    assert (first["x"], first["y"] < seventh["y"]) == (seventh["x"], True), "six in a row"
    names = await page.locator(".seat-name").all_inner_texts()
    assert names == [agent.name for agent in centre.plan.agents]
    await picture(page, f"floor-map-{lang}-{theme}")
    assert not await overflows(page)
    if lang == "en":
        assert await barriers(page) == []
    assert page.wrong == []  # type: ignore[attr-defined]
    await page.close()


async def test_it_stays_whole_at_twice_the_size_and_lists_its_keys(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    call = talk(centre)
    centre.call(2)
    page = await floor(browser, api, size=(640, 360), lang="en")
    await choose(page, "agent:op09")
    await pictures(page, "floor-zoomed")
    await page.set_viewport_size({"width": 1280, "height": 720})
    await press(page, "?")
    keys = page.locator("dialog .key-line dt")
    assert {"Listen", "Whisper", "Join in", "Take over", "Skills for today"} <= set(
        await keys.all_inner_texts()
    )
    await pictures(page, "floor-keys")
    assert await barriers(page) == []
    assert centre.engine.calls[call].state.value == "talking"


async def test_all_well_is_almost_without_colour(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    at_work(centre, "op01", "op05")
    page = await floor(browser, api)
    await expect(page.locator(".nobody")).to_contain_text("お待ちの方はいません")
    assert await page.locator(".notice, .urgent, .far, .over, .button.stop").count() == 0
    await pictures(page, "floor-calm")


async def test_a_long_line_leaves_the_operators_in_sight(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    for number in range(1, 61):
        centre.call(number)
    page = await floor(browser, api)
    await expect(page.locator(".waiting-line")).to_have_count(60)
    await expect(page.locator("#people-title")).to_be_in_viewport()
    await press(page, "1", *["ArrowDown"] * 20)
    await expect(page.locator(".waiting-line").nth(20)).to_be_focused()
    await pictures(page, "floor-long")
    assert await barriers(page) == []


async def test_who_waits_longer_than_the_goal_is_marked_with_a_word(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    call = centre.call(1)
    centre.now += 25
    page = await floor(browser, api)
    line = page.locator(f'[data-row="call:{call}"]')
    await expect(line).to_contain_text("目標超え")
    await expect(line).to_contain_text("応対できる人がログオンしていません")


@pytest.mark.requirement("M30")
async def test_a_waiting_call_is_moved_and_made_urgent_by_keyboard(
    api: Api, centre: LiveCentre, browser: Browser, log: KnownOperations
) -> None:
    call = centre.call(1)
    page = await floor(browser, api)
    await expect(page.locator(".waiting-line")).to_have_count(1)
    await press(page, "1", "p")
    await page.wait_for_selector("dialog")
    await press(page, "7")
    await until(lambda: centre.engine.state.priority(centre.engine.calls[call]) == 7)
    await page.wait_for_selector("dialog", state="detached")
    await press(page, "m")
    await expect(page.locator("dialog")).to_contain_text("住民票・戸籍")
    await pictures(page, "floor-move")
    assert await barriers(page) == []
    await press(page, "2")
    await until(lambda: centre.engine.calls[call].queue == "residents")
    await expect(page.locator(".waiting-line")).to_contain_text("住民票・戸籍")
    assert done(log) == [
        (OperationKind.CALL_PRIORITY_CHANGED, f"{call} priority=7"),
        (OperationKind.CALL_MOVED, f"{call} queue=residents"),
    ]


@pytest.mark.requirement("M17")
async def test_a_talk_is_heard_whispered_into_joined_and_left_by_keyboard(
    api: Api, centre: LiveCentre, browser: Browser, log: KnownOperations
) -> None:
    call = talk(centre)

    def modes() -> list[SpyMode]:
        return [spy.mode for spy in centre.engine.state.floor.spies.values()]

    page = await floor(browser, api)
    await choose(page, "agent:op09")
    # Without a telephone the page asks for one first.
    await press(page, "l")
    await page.wait_for_selector("dialog")
    await page.get_by_role("button", name="op12").click()
    await press(page, "l")
    await until(lambda: modes() == [SpyMode.LISTEN])
    await expect(page.locator(".heard.mine")).to_have_text("聞いています")
    await press(page, "w")
    await until(lambda: modes() == [SpyMode.WHISPER])
    # One slip of the finger does not bring the supervisor into the caller's ear.
    await press(page, "b")
    await page.wait_for_timeout(1_300)
    assert modes() == [SpyMode.WHISPER]
    await press(page, "b", "b")
    await until(lambda: modes() == [SpyMode.BARGE])
    await expect(page.locator(".heard.mine")).to_have_text("割り込み中")
    await pictures(page, "floor-talk")
    assert await barriers(page) == []
    await press(page, "x")
    await until(lambda: modes() == [])
    await expect(page.locator(".heard")).to_have_count(0)
    kinds = [kind.value for kind, subject in done(log) if subject == call]
    assert kinds == ["call_listened", "call_whispered", "call_barged", "call_listening_ended"]


async def test_hearing_is_not_offered_where_whispers_are_not_proven(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    centre.whisper_proven = False
    talk(centre)
    page = await floor(browser, api, telephone="op12")
    await choose(page, "agent:op09")
    await expect(page.get_by_role("button", name="ささやく")).to_be_disabled()
    await expect(page.locator(".why-not").first).to_contain_text("確かめていない")
    await press(page, "w")
    assert not centre.engine.state.floor.spies


async def test_a_talk_is_taken_over_only_when_it_is_meant(
    api: Api, centre: LiveCentre, browser: Browser, log: KnownOperations
) -> None:
    call = talk(centre)
    page = await floor(browser, api, telephone="op12")
    await choose(page, "agent:op09")
    await press(page, "o")
    await page.wait_for_selector("dialog")
    await press(page, "Enter")
    await page.wait_for_selector("dialog", state="detached")
    assert done(log) == []
    await press(page, "o", "y")
    await until(lambda: bool(centre.engine.state.floor.takings))
    assert centre.engine.agents[AgentId("op09")].state is AgentState.TALKING
    await expect(page.locator(".floor-facts").first).to_contain_text("引き取り中")
    assert done(log) == [(OperationKind.CALL_TAKEN_OVER, call)]


async def test_operators_are_put_into_states_by_keyboard(
    api: Api, centre: LiveCentre, browser: Browser, log: KnownOperations
) -> None:
    away(centre, "op01")
    page = await floor(browser, api)
    who = centre.engine.agents[AgentId("op01")]
    await choose(page, "agent:op01")
    await press(page, "r")
    await until(lambda: who.state is AgentState.READY)
    # The line has gone to another group, and is still the one that the keys act on.
    await page.wait_for_selector(".details .state-ready")
    focused = "document.activeElement.dataset.row"
    assert await page.evaluate(focused) == "agent:op01"
    await press(page, "n")
    await page.wait_for_selector("dialog")
    await press(page, "3")
    await until(lambda: who.reason is NotReadyReason.TRAINING)
    await page.wait_for_selector("dialog", state="detached")
    await press(page, "g")
    await page.wait_for_selector("dialog")
    await press(page, "Enter")
    assert who.state is AgentState.NOT_READY
    await press(page, "g", "y")
    await until(lambda: who.state is AgentState.LOGGED_OUT)
    await expect(page.get_by_role("button", name="受付可にする")).to_be_disabled()
    await expect(page.locator(".why-not")).to_contain_text("本人")
    assert done(log) == [
        (OperationKind.AGENT_FORCED, f"op01 state={state}")
        for state in ("ready", "not_ready", "logged_out")
    ]


async def test_skills_change_for_today_and_back(
    api: Api, centre: LiveCentre, browser: Browser, log: KnownOperations
) -> None:
    at_work(centre, "op10")
    page = await floor(browser, api)
    await choose(page, "agent:op10")
    await press(page, "s")
    await expect(page.locator("dialog")).to_contain_text("住民票・戸籍")
    await press(page, "2")
    await expect(page.locator("dialog")).to_contain_text("計画どおり")
    await press(page, "4")
    skills = centre.engine.state.floor.skills
    await until(lambda: skills.get("op10") == {"residents": 4})
    await expect(page.locator("dialog")).to_contain_text("今日だけ")
    await pictures(page, "floor-skills")
    await press(page, "2", "d")
    await until(lambda: not skills.get("op10"))
    assert done(log) == [
        (OperationKind.SKILL_CHANGED, f"op10 skill=residents level={level}")
        for level in (4, "plan")
    ]


@pytest.mark.requirement("M27")
async def test_the_disaster_switch_asks_twice_and_says_so_on_every_screen(
    api: Api, centre: LiveCentre, browser: Browser, log: KnownOperations
) -> None:
    page = await floor(browser, api)
    await press(page, "F8")
    begin = page.get_by_role("button", name="次へ")
    await expect(begin).to_be_disabled()
    await page.get_by_label("訓練を始める").check()
    await page.get_by_label("理由").fill("11月の防災訓練")
    await pictures(page, "floor-mode")
    await begin.click()
    # Nothing dangerous has the focus, and Enter goes back.
    turn = page.get_by_role("button", name="訓練を始める")
    await expect(turn).to_be_disabled()
    await pictures(page, "floor-mode-sure")
    assert await barriers(page) == []
    await press(page, "Enter")
    await expect(begin).to_be_enabled()
    await begin.click()
    await page.get_by_label("内容を確かめました").check()
    assert centre.engine.state.floor.mode.mode is Mode.NORMAL
    await turn.click()
    await until(lambda: centre.engine.state.floor.mode.drill)
    await expect(page.locator(".notice")).to_contain_text("【訓練】")
    await page.wait_for_selector("dialog", state="detached")
    await pictures(page, "floor-drill")
    assert await barriers(page) == []
    await press(page, "F8")
    await expect(page.locator("dialog")).to_contain_text("11月の防災訓練")
    await page.get_by_label("通常に戻す").check()
    await page.get_by_label("理由").fill("訓練終了")
    await begin.click()
    await page.get_by_label("内容を確かめました").check()
    await page.locator("dialog").get_by_role("button", name="通常に戻す").click()
    await until(lambda: centre.engine.state.floor.mode.mode is Mode.NORMAL)
    await expect(page.locator(".notice")).to_have_count(0)
    changes = [e.reason for e in log.entries if e.kind is OperationKind.MODE_CHANGED]
    assert changes == ["11月の防災訓練", "訓練終了"]


async def test_old_data_stays_and_says_how_old_it_is(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    away(centre, "op01")
    (port,) = free_ports(1)
    proxy = TcpProxy(urlsplit(api.base).port or 0)
    await proxy.listen(port)
    api.base, direct = f"http://127.0.0.1:{port}", api.base
    try:
        page = await floor(browser, api)
        sign = page.locator(".topbar .link")
        await expect(sign).to_contain_text("更新")
        await words_at_hand(page)
        proxy.cut(Line.SILENT)
        await page.wait_for_selector(".notice.warning", timeout=20_000)
        await expect(page.locator(".floor-columns.stale")).to_be_visible()
        await expect(sign).to_contain_text("秒前の値です")
        centre.do(AgentPaused(AgentId("op01"), NotReadyReason.MEETING))
        row = page.locator("tr", has=page.locator('[data-row="agent:op01"]'))
        await expect(row).to_contain_text("昼休み")
        await pictures(page, "floor-stale")
        proxy.mend()
        await expect(row).to_contain_text("会議", timeout=20_000)
        await expect(sign).to_contain_text("更新")
        # A server that is stuck answers pings all the same: the line lives, the floor is old.
        stick(api.server.live)
        await expect(page.locator(".floor-columns.stale")).to_be_visible(timeout=20_000)
        await expect(page.locator(".notice.warning")).to_contain_text(
            "新しい知らせが届いていません"
        )
        await pictures(page, "floor-silent")
        assert await barriers(page) == []
    finally:
        api.base = direct
        proxy.close()


async def test_what_is_chosen_may_end_while_somebody_looks(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    call = centre.call(1)
    page = await floor(browser, api)
    await press(page, "1", "p")
    await page.wait_for_selector("dialog")
    centre.do(CallerHungUp(call))
    await page.wait_for_selector("dialog", state="detached")
    await expect(page.locator(".details")).to_contain_text("この通話は終わりました")
    centre.do(AgentLoggedIn(AgentId("op03")))
    await choose(page, "agent:op03")
    assert page.wrong == []  # type: ignore[attr-defined]


@pytest.mark.requirement("M24")
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.QUALITY, Role.AUDITOR, Role.PLANNER])
async def test_the_floor_is_for_those_who_lead_it(api: Api, role: Role) -> None:
    who = "op09" if role is Role.OPERATOR else role.value
    async with api.session.get(api.base + "/floor", headers=api.headers(who)) as answer:
        assert answer.status == 403
