"""What tests of the floor page share: operators at work, the page, keys pressed by a person."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from playwright.async_api import Browser, Page

from acd.core.ids import AgentId, CallId
from acd.core.inputs import AgentLoggedIn, AgentPaused, AgentReadied
from acd.ports_people import OperationKind
from agents.state import NotReadyReason
from tests.fakes.centre import Centre
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.screen_kit import open_as
from web.roles import Role


async def floor(
    browser: Browser,
    api: Api,
    user: str = "mori",
    role: Role = Role.SUPERVISOR,
    telephone: str = "",
    **looks: Any,
) -> Page:
    """The floor as a supervisor sees it; ``telephone`` has been chosen before."""
    page = await open_as(browser, api, user, role, "/floor", **looks)
    if telephone:
        await page.evaluate(f"localStorage.setItem('madoguchi.floor.telephone', '{telephone}')")
        await page.reload()
    await page.wait_for_selector(".floor-columns", timeout=20_000)
    return page


def at_work(centre: Centre, *agents: str) -> None:
    """Operators log in and are ready."""
    for agent in agents:
        centre.do(AgentLoggedIn(AgentId(agent)))
        centre.do(AgentReadied(AgentId(agent)))


def away(centre: Centre, agent: str) -> None:
    """An operator logs in and goes to lunch."""
    centre.do(AgentLoggedIn(AgentId(agent)))
    centre.do(AgentPaused(AgentId(agent), NotReadyReason.LUNCH))


def talk(centre: Centre, number: int = 1) -> CallId:
    """op09 talks with a caller."""
    at_work(centre, "op09")
    call = centre.call(number)
    centre.connect(call)
    return call


def done(log: KnownOperations) -> list[tuple[OperationKind, str]]:
    """What the operation log says of the supervisor, but for signing in."""
    return [
        (entry.kind, entry.subject)
        for entry in log.entries
        if entry.who == "mori" and entry.kind is not OperationKind.SIGNED_IN
    ]


async def choose(page: Page, row: str) -> None:
    """Choose a line of the page by its name: ``agent:op09``, ``call:…``."""
    await page.focus(f'[data-row="{row}"]')
    await page.wait_for_selector(f'[data-row="{row}"][aria-current="true"]')


async def press(page: Page, *keys: str) -> None:
    """Press keys one after another, as fast as a person does."""
    for key in keys:
        await page.keyboard.press(key)
        await page.wait_for_timeout(60)


async def until(true: Callable[[], Any], within_s: float = 20.0) -> None:
    """Wait until something is true of the engine."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "it did not become true"
        await asyncio.sleep(0.02)
