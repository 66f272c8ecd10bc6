"""How soon after the telephone rings the screen pop is there.

A real Asterisk, an operator with a telephone on the desk, and the panel in a real chromium, one
call after another. What counts is the time from the INVITE at the telephone until the page has
drawn what came with the pop: the event for a contact record, with the address to open.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from pathlib import Path

from playwright.async_api import Page

from tests.e2e.browser_kit import Office, running_office
from tests.fakes.sip_agent import Dialog
from tools.bench.sides import nearest_rank

CALLS = 60
_STRAIGHT = "0466001113"
_CALLER = "0466123456"
_POP = '[screens]\npop_url = "https://contacts.example/?number={number}&call={call}"\n'
#: Between two calls, so that they fall anywhere between two frames.
_PAUSE_S = (0.1, 0.4)
#: Notes each pop: [address, milliseconds of the clock], taken in the frame that draws it.
_WATCH = """
() => {
  window.pops = [];
  addEventListener("madoguchi:pop", ({ detail }) =>
    requestAnimationFrame(() => window.pops.push([detail.url, Date.now()])));
}
"""


def figures(calls: int = CALLS) -> dict[str, float]:
    """Median and p95 in milliseconds."""
    found = asyncio.run(_measure(calls))
    return {
        "screen_pop_p50_ms": nearest_rank(found, 50),
        "screen_pop_p95_ms": nearest_rank(found, 95),
    }


async def _measure(calls: int) -> list[float]:
    folder = Path(tempfile.mkdtemp(prefix="mdg-bench-pops-"))
    try:
        async with running_office(folder, {"op01": "waste = 5"}, more_settings=_POP) as office:
            await office.kit.work("op01")
            page = await office.person("op01")
            await page.goto("/panel")
            await page.wait_for_selector(".my-state .state-ready")
            await page.evaluate(_WATCH)
            chance, took_ms = random.Random(1), []
            for number in range(calls):
                await asyncio.sleep(chance.uniform(*_PAUSE_S))
                took_ms.append(await _one(office, page, number))
            return took_ms
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _one(office: Office, page: Page, number: int) -> float:
    rung = asyncio.get_running_loop().create_future()

    def rings(_: Dialog) -> None:
        rung.set_result(time.time())

    office.kit.phones["op01"].on_ring = rings
    caller = await office.kit.call(_STRAIGHT, _CALLER)
    rung_s: float = await asyncio.wait_for(rung, 10.0)
    await page.wait_for_function("(count) => window.pops.length === count", arg=number + 1)
    address, drawn_ms = await page.evaluate("window.pops.at(-1)")
    if _CALLER not in address:
        raise SystemExit(f"the pop was another call's: {address}")
    await caller.hang_up()
    await page.wait_for_selector(".my-state .state-ready")
    return float(drawn_ms) - 1_000 * rung_s
