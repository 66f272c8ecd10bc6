"""The wallboard over an hour of calls on real Asterisk, played in three minutes (20 times as fast).

Four displays show it at once: wall and tablet, Japanese and English. What they show at the end is
held against plain SQL over the ledger, and the ledger against what the callers' side saw. On the
way the numbers of those who wait and talk are held against what Asterisk itself says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from playwright.async_api import Page, expect

from acd.adapters.asterisk.process import AsteriskProcess
from acd.bootstrap import RunningCentre
from acd.cli.demo import DOORS, staged
from acd.cli.links import address
from acd.cli.whole import whole_centre
from acd.config import Centre, load_centre
from acd.core.inputs import AgentLoggedIn, AgentReadied
from sim.load.demo import Performance, Place, Played, ports_needed
from sim.load.hour import Hour, Kind, callers, habits
from sim.load.ports import free_ports
from sim.load.stage import phones
from tests.measures_sql import ask, condition
from tests.web.screen_kit import (
    barriers,
    chromium,
    new_context,
    overflows,
    picture,
    pictures,
    watch,
)
from web.api.wallboard import link_path
from web.roles import Role

PROJECT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
HOUR_S, PACE = 180.0, 20.0
#: A city's hour: some ninety calls of some two minutes and a half.
HOUR = Hour(HOUR_S, 0.5, "0466001111", "0466009999", DOORS, seed=11)
TALK_S = 7.0
WALL, TABLET = (1920, 1080), (1024, 768)
DISPLAYS = (
    ("wall", WALL, "ja", "dark"),
    ("wall", WALL, "en", "light"),
    ("tablet", TABLET, "ja", "light"),
    ("tablet", TABLET, "en", "dark"),
)


@dataclass
class Evening:
    """What is there when the hour is over. ``talks``: how many talked, seen on the way."""

    centre: Centre
    running: RunningCentre
    played: Played
    pages: dict[str, Page]
    talks: list[int]


@pytest.fixture
async def evening(tmp_path: Path) -> AsyncIterator[Evening]:
    home = load_centre(PROJECT / "centre")
    centre = staged(home, tmp_path / "var", PACE)
    async with whole_centre(centre) as (switch, running), chromium() as browser:
        token = running.staff.entrance.tokens.add(Role.WALLBOARD, label="hour")
        board = address(centre.settings) + link_path(token)
        pages = {}
        for name, size, lang, theme in DISPLAYS:
            page = await (await new_context(browser, size, lang, theme)).new_page()
            watch(page)
            await page.goto(board)
            await expect(page.locator(".tile").first).to_be_visible()
            pages[f"{name}-{lang}-{theme}"] = page
        performance = _performance(centre, running, tmp_path / "sipp")
        talks: list[int] = []
        looking = asyncio.create_task(_looks(pages["wall-ja-dark"], switch, talks))
        try:
            await performance.raise_phones()
            for agent in centre.plan.agents:
                await running.controller.submit(AgentLoggedIn(agent.id))
                await running.controller.submit(AgentReadied(agent.id))
            played = await performance.play()
            assert not looking.done() or looking.result()
        finally:
            looking.cancel()
            await performance.close()
        async with asyncio.timeout(20):
            while running.engine.calls or running.records.drainer.status.behind:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        yield Evening(centre, running, played, pages, talks)


async def _looks(page: Page, switch: AsteriskProcess, talks: list[int]) -> None:
    """Every ten seconds: the talks that the wall shows are those that Asterisk has. They change
    while one looks, so both are asked until they agree."""
    while True:
        await asyncio.sleep(10)
        async with asyncio.timeout(20):
            while (shown := await _talking(page)) != await _bridged(switch):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        talks.append(shown)
        if len(talks) == 9:
            await pictures(page, "wallboard-hour-half-past")


async def _talking(page: Page) -> int:
    return int(await page.locator(".people .state-talking .figure").inner_text())


async def _bridged(switch: AsteriskProcess) -> int:
    """Operators' legs that are in a bridge with their caller, as Asterisk says."""
    rows = (await switch.cli("core show channels concise")).splitlines()
    fields = [row.split("!") for row in rows]
    return sum(len(each) > 5 and (each[1], each[5]) == ("operator", "Bridge") for each in fields)


def _performance(centre: Centre, running: RunningCentre, folder: Path) -> Performance:
    devices = phones(centre.plan)
    secrets = {device: running.secrets.get(f"phone.{device}") for device in devices}
    place = Place(HOST, centre.settings.switch.sip_port, secrets, free_ports(ports_needed()))
    return Performance(HOUR, habits(devices), place, folder, TALK_S)


@pytest.mark.requirement("M11", "M13", "M30")
async def test_the_wall_shows_what_the_hour_was(evening: Evening) -> None:
    ledger = _ledger(evening)
    offered, closed, answered, abandoned = (ledger[key] for key in COUNTED)
    plans = callers(HOUR)
    # The callers' side: everybody is in the ledger once, and answered when it says so.
    assert offered == len(plans) == evening.played.caller_counts.created
    assert closed == 0
    assert abandoned > 0 < answered < offered
    assert answered >= sum(plan.kind is Kind.PATIENT for plan in plans) * 0.9
    assert len(evening.talks) >= HOUR_S / 10 - 3
    assert max(evening.talks) >= 3
    for name, page in evening.pages.items():
        # Figures of the day come a second after the call that they count.
        shown = page.locator(".tile-counts dd")
        for place, count in enumerate((offered, answered, abandoned)):
            await expect(shown.nth(place), name).to_have_text(str(count), timeout=20_000)
        for tile, key in (("answer_rate", "answer_rate_a"), ("service_level", "sl_offered")):
            top, bottom = ledger[key]
            shown = page.locator(f".tile-{tile} .big .figure")
            await expect(shown).to_have_text(f"{100 * top / bottom:.1f}")
        await expect(page.locator(".tile-waiting .big .figure")).to_have_text("0")
        await expect(page.locator(".tile-operators .state-talking .figure")).to_have_text("0")
        # Nobody takes the stage for life.
        assert ("20倍速" if "-ja-" in name else "20 times as fast") in await page.inner_text("body")
        await picture(page, f"wallboard-hour-{name}")
        assert not await overflows(page)
        assert await barriers(page) == []
        assert page.wrong == []  # type: ignore[attr-defined]


COUNTED = ("offered", "closed", "answered", "abandoned")


def _ledger(evening: Evening) -> dict[str, Any]:
    """The hour's figures by plain SQL; both numbers of a rate."""
    engine = sqlalchemy.create_engine(
        f"sqlite:///{evening.centre.settings.state_dir}/madoguchi.sqlite"
    )
    values = {"a": 0, "b": 10**15, "t": 20_000, "s": 5_000, "value": ""}
    found: dict[str, Any] = {}
    with engine.connect() as connection:
        for key in (*COUNTED, "answer_rate_a", "sl_offered"):
            top, bottom = ask(
                connection, key, condition("all"), values, by_visit=False, from_answer=False
            )
            found[key] = top if bottom is None else (top, bottom)
    engine.dispose()
    return found
