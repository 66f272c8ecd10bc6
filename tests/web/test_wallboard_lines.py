"""Carriers' lines on the wall: one that is down stands first, and is told in a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from playwright.async_api import Browser, expect

from acd.app.trunk_watch import TrunkWatch
from acd.core.ids import SwitchId
from tests.web.client import Api
from tests.web.screen_kit import LiveCentre, barriers, overflows, pictures
from tests.web.test_wallboard_page import (
    TABLET,
    WALL,
    board,
    centre,
    cut_off,
    wallboard,
)
from tests.web.watching_kit import Watched
from web.wallboard_screens import USUAL_TILES, Tile, TileKind, WallScreen
from web.wallboard_wiring import Wallboard

__all__ = ["centre", "wallboard"]


class Lines:
    """A TrunkProbe: the second carrier does not answer."""

    async def up(self, trunks: Sequence[str]) -> dict[str, bool]:
        return {trunk: trunk != "hikari-east-2" for trunk in trunks}

    async def in_use(self, trunks: Sequence[str]) -> dict[str, int]:
        return {}


@pytest.mark.requirement("M13")
async def test_a_carrier_that_is_down_is_told_in_a_word(
    api: Api,
    centre: LiveCentre,
    browser: Browser,
    wallboard: Wallboard,
) -> None:
    trunks = TrunkWatch(lambda: {SwitchId("a"): Lines()}, ("carrier", "hikari-east-2"), ())
    await trunks.look()
    live = api.server.wallboard
    live._wiring = replace(live._wiring, watching=replace(Watched(centre).watching, trunks=trunks))
    # The usual display has no name in its address: what was laid out for it is shown there.
    in_place_of = {TileKind.FORECAST: TileKind.LINES}
    tiles = [Tile(in_place_of.get(each.kind, each.kind), each.size) for each in USUAL_TILES]
    wallboard.screens.put("main", WallScreen("", tuple(tiles)))
    centre.call(90, "tax")
    page = await board(browser, api, size=WALL, lang="ja", theme="light")
    rows = page.locator(".tile-lines li")
    await expect(rows.first).to_contain_text("hikari-east-2")
    await expect(rows.first).to_contain_text("応答なし")
    await expect(rows.nth(1)).to_have_text("carrier1/ 30回線")
    await pictures(page, "wallboard-line-down")
    assert await barriers(page) == []
    assert await cut_off(page) == []
    await page.set_viewport_size({"width": TABLET[0], "height": TABLET[1]})
    assert not await overflows(page)
