"""Three operators and a supervisor in their browsers at once, and what goes wrong meanwhile.

``FLOOR_DAY_S`` says for how long (two minutes in ``make test``, longer in ``make soak``).
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Error, Page

from acd.bootstrap.ledger import check
from sim.load.ports import free_ports
from tests.e2e.browser_kit import HEARD, OPERATOR_HZ, Office, running_office, until
from tests.fakes.tcp_proxy import Line, TcpProxy
from tests.web.screen_kit import state_is

DAY_S = float(os.environ.get("FLOOR_DAY_S", "120"))
OPERATORS = ("op01", "op02", "op03")
TALK_S = 5.0
CALL_EVERY_S = 4.0
TELL_EVERY_S = 60.0


class FloorDay:
    """Callers come all the time; whoever's page rings answers by keyboard."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.pages: dict[str, Page] = {}
        #: Nobody calls any more; and who called has been served.
        self.over, self.served = asyncio.Event(), asyncio.Event()
        self.came = 0
        self.heard = 0

    async def at_work(self, agent: str, base: str = "") -> None:
        """An operator signs in, takes the browser as telephone and is ready."""
        page = self.pages[agent] = await self.office.person(agent, base)
        await page.goto("/panel")
        await page.wait_for_selector(".login")
        await page.keyboard.press("F2")
        await state_is(page, "not_ready")
        await page.keyboard.press("F2")
        await state_is(page, "ready")

    async def answer(self, agent: str) -> None:
        """Answer whatever rings, until all are served; be ready again after a call was missed."""
        page = self.pages[agent]
        while not self.served.is_set():
            if await page.locator(".my-state .state-not_ready").count():
                await page.keyboard.press("F2")
            try:
                await page.wait_for_selector(".call.is-ringing >> text=応答", timeout=500)
            except Error:
                continue
            await page.keyboard.press("Enter")
            await asyncio.sleep(0.3)

    async def callers(self) -> None:
        """One caller after another, several at once."""
        async with asyncio.TaskGroup() as group:
            for number in itertools.count(1):
                if self.over.is_set():
                    return
                group.create_task(self.call(f"04661{number:05d}"))
                await asyncio.sleep(CALL_EVERY_S)

    async def call(self, number: str) -> None:
        """Somebody calls, is answered, hears the operator to the last, and hangs up."""
        self.came += 1
        caller = await self.office.caller(name=number)

        def hears() -> bool:
            return caller.hears(OPERATOR_HZ) > HEARD

        async def story() -> str:
            heard = f"{number} heard {len(caller.voice.packets)} packets"
            pages = [await page.evaluate("hearing.packets()") for page in self.pages.values()]
            media = await self.office.kit.cli("pjsip show channelstats")
            return "\n".join((heard, *pages, media, await self.office.kit.story()))

        await until(hears, 60.0, story)
        end = time.monotonic() + TALK_S
        while time.monotonic() < end:
            await asyncio.sleep(0.5)
            await until(hears, 1.5, story)
        self.heard += 1
        await caller.hang_up()


async def shown(page: Page) -> str:
    """The operator's state as the panel shows it."""
    name = await page.get_attribute(".my-state [class*=state-]", "class") or ""
    return next(word for word in name.split() if word.startswith("state-")).removeprefix("state-")


async def right(day: FloorDay) -> bool:
    """Whether every panel shows what the engine says, at one moment."""
    agents = (await day.office.kit.state())["agents"]
    return [await shown(day.pages[a]) for a in OPERATORS] == [agents[a]["state"] for a in OPERATORS]


async def line_of_one_page_goes(day: FloorDay, proxy: TcpProxy) -> None:
    page = day.pages["op03"]
    proxy.cut(Line.SILENT)
    await page.wait_for_selector(".notice.warning", timeout=20_000)
    proxy.mend()
    await page.wait_for_selector(".notice.warning", state="detached", timeout=20_000)
    await until(lambda: right(day))


async def controller_dies(day: FloorDay, floor: Page) -> None:
    await day.office.kit.kill_controller()
    for page in (*day.pages.values(), floor):
        await page.wait_for_selector(".notice.warning", timeout=20_000)
    await day.office.kit.start_controller()
    for page in (*day.pages.values(), floor):
        await page.wait_for_selector(".notice.warning", state="detached", timeout=20_000)
    await until(lambda: right(day))


@pytest.mark.requirement("M4", "M10", "M30")
@pytest.mark.timeout(DAY_S + 180)
async def test_a_floor_at_work_through_cuts_and_a_dead_controller() -> None:
    folder = Path(tempfile.mkdtemp(prefix="mdg-floor-"))
    try:
        async with running_office(
            folder, dict.fromkeys(OPERATORS, "tax = 5"), beat_max_s=30.0
        ) as office:
            day, proxy = FloorDay(office), TcpProxy(urlsplit(office.base).port or 0)
            port = free_ports(1)[0]
            await proxy.listen(port)
            for agent in OPERATORS:
                await day.at_work(agent, f"http://127.0.0.1:{port}" if agent == "op03" else "")
            floor = await office.person("mori")
            await floor.goto("/floor")
            await floor.wait_for_selector(".floor-columns")
            await run(day, floor, proxy)
            proxy.close()
            assert day.heard == day.came > DAY_S / CALL_EVERY_S * 0.8
            await office.kit.until(lambda: no_channels(office))
            await office.kit.stop_controller()
            checked = await check(office.kit.settings)
            assert checked.balances, checked
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def run(day: FloorDay, floor: Page, proxy: TcpProxy) -> None:
    """The day: a third in peace, then the line of one page, then the controller."""
    async with asyncio.TaskGroup() as group:
        for agent in OPERATORS:
            group.create_task(day.answer(agent))
        calling = group.create_task(day.callers())
        telling = group.create_task(tell(day))
        await asyncio.sleep(DAY_S / 3)
        await until(lambda: right(day))
        await line_of_one_page_goes(day, proxy)
        await asyncio.sleep(DAY_S / 3)
        await controller_dies(day, floor)
        await asyncio.sleep(DAY_S / 3)
        day.over.set()
        await calling
        day.served.set()
        telling.cancel()


async def tell(day: FloorDay) -> None:
    """Say how far it is, for whoever waits for a long one (pytest -s)."""
    began = time.monotonic()
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        minutes = (time.monotonic() - began) / 60
        print(f"{minutes:.0f} min: {day.came} calls came, {day.heard} were heard to the end")


async def no_channels(office: Office) -> bool:
    return await office.kit.channels() == []
