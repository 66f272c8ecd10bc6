"""How soon a panel notices that its line is silently cut, and how soon it is right again.

A real Asterisk, a real chromium, an operator in a talk. The network between page and controller is
cut without a word and mended, again and again; then the controller is killed and started, again
and again. Right again means that nothing is said of a lost line and that the state shown is the
engine's.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Page

from sim.load.ports import free_ports
from tests.e2e.browser_kit import Office, running_office
from tests.fakes.tcp_proxy import Line, TcpProxy
from tests.web.screen_kit import state_is
from tools.bench.browser import percentile

CUTS, DEATHS = 20, 5
_WARNING = ".notice.warning"


def figures(cuts: int = CUTS, deaths: int = DEATHS) -> dict[str, float]:
    """The p95 of each in milliseconds (of few deaths: the slowest)."""
    return asyncio.run(_measure(cuts, deaths))


async def _measure(cuts: int, deaths: int) -> dict[str, float]:
    folder = Path(tempfile.mkdtemp(prefix="mdg-bench-cuts-"))
    try:
        async with running_office(folder, {"op01": "tax = 5"}, ring_s=10.0) as office:
            proxy = TcpProxy(urlsplit(office.base).port or 0)
            (port,) = free_ports(1)
            await proxy.listen(port)
            page = await _talking(office, f"http://127.0.0.1:{port}")
            lines = [await _cut(page, proxy) for _ in range(cuts)]
            killed = [await _death(page, office) for _ in range(deaths)]
            proxy.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "cut_noticed_p95_ms": percentile([noticed for noticed, _ in lines], 95),
        "panel_back_p95_ms": percentile([back for _, back in lines], 95),
        "panel_after_death_p95_ms": percentile(killed, 95),
    }


async def _talking(office: Office, base: str) -> Page:
    """The panel of op01, behind the stretch of network, in a talk."""
    page = await office.person("op01", base)
    await page.goto("/panel")
    await page.wait_for_selector(".login")
    await page.keyboard.press("F2")
    await state_is(page, "not_ready")
    await page.keyboard.press("F2")
    await state_is(page, "ready")
    await office.caller()
    await page.wait_for_selector(".call.is-ringing >> text=応答")
    await page.keyboard.press("Enter")
    await state_is(page, "talking")
    return page


async def _cut(page: Page, proxy: TcpProxy) -> tuple[float, float]:
    """Until the cut was noticed, and from its end until the panel was right again."""
    proxy.cut(Line.SILENT)
    noticed_ms = await _until_seen(page, "attached")
    proxy.mend()
    return noticed_ms, await _until_seen(page, "detached")


async def _death(page: Page, office: Office) -> float:
    """From the new controller's being ready until the panel was right again."""
    await office.kit.kill_controller()
    await _until_seen(page, "attached")
    await office.kit.start_controller()
    return await _until_seen(page, "detached")


async def _until_seen(page: Page, state: str) -> float:
    began_s = time.monotonic()
    await page.wait_for_selector(_WARNING, state=state, timeout=30_000)  # type: ignore[arg-type]
    if state == "detached":
        await state_is(page, "talking")
    took_ms = (time.monotonic() - began_s) * 1000
    # People's lines do not go in the same moment of a page's beat.
    await asyncio.sleep(0.3 + took_ms % 700 / 1000)
    return took_ms
