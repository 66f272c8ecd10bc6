"""Screens in a real browser over a centre that lives: time passes, wrap-ups end, people sign in."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from acd.core.commands import StartTimer
from acd.core.ids import AgentId, CallId, QueueId, SwitchId
from acd.core.inputs import (
    CallArrived,
    Caller,
    CallerKind,
    Input,
    MenuStepped,
    QueueRequested,
    TimerFired,
)
from acd.core.step import Outcome
from acd.errors import MadoguchiError
from tests.fakes.centre import NUMBER, Centre
from tests.web import people_kit
from tests.web.client import Api
from web.channel import Channel
from web.roles import Role

#: Pictures of screens are kept here by the test run, to be looked at.
PICTURES = Path(__file__).parents[2] / "build" / "screens"
AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
WIDE, DOCKED = (1280, 720), (360, 720)
TICK_S = 0.02


@dataclass
class LiveCentre(Centre):
    """A centre whose clock runs and whose timers fire."""

    def __post_init__(self) -> None:
        self.now = time.time()
        self.wall_s = self.now
        self._timers: list[StartTimer] = []
        super().__post_init__()

    def do(self, happened: Input) -> Outcome:
        """Decide now."""
        self.now = max(self.now, time.time())
        outcome = super().do(happened)
        self._timers += [c for c in outcome.commands if isinstance(c, StartTimer)]
        return outcome

    async def live(self) -> None:
        """Let time pass until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            self.now = max(self.now, time.time())
            self.wall_s = self.now
            due = [timer for timer in self._timers if timer.at_s <= self.now]
            self._timers = [timer for timer in self._timers if timer.at_s > self.now]
            for timer in due:
                self.do(TimerFired(timer.token))


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's chromium; it is part of the set-up, so that its absence is a failure."""
    program = shutil.which("chromium")
    assert program is not None, "chromium is missing: run `make setup`"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            await browser.close()


async def open_as(
    browser: Browser,
    api: Api,
    user: str,
    role: Role | str,
    path: str,
    agent: str = "",
    *,
    size: tuple[int, int] = WIDE,
    lang: str = "ja",
    theme: str = "light",
) -> Page:
    """A page of somebody who has signed in, in a browser of their own."""
    context = await new_context(browser, size, lang, theme)
    headers = await people_kit.sign_in(api, user, role, agent)
    name, _, value = headers["Cookie"].partition("=")
    await context.add_cookies([{"name": name, "value": value, "url": api.base}])
    page = await context.new_page()
    watch(page)
    await page.goto(api.base + path)
    return page


async def new_context(
    browser: Browser, size: tuple[int, int] = WIDE, lang: str = "ja", theme: str = "light"
) -> BrowserContext:
    """A browser with a language, colours and a size; it moves nothing."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="ja-JP", reduced_motion="reduce"
    )
    await context.add_init_script(
        f"localStorage.setItem('madoguchi.lang', '{lang}');"
        f"localStorage.setItem('madoguchi.theme', '{theme}');"
    )
    return context


def watch(page: Page) -> list[str]:
    """What went wrong in a page: errors, and what the content security policy stopped."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda said: (
            found.append(said.text)
            if "Content Security Policy" in said.text or "Refused to" in said.text
            else None
        ),
    )
    page.wrong = found  # type: ignore[attr-defined]
    return found


async def picture(page: Page, name: str) -> None:
    """Keep what the page looks like."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


async def each_language(page: Page) -> AsyncIterator[str]:
    """The page in the other language, and then in its own again."""
    own: str = await page.evaluate("() => document.documentElement.lang")
    for lang in ("ja" if own == "en" else "en", own):
        await page.evaluate(
            """async (lang) => {
              const words = document.querySelector('link[href$="/base/i18n.js"]').href;
              await (await import(words)).speak(lang);
              await new Promise(requestAnimationFrame);
            }""",
            lang,
        )
        yield lang


async def words_at_hand(page: Page) -> None:
    """Let the browser have the words of both languages before the line to the server is cut."""
    async for _ in each_language(page):
        pass


async def pictures(page: Page, name: str) -> None:
    """Keep what a page looks like in both languages; in neither may anything overflow."""
    async for lang in each_language(page):
        assert not await overflows(page), f"{name} in {lang}"
        await picture(page, f"{name}-{lang}")


async def barriers(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.1 A and AA: rule, and the first element it is about."""
    # As the browser's own tool would: the policy of the page holds for the page, not for us.
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate(
        "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
    )
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]} — {each['nodes'][0]['failureSummary']}"
        for each in found["violations"]
    ]


async def overflows(page: Page) -> bool:
    """Whether the page is wider than the window: somebody would have to scroll sideways."""
    found: bool = await page.evaluate(
        "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return found


#: The operator whose panel it is.
ME = AgentId("op09")


async def panel(browser: Browser, api: Api, user: str = "kobayashi", **looks: Any) -> Page:
    """The panel of operator op09, who has signed in and not begun."""
    page = await open_as(browser, api, user, Role.OPERATOR, "/panel", ME, **looks)
    await page.wait_for_selector(".topbar", timeout=20_000)
    return page


def ring(
    centre: Centre, number: int = 1, caller: Caller | None = None, queue: str = "general"
) -> CallId:
    """Somebody calls, presses 1 and 2, and is offered to whoever is ready."""
    call = CallId(f"17000000.{number:06d}")
    who = caller or Caller(CallerKind.NUMBER, NUMBER)
    centre.do(CallArrived(call, SwitchId("a"), f"PJSIP/c-{number}", "carrier", "0466001111", who))
    centre.do(MenuStepped(call, "main", "1"))
    centre.do(MenuStepped(call, "general", "2"))
    centre.do(QueueRequested(call, QueueId(queue)))
    return call


async def state_is(page: Page, state: str) -> None:
    """Wait until the panel says so."""
    await page.wait_for_selector(f".my-state .state-{state}.chip", timeout=20_000)


def stick(channel: Channel) -> None:
    """Let a live channel be stuck for a minute by now: it answers pings, and tells nothing."""

    def stuck() -> None:
        raise MadoguchiError("stuck", code="stuck")

    channel.flush = stuck  # type: ignore[method-assign]
    channel._looked_s -= 60
