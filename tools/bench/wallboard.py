"""How soon a wall sees a change while callers come, and what 300 walls cost the controller.

A real Asterisk, the controller in a process of its own, 300 displays connected as pages are, and
one more in a real chromium, while 20 callers a second come and are answered. One operator goes
away and comes back, again and again: nobody else is away, so that the board's line comes and goes.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Page, async_playwright

from tools.bench.centre import HOST, Ports, bench_centre, phone_names
from tools.bench.floor import PANELS, connected, cpu_percent
from tools.bench.sides import answering_phones, controller_process, nearest_rank
from tools.bench.switch import running_switch
from web.auth import TokenStore
from web.roles import Role
from web.wallboard import PER_LINK

WALLS = 300
LIVE = "/api/wallboard/live"
_PAUSE_S = (0.3, 0.7)

#: Notes when the line of those who are away comes or goes, in the frame that draws it.
_WATCH = """
() => {
  window.seen = [];
  let last = false;
  const look = () => {
    const away = document.querySelector(".people .state-not_ready") !== null;
    if (away === last) return;
    last = away;
    requestAnimationFrame(() => window.seen.push(Date.now()));
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
}
"""
_SEEN = "(count) => window.seen.length === count"


def figures() -> dict[str, float]:
    """p95 in milliseconds, and percent of one core."""
    folder = Path(tempfile.mkdtemp(prefix="mdg-bench-wall-"))
    try:
        return asyncio.run(_measure(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(folder: Path) -> dict[str, float]:
    ports, state_dir = Ports.free(), folder / "state"
    centre = bench_centre(state_dir, ports, PANELS)
    base = f"http://{HOST}:{ports.api}"
    async with (
        running_switch(centre, ports, PANELS, baseline=False),
        answering_phones(folder, ports),
    ):
        tokens = TokenStore(state_dir)
        admin = {"Authorization": f"Bearer {tokens.add(Role.ADMINISTRATOR, label='bench')}"}
        links = [tokens.add(Role.WALLBOARD) for _ in range(WALLS // PER_LINK)]
        display = tokens.add(Role.WALLBOARD)
        async with (
            controller_process(state_dir, PANELS, ports) as controller,
            aiohttp.ClientSession(base, headers=admin) as session,
            connected(base, links * PER_LINK, LIVE),
        ):
            changing = asyncio.create_task(_changes(f"{base}/wallboard#link={display}", session))
            used = await cpu_percent(folder, ports, controller.pid)
            changing.cancel()
            seen_ms = await changing
    return {"wallboard_p95_ms": nearest_rank(seen_ms, 95), "wallboard_cpu_percent": used}


async def _changes(url: str, session: aiohttp.ClientSession) -> list[float]:
    """Let the operator go and come until cancelled; from the engine's stamp until it is drawn."""
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("chromium is missing: run `make setup`")
    took_ms: list[float] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--disable-dev-shm-usage"]
        )
        try:
            page = await browser.new_page(viewport={"width": 1920, "height": 1080})
            await page.goto(url)
            await page.wait_for_selector(".people")
            await page.evaluate(_WATCH)
            while True:
                took_ms.append(await _change(page, session, len(took_ms)))
        except asyncio.CancelledError:
            return took_ms
        finally:
            await browser.close()


async def _change(page: Page, session: aiohttp.ClientSession, number: int) -> float:
    who = phone_names(PANELS)[0]
    await asyncio.sleep(random.uniform(*_PAUSE_S))
    path, body = ("not-ready", {"reason": "break"}) if number % 2 == 0 else ("ready", {})
    async with session.post(f"/api/agents/{who}/{path}", json=body) as answer:
        answer.raise_for_status()
        state = await answer.json()
    if number % 2 == 0 and state["state"] != "not_ready":
        # In a call just now: the change follows the call. Its stamp is when it came about.
        state = await _away(session, who)
    await page.wait_for_function(_SEEN, arg=number + 1)
    drawn_ms: float = await page.evaluate("seen.at(-1)")
    return drawn_ms - 1000 * float(state["since_s"])


async def _away(session: aiohttp.ClientSession, who: str) -> dict[str, Any]:
    while True:
        async with session.get("/api/state") as answer:
            found: dict[str, Any] = (await answer.json())["agents"][who]
        if found["state"] == "not_ready":
            return found
        await asyncio.sleep(0.1)
