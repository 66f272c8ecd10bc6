"""The wallboard in a real browser: right after a morning, on walls, desks and tablets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from acd.core.ids import AgentId
from acd.core.inputs import AgentLoggedIn, AgentPaused
from acd.core.plan import Plan
from agents.state import NotReadyReason
from metrics.availability import ServiceState, Stretch
from sim.load.ports import free_ports
from tests.fakes.tcp_proxy import Line, TcpProxy
from tests.web.client import Api
from tests.web.floor_kit import at_work, press
from tests.web.screen_kit import (
    LiveCentre,
    barriers,
    new_context,
    open_as,
    overflows,
    picture,
    pictures,
    stick,
    watch,
    words_at_hand,
)
from tests.web.wallboard_kit import KnownPast, figures_of, morning, today_of
from web.roles import Role
from web.wallboard_screens import USUAL_TILES, Tile, TileKind, WallScreen, WallScreens
from web.wallboard_wiring import Wallboard

WALL, WALL_4K, TABLET = (1920, 1080), (3840, 2160), (1024, 768)
#: Calls of each half hour from nine on, of earlier Mondays.
WEEKS = [[20, 25, 28, 27, 24, 18, 12, 20, 24, 22, 19, 17, 15, 9]] * 6
NOON_S = 1_900_638_000.0  # a Monday in Tokyo, far enough ahead that the clock stands still

#: What a person without receptors for green sees, as a filter over the whole page.
DEUTERANOPIA = """() => {
  document.body.insertAdjacentHTML("beforeend", `<svg width="0" height="0"><filter id="deuter">
    <feColorMatrix values="0.367 0.861 -0.228 0 0  0.280 0.673 0.047 0 0
      -0.012 0.043 0.969 0 0  0 0 0 1 0"/></filter></svg>`);
  document.documentElement.style.filter = "url(#deuter)";
}"""


@pytest.fixture
async def centre(plan: Plan) -> AsyncIterator[LiveCentre]:
    made = LiveCentre(plan)
    made.now = NOON_S
    living = asyncio.create_task(made.live())
    yield made
    living.cancel()


@pytest.fixture
async def wallboard(centre: LiveCentre, tmp_path: Path) -> AsyncIterator[Wallboard]:
    (tmp_path / "state").mkdir()
    figures = figures_of(centre, KnownPast(morning(today_of(centre)), list(WEEKS)))
    running = asyncio.create_task(figures.run())
    yield Wallboard(WallScreens(tmp_path / "state"), figures, channels={"carrier": 30})
    running.cancel()


def busy(centre: LiveCentre) -> None:
    """Five callers wait, the first for two minutes and a half; operators in four states."""
    at_work(centre, "op01", "op05", "op10")
    for agent, reason in (("op02", NotReadyReason.LUNCH), ("op03", NotReadyReason.MEETING)):
        centre.do(AgentLoggedIn(AgentId(agent)))
        centre.do(AgentPaused(AgentId(agent), reason))
    centre.connect(centre.call(90, "tax"))
    for number, (queue, pause_s) in enumerate(
        (("residents", 95.0), ("residents", 40.0), ("tax", 4.0), ("tax", 6.0), ("residents", 8.0))
    ):
        centre.call(number, queue)
        centre.now += pause_s


async def board(browser: Browser, api: Api, role: Role = Role.SUPERVISOR, **looks: object) -> Page:
    page = await open_as(browser, api, "mori", role, "/wallboard", **looks)  # type: ignore[arg-type]
    await page.wait_for_selector(".tile", timeout=20_000)
    await expect(page.locator(".tile-counts dd").nth(1)).to_have_text("128")
    return page


async def cut_off(page: Page) -> list[str]:
    """Parts of tiles that do not fit: on a wall nobody scrolls."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll(".tile")].filter((each) =>
          each.scrollHeight > each.clientHeight + 2 || each.scrollWidth > each.clientWidth + 2)
          .map((each) => each.className)"""
    )
    return found


@pytest.mark.requirement("M13", "M30")
@pytest.mark.parametrize(
    ("name", "size", "lang", "theme"),
    [
        ("wall-ja-dark", WALL, "ja", "dark"),
        ("wall-en-light", WALL, "en", "light"),
        ("tablet-ja-light", TABLET, "ja", "light"),
        ("tablet-en-dark", TABLET, "en", "dark"),
    ],
)
async def test_it_shows_the_morning(
    api: Api,
    centre: LiveCentre,
    browser: Browser,
    name: str,
    size: tuple[int, int],
    lang: str,
    theme: str,
) -> None:
    busy(centre)
    page = await board(browser, api, size=size, lang=lang, theme=theme)
    await picture(page, f"wallboard-{name}")
    # 128 ÷ 139, 106 ÷ 139; from ten to eleven 49 ÷ 59.
    await expect(page.locator(".tile-answer_rate .big .figure")).to_have_text("92.1")
    await expect(page.locator(".tile-service_level .big .figure")).to_have_text("76.3")
    await expect(page.locator(".tile-answer_rate")).to_contain_text("83.1 %")
    met, missed, urgent, within = {
        "ja": ("達成", "未達", "至急", "20秒以内"),
        "en": ("met", "missed", "urgent", "Within 20 s"),
    }[lang]
    await expect(page.locator(".tile-answer_rate .targets")).to_contain_text(met)
    await expect(page.locator(".tile-service_level .targets")).to_contain_text(missed)
    await expect(page.locator(".tile-service_level h2")).to_have_text(within)
    # The switchboard answers within 10 s, and has a target for that: 28 ÷ 35.
    await expect(page.locator(".tile-queues thead th").last).to_have_text(within)
    own = {"ja": "10秒以内 ≥ 80 % 達成", "en": "Within 10 s ≥ 80 % met"}[lang]
    lines = page.locator(".tile-queues tbody tr")
    await expect(lines.last.locator("th .own")).to_have_text(own)
    assert await lines.locator("th .own").count() == 1
    await expect(page.locator(".tile-longest")).to_contain_text(urgent)
    await expect(page.locator(".tile-waiting .big .figure")).to_have_text("5")
    await expect(page.locator(".tile-forecast .big .figure")).not_to_have_text("–")
    assert await page.locator(".people li").count() >= 3
    assert await barriers(page) == []
    assert not await overflows(page)
    if size == WALL:
        assert await cut_off(page) == []
    assert page.wrong == []  # type: ignore[attr-defined]


async def test_on_a_wall_of_any_size_everything_fits_and_is_large_enough(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    busy(centre)
    page = await board(browser, api, size=WALL_4K, theme="dark")
    await pictures(page, "wallboard-4k")
    assert await cut_off(page) == []
    smallest = await page.evaluate(
        """() => Math.min(...[...document.querySelectorAll(".big .figure, td.figure, dd.figure")]
          .map((each) => parseFloat(getComputedStyle(each).fontSize))) / innerHeight"""
    )
    assert smallest >= 0.03

    # Without green the states are told apart by shape and word.
    await page.set_viewport_size({"width": WALL[0], "height": WALL[1]})
    await page.evaluate(DEUTERANOPIA)
    await pictures(page, "wallboard-deuteranopia")
    shapes = await page.eval_on_selector_all(
        ".people li", "rows => rows.map((each) => each.querySelector('path').getAttribute('d'))"
    )
    words = await page.locator(".people .name").all_inner_texts()
    assert len(shapes) == len(set(shapes)) == len(set(words)) >= 3


def ten_seconds_are_missing(centre: LiveCentre, wallboard: Wallboard) -> None:
    """Of the four hours of service until noon: 99.93 %."""
    figures, day = wallboard.figures, today_of(centre)
    assert figures is not None
    eight, away, back = (day.from_ms + s * 1000 for s in (28_800, 39_600, 39_610))
    up, cut = ServiceState.IN_SERVICE, ServiceState.NO_CARRIER
    figures.service_seen(Stretch(eight, away, "a", up))
    figures.service_seen(Stretch(away, back, "a", cut))
    figures.service_seen(Stretch(back, round(centre.now * 1000), "a", up))


@pytest.mark.requirement("M11", "M13")
async def test_all_well_is_calm(
    api: Api, centre: LiveCentre, browser: Browser, wallboard: Wallboard
) -> None:
    at_work(centre, "op01", "op05", "op09", "op10")
    day = today_of(centre)
    ten_seconds_are_missing(centre, wallboard)
    page = await board(browser, api, size=WALL)
    await expect(page.locator(".tile-longest")).to_contain_text("お待ちの方はいません")
    assert await page.locator(".notice, .is-alarm, .mark-alarm").count() == 0
    await pictures(page, "wallboard-calm")
    # Between both targets, and neither of them is rounded.
    in_place_of = {TileKind.FORECAST: TileKind.AVAILABILITY}
    tiles = [Tile(in_place_of.get(each.kind, each.kind), each.size) for each in USUAL_TILES]
    wallboard.screens.put("main", WallScreen("", tuple(tiles)))
    tile = page.locator(".tile-availability")
    await expect(tile.locator(".big .figure")).to_have_text("99.93", timeout=20_000)
    await expect(tile.locator(".targets")).to_contain_text("仕様書 ≥ 99.9 %達成")
    await expect(tile.locator(".targets")).to_contain_text("提案 ≥ 99.95 %未達")
    await pictures(page, "wallboard-availability")
    assert await cut_off(page) == []
    # Whoever may read reports comes from each figure to its calls.
    wanted = f"/reports?from_ms={day.from_ms}&to_ms={day.to_ms}&key="
    link = page.locator(".tile-answer_rate .big a")
    assert await link.get_attribute("href") == f"{wanted}answer_rate_a"
    row = page.locator(".tile-queues a").nth(1)
    assert await row.get_attribute("href") == f"{wanted}sl_offered_20s&dim=queue&value=tax"
    assert await tile.locator("a").count() == 0


async def test_a_gap_or_a_cut_brings_a_new_snapshot_and_old_figures_look_old(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    at = urlsplit(api.base)
    (port,) = free_ports(1)
    proxy = TcpProxy(at.port or 0)
    await proxy.listen(port)
    try:
        context = await new_context(browser, WALL)
        token = api.tokens["wallboard"]
        page = await context.new_page()
        watch(page)
        await page.goto(f"http://127.0.0.1:{port}/wallboard#link={token}")
        await expect(page.locator(".tile-waiting .big .figure")).to_have_text("0")
        await words_at_hand(page)
        proxy.cut(Line.SILENT)
        await expect(page.locator(".wall.stale")).to_be_visible(timeout=20_000)
        await expect(page.locator(".link")).to_contain_text("秒前の値です")
        await expect(page.locator(".tile-answer_rate .big .figure")).to_have_text("92.1")
        await pictures(page, "wallboard-stale")
        centre.call(1, "tax")
        proxy.mend()
        await expect(page.locator(".tile-waiting .big .figure")).to_have_text("1", timeout=20_000)
        await expect(page.locator(".wall.stale")).to_have_count(0)
        # A number is left out: the page does not guess what it missed.
        for subscriber in api.server.wallboard._subscribers:
            subscriber._number += 1
        centre.call(2, "tax")
        await expect(page.locator(".tile-waiting .big .figure")).to_have_text("2", timeout=20_000)
        assert await page.locator(".tile a").count() == 0
        # A server that is stuck answers pings all the same: the line lives, the figures are old.
        stick(api.server.wallboard)
        await expect(page.locator(".wall.stale")).to_be_visible(timeout=20_000)
        await expect(page.locator(".notice")).to_contain_text("新しい知らせが届いていません")
        await expect(page.locator(".link")).to_contain_text("秒前の値です")
        await context.close()
    finally:
        proxy.close()


async def test_a_revoked_link_shows_nothing_any_more(api: Api, browser: Browser) -> None:
    context = await new_context(browser, WALL)
    page = await context.new_page()
    await page.goto(f"{api.base}/wallboard#link={api.tokens['wallboard']}")
    await expect(page.locator(".tile").first).to_be_visible()
    assert await page.locator(".screens").count() == 0
    assert await page.get_by_role("button", name="表示用リンク").count() == 0
    entry = next(each for each in api.store.entries() if each.role is Role.WALLBOARD)
    api.store.revoke(entry.id)
    await expect(page.locator(".refused")).to_be_visible(timeout=20_000)
    assert await page.locator(".tile").count() == 0
    await pictures(page, "wallboard-revoked")
    await context.close()


async def test_a_supervisor_lays_a_screen_out_and_makes_a_link(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await board(browser, api, size=(1280, 720))
    await press(page, "e")
    await page.fill(".edit input[type=text]", "14時から会議")
    await page.select_option(".edit select", "lines")
    await expect(page.locator(".tile-lines")).to_contain_text("0/ 30回線")
    await page.locator(".kind-lines select").select_option("half")
    await page.select_option(".edit select", "seats")
    await expect(page.locator(".seats > g")).to_have_count(12)
    await page.locator(".kind-forecast").get_by_role("button", name="外す").click()
    await pictures(page, "wallboard-edit")
    assert await barriers(page) == []
    await page.get_by_role("button", name="保存する").click()
    await expect(page.locator(".news")).to_contain_text("14時から会議")
    await expect(page.locator(".cell.size-half.kind-lines")).to_be_visible()
    await expect(page.locator(".tile-forecast")).to_have_count(0)
    await press(page, "l")
    await page.fill("dialog .field input", "2階")
    await page.get_by_role("button", name="リンクを作る").click()
    link = await page.locator(".made input").input_value()
    await pictures(page, "wallboard-links")
    assert await barriers(page) == []
    display = await (await new_context(browser, WALL)).new_page()
    await display.goto(link)
    await expect(display.locator(".news")).to_contain_text("14時から会議")
    await page.get_by_role("listitem").filter(has_text="2階").get_by_role("button").click()
    await expect(display.locator(".refused")).to_be_visible(timeout=20_000)


async def test_others_look_and_change_nothing(api: Api, browser: Browser) -> None:
    page = await board(browser, api, Role.CITY_STAFF, size=(1280, 720))
    await press(page, "e", "l")
    assert await page.locator(".edit, dialog").count() == 0
    assert await page.get_by_role("button", name="配置を変える").count() == 0
    await page.close()
