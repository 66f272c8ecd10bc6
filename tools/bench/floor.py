"""How soon a change of state is seen on the floor view, and what many screens cost the controller.

A real Asterisk, the controller in a process of its own with 200 operators, and a real chromium
with the floor's page. First an operator changes state, again and again; what counts is the time
from the engine's own stamp of the change until the page has drawn it. Then 200 panels are
connected, as pages are (with their pings), while 20 callers a second come and are answered; what
counts is the controller's CPU time.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiohttp
from playwright.async_api import Page, async_playwright

from acd.adapters.asterisk import proctree
from sim.load.sipp import Sipp
from tools.bench.centre import HOST, Ports, bench_centre, phone_names
from tools.bench.sides import (
    Side,
    Trial,
    answering_phones,
    callers_of,
    controller_process,
    nearest_rank,
)
from tools.bench.switch import running_switch
from web.auth import TokenStore
from web.roles import Role

PANELS, CALLS_PER_S = 200, 20.0
CHANGES = 100
_PING_S = 1.5
#: Between two changes, so that they fall anywhere between two frames.
_PAUSE_S = (0.25, 0.65)
_WARM_S, _MEASURED_S = 5.0, 15.0
_USER, _PASSWORD = "bench-floor", "a sentence nobody guesses 9"

#: Notes when the shown state of the first operator changes: [state, milliseconds of the clock],
#: taken in the frame that draws it.
_WATCH = """
(row) => {
  window.seen = [];
  let last = "";
  const look = () => {
    const button = document.querySelector(`[data-row="${row}"]`);
    const state = button?.closest("tr")?.querySelector(".state")?.className ?? "";
    if (!state || state === last) return;
    last = state;
    requestAnimationFrame(() => window.seen.push([state, Date.now()]));
  };
  new MutationObserver(look).observe(document.body, {
    subtree: true, childList: true, attributes: true,
  });
  look();
}
"""


_SEEN = "(count) => window.seen.length === count"


def figures(changes: int = CHANGES) -> dict[str, float]:
    """p95 in milliseconds, and percent of one core."""
    folder = Path(tempfile.mkdtemp(prefix="mdg-bench-floor-"))
    try:
        return asyncio.run(_measure(folder, changes))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(folder: Path, changes: int) -> dict[str, float]:
    ports, state_dir = Ports.free(), folder / "state"
    centre = bench_centre(state_dir, ports, PANELS)
    base = f"http://{HOST}:{ports.api}"
    async with (
        running_switch(centre, ports, PANELS, baseline=False),
        answering_phones(folder, ports),
    ):
        # After the switch, which begins with an empty state.
        tokens = TokenStore(state_dir)
        admin = {"Authorization": f"Bearer {tokens.add(Role.ADMINISTRATOR, label='bench')}"}
        panels = [tokens.add(Role.OPERATOR, name) for name in phone_names(PANELS)]
        async with (
            controller_process(state_dir, PANELS, ports) as controller,
            aiohttp.ClientSession(base, headers=admin) as session,
        ):
            async with _floor(session, base) as page:
                seen_ms = await _changes(page, session, changes)
            async with connected(base, panels):
                used = await cpu_percent(folder, ports, controller.pid)
    return {"floor_seen_p95_ms": nearest_rank(seen_ms, 95), "panels_cpu_percent": used}


@contextlib.asynccontextmanager
async def _floor(session: aiohttp.ClientSession, base: str) -> AsyncIterator[Page]:
    """The floor's page in a browser, as a supervisor sees it."""
    body = {"user": _USER, "name": "bench", "roles": ["supervisor"], "password": _PASSWORD}
    async with session.post("/api/people", json=body) as answer:
        answer.raise_for_status()
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("chromium is missing: run `make setup`")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--disable-dev-shm-usage"]
        )
        try:
            context = await browser.new_context(base_url=base)
            entered = await context.request.post(
                "/api/session",
                data={"user": _USER, "password": _PASSWORD},
                headers={"Origin": base},
            )
            if not entered.ok:
                raise SystemExit(await entered.text())
            page = await context.new_page()
            await page.goto("/floor")
            await page.wait_for_selector('[data-row^="agent:"]')
            yield page
        finally:
            await browser.close()


async def _changes(page: Page, session: aiohttp.ClientSession, count: int) -> list[float]:
    """One operator goes away and comes back; from the engine's stamp until each is drawn."""
    who = phone_names(PANELS)[0]
    await page.evaluate(_WATCH, f"agent:{who}")
    await page.wait_for_function(_SEEN, arg=1)
    chance, took_ms = random.Random(1), []
    for number in range(count):
        await asyncio.sleep(chance.uniform(*_PAUSE_S))
        path, body = ("not-ready", {"reason": "break"}) if number % 2 == 0 else ("ready", {})
        async with session.post(f"/api/agents/{who}/{path}", json=body) as answer:
            answer.raise_for_status()
            since_s: float = (await answer.json())["since_s"]
        await page.wait_for_function(_SEEN, arg=number + 2)
        drawn_ms: float = await page.evaluate("seen.at(-1)[1]")
        took_ms.append(drawn_ms - 1000 * since_s)
    return took_ms


@contextlib.asynccontextmanager
async def connected(
    base: str, tokens: Sequence[str], path: str = "/api/live"
) -> AsyncIterator[None]:
    """Screens that listen and ping as pages do."""
    unlimited = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(base, connector=unlimited) as session:
        sockets = [
            await session.ws_connect(path, headers={"Authorization": f"Bearer {token}"})
            for token in tokens
        ]
        work = [asyncio.create_task(_read(socket)) for socket in sockets]
        work += [asyncio.create_task(_ping(socket)) for socket in sockets]
        try:
            yield
        finally:
            lost = sum(1 for socket in sockets if socket.closed)
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
        if lost:
            raise SystemExit(f"{lost} of {len(sockets)} screens lost their connection")


async def _read(socket: aiohttp.ClientWebSocketResponse) -> None:
    async for _ in socket:
        pass


async def _ping(socket: aiohttp.ClientWebSocketResponse) -> None:
    number = 0
    while True:
        number += 1
        await socket.send_json({"ping": number})
        await asyncio.sleep(_PING_S)


async def cpu_percent(folder: Path, ports: Ports, pid: int) -> float:
    """The controller's CPU time while callers come and are answered, in percent of one core."""
    calls = round(CALLS_PER_S * (_WARM_S + _MEASURED_S + 2))
    trial = Trial(calls=calls, rate=CALLS_PER_S, phones=PANELS)
    calling = await Sipp.start(callers_of(Side.MADOGUCHI, trial, ports), folder / "sipp")
    try:
        await asyncio.sleep(_WARM_S)
        before_s = proctree.cpu_seconds(pid)
        await asyncio.sleep(_MEASURED_S)
        used_s = proctree.cpu_seconds(pid) - before_s
        counts = await calling.wait()
    finally:
        await calling.stop()
    if counts.successful != calls:
        raise SystemExit(f"{calls - counts.successful} of {calls} calls were lost")
    return 100 * used_s / _MEASURED_S
