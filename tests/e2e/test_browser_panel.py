"""A whole call in the operator's panel, by keyboard alone: real Asterisk, chromium and sound."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from sim.load.sound import tone
from tests.e2e.browser_kit import (
    CALLER_HZ,
    HEARD,
    LEVEL,
    OPERATOR_HZ,
    PASSWORD,
    SILENCE,
    Caller,
    Office,
    running_browser,
    running_office,
    until,
)
from tests.fakes.sip_agent import Dialog
from tests.fakes.voice import Voice, level

HALL_HZ, OTHER_HZ = 1700, 1300
CITY_HALL = """
[directory.hall]
name = { ja = "市役所", en = "City hall" }
dial = { phone = "dept-hall" }
"""
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    folder = Path(tempfile.mkdtemp(prefix="mdg-panel-"))
    people = {"op01": "tax = 5", "op02": "waste = 5"}
    async with running_office(folder, people, more_plan=CITY_HALL) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _nobody_stays(office: Office) -> AsyncIterator[None]:
    """A test that failed leaves no call and nobody at work to the next one."""
    yield
    await office.kit.switch.cli("channel request hangup all")
    await office.kit.until(office.kit.no_channels)
    for agent, seen in (await office.kit.state())["agents"].items():
        if seen["state"] != "logged_out":
            await office.kit.request("POST", f"/api/agents/{agent}/logout", {})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk_two(
    office: Office, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    """Another machine: a browser of its own, with a voice of its own."""
    async with running_browser(tmp_path_factory.mktemp("two"), hz=OTHER_HZ) as browser:
        yield office.at(browser)


async def signed_in(office: Office, agent: str) -> Page:
    """Somebody signs in at the page, by keyboard."""
    page = await office.stranger(agent)
    await page.goto("/")
    await page.wait_for_selector("input")
    await page.keyboard.type(agent)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/panel")
    return page


async def at_work(office: Office, agent: str) -> Page:
    """Somebody signs in, chooses the browser as telephone, and is ready."""
    page = await signed_in(office, agent)
    await page.wait_for_selector(".login")
    await page.keyboard.press("F2")
    await office.kit.until(lambda: is_(office, agent, "not_ready"))
    await page.wait_for_selector(".login", state="detached")
    await page.keyboard.press("F2")
    await office.kit.until(lambda: is_(office, agent, "ready"))
    return page


async def is_(office: Office, agent: str, state: str) -> bool:
    return agent in await office.kit.agents_in(state)


async def hears(page: Page, hz: int) -> float:
    found: float = await page.evaluate(f"hearing.level({hz})")
    return found


async def talk(page: Page, caller: Caller) -> None:
    """Return when page and caller hear one another."""

    async def both() -> bool:
        return await hears(page, CALLER_HZ) > HEARD and caller.hears(OPERATOR_HZ) > HEARD

    async def story() -> str:
        packets = await page.evaluate("hearing.packets()")
        there, here = caller.hears(OPERATOR_HZ), await hears(page, CALLER_HZ)
        return f"caller {there:.3f} of {len(caller.voice.packets)}, page {here:.3f}, {packets}"

    await until(both, story=story)


async def answers(office: Office, page: Page, agent: str) -> None:
    await office.kit.until(lambda: is_(office, agent, "ringing"))
    await page.wait_for_selector(".call-buttons button.go")
    await page.keyboard.press("Enter")


@pytest_asyncio.fixture(loop_scope="module")
async def hall(office: Office) -> AsyncIterator[Voice]:
    """The city hall's telephone, which is answered at once, and its voice."""
    voice, phone = await Voice.open(), office.kit.departments["dept-hall"]
    phone.rtp_port = voice.port

    def speak(dialog: Dialog) -> None:
        dialog.answer()
        voice.speak(tone(HALL_HZ, LEVEL), dialog.sdp)

    phone.on_ring = speak
    yield voice
    voice.close()


@pytest.mark.requirement("M9")
@pytest.mark.parametrize("way", ["three-way", "attended transfer"])
async def test_the_city_hall_is_asked_and_comes_in_or_takes_over(
    office: Office, hall: Voice, way: str
) -> None:
    page = await at_work(office, "op01")
    caller = await office.caller()
    await answers(office, page, "op01")
    await talk(page, caller)
    await page.keyboard.press("t")
    await page.keyboard.type("市役所")
    await page.keyboard.press("Enter")
    await until(lambda: hears_hall(page))
    await until(lambda: level(bytes(hall.heard[-4000:]), OPERATOR_HZ) > HEARD)
    assert caller.hears(OPERATOR_HZ) < 0.1, "music meanwhile"
    if way == "three-way":
        await page.keyboard.press("3")
        await talk(page, caller)
        await until(lambda: hears_hall(page))
        await until(lambda: level(bytes(hall.heard[-4000:]), CALLER_HZ) > HEARD)
    else:
        await page.keyboard.press("t")
        await office.kit.until(lambda: is_(office, "op01", "ready"))
    await until(lambda: caller.hears(HALL_HZ) > HEARD)
    await caller.hang_up()
    await office.kit.until(lambda: is_(office, "op01", "ready"))
    await office.kit.request("POST", "/api/agents/op01/logout", {})
    await page.context.close()


async def hears_hall(page: Page) -> bool:
    return await hears(page, HALL_HZ) > HEARD


@pytest.mark.requirement("M9")
@pytest.mark.requirement("M30")
async def test_a_whole_call_by_keyboard_alone(office: Office) -> None:
    mine, theirs = await at_work(office, "op01"), await at_work(office, "op02")
    caller = await office.caller()
    await answers(office, mine, "op01")
    await talk(mine, caller)

    await mine.keyboard.press("h")
    await office.kit.until(lambda: is_(office, "op01", "hold"))
    await until(lambda: caller.hears(OPERATOR_HZ) < 0.1)  # music
    await mine.keyboard.press("h")
    await office.kit.until(lambda: is_(office, "op01", "talking"))
    await talk(mine, caller)

    # On to the colleague's line.
    await mine.keyboard.press("t")
    await mine.keyboard.type("ごみ")
    await mine.keyboard.press("Alt+Enter")
    await answers(office, theirs, "op02")
    await talk(theirs, caller)
    await office.kit.until(lambda: is_(office, "op01", "ready"))

    await theirs.keyboard.press("Escape")
    await theirs.keyboard.press("Escape")
    await asyncio.wait_for(caller.dialog.over.wait(), 20.0)
    await caller.hang_up()
    for page, agent in ((mine, "op01"), (theirs, "op02")):
        await office.kit.request("POST", f"/api/agents/{agent}/logout", {})
        await page.context.close()


@pytest.mark.requirement("M9")
async def test_a_colleague_at_another_machine_is_asked_takes_over_and_calls_back_in(
    office: Office, desk_two: Office
) -> None:
    mine, theirs = await at_work(office, "op01"), await at_work(desk_two, "op02")
    caller = await office.caller()
    await answers(office, mine, "op01")
    await talk(mine, caller)

    await asks(mine, "op02")
    await answers(office, theirs, "op02")
    await until(lambda: hears_all(mine, OTHER_HZ))
    await until(lambda: hears_all(theirs, OPERATOR_HZ))
    assert not heard_by(caller, OTHER_HZ), "music meanwhile"
    await mine.keyboard.press("t")
    await office.kit.until(lambda: is_(office, "op01", "ready"))
    await until(lambda: heard_by(caller, OTHER_HZ))
    await until(lambda: hears_all(theirs, CALLER_HZ))
    assert not heard_by(caller, OPERATOR_HZ), "who handed over is gone"

    # The other way round, and all three together.
    await asks(theirs, "op01")
    await answers(office, mine, "op01")
    await until(lambda: hears_all(theirs, OPERATOR_HZ))
    await theirs.keyboard.press("3")
    await until(lambda: hears_all(mine, CALLER_HZ, OTHER_HZ))
    await until(lambda: hears_all(theirs, CALLER_HZ, OPERATOR_HZ))
    await until(lambda: heard_by(caller, OPERATOR_HZ) and heard_by(caller, OTHER_HZ))
    await caller.hang_up()
    for page, agent in ((mine, "op01"), (theirs, "op02")):
        await office.kit.until(partial(is_, office, agent, "ready"))
        await office.kit.request("POST", f"/api/agents/{agent}/logout", {})
        await page.context.close()


async def asks(page: Page, colleague: str) -> None:
    """Find a colleague in the directory and ask."""
    await page.keyboard.press("/")
    await page.keyboard.type(colleague)
    await page.wait_for_selector(".targets .target .state-ready")
    await page.keyboard.press("Enter")


async def hears_all(page: Page, *hz: int) -> bool:
    return all([await hears(page, each) > HEARD for each in hz])


def heard_by(caller: Caller, hz: int) -> bool:
    return caller.hears(hz) > HEARD


async def test_of_two_machines_the_one_taken_over_to_gets_the_calls(
    office: Office, desk_two: Office
) -> None:
    first = await at_work(office, "op01")
    before = await contact(office)
    second = await signed_in(desk_two, "op01")
    await second.wait_for_selector(".elsewhere")
    assert await first.locator(".topbar").count() == 1
    assert await contact(office) == before, "to look at it takes nothing away"

    caller = await office.caller()
    await answers(office, first, "op01")
    await talk(first, caller)
    await second.keyboard.press("Enter")
    await second.wait_for_selector(".topbar")
    await first.wait_for_selector(".elsewhere >> text=終わるまでこの画面で続きます")
    await office.kit.until(lambda: another(office, before))
    await talk(first, caller)
    # What the other machine asks for happens all the same: the switch does it.
    await second.keyboard.press("h")
    await office.kit.until(lambda: is_(office, "op01", "hold"))
    await second.keyboard.press("h")
    await talk(first, caller)
    await caller.hang_up()
    await office.kit.until(lambda: is_(office, "op01", "ready"))
    caller = await office.caller()
    await answers(office, second, "op01")
    await until(lambda: heard_by(caller, OTHER_HZ))
    await until(lambda: hears_all(second, CALLER_HZ))
    assert not heard_by(caller, OPERATOR_HZ)
    await caller.hang_up()
    await office.kit.until(lambda: is_(office, "op01", "ready"))
    await office.kit.request("POST", "/api/agents/op01/logout", {})
    for page in (first, second):
        await page.context.close()


async def contact(office: Office) -> str:
    """Where Asterisk rings the operator's browser."""
    text = await office.kit.switch.cli("pjsip show contacts")
    return " ".join(re.findall(r"Contact:\s+web-op01/(\S+)", text))


async def another(office: Office, than: str) -> bool:
    return await contact(office) not in ("", than)


@pytest.mark.requirement("M17")
async def test_a_supervisor_hears_whispers_and_joins_in_the_browser(office: Office) -> None:
    """All microphones hold the same tone, so the operator is muted: what the caller hears of it
    then comes from the supervisor."""
    page, floor = await at_work(office, "op01"), await office.person("mori")
    caller = await office.caller()
    await answers(office, page, "op01")
    await talk(page, caller)
    await floor.goto("/floor")
    await floor.wait_for_selector(".floor-columns")
    await floor.keyboard.press("t")
    await floor.wait_for_selector(".floor-menu")
    await floor.keyboard.press("1")
    await floor.wait_for_selector(".floor-menu", state="detached")
    await floor.focus('[data-row="agent:op01"]')

    await floor.keyboard.press("l")
    await until(lambda: hears_both(floor))
    await page.keyboard.press("m")
    await until(lambda: caller.hears(OPERATOR_HZ) < SILENCE)
    assert await hears(page, OPERATOR_HZ) < SILENCE, "a listener is not heard"

    await floor.keyboard.press("w")
    await until(lambda: whispered(page))
    caller.voice.heard.clear()
    await asyncio.sleep(1.0)
    whisper = level(bytes(caller.voice.heard[-8000:]), OPERATOR_HZ)
    assert whisper < LEVEL / 100, "40 dB below"

    await floor.keyboard.press("b")
    await floor.keyboard.press("b")
    await until(lambda: caller.hears(OPERATOR_HZ) > HEARD)
    await caller.hang_up()
    await office.kit.until(lambda: is_(office, "op01", "ready"))
    await office.kit.request("POST", "/api/agents/op01/logout", {})
    for each in (page, floor):
        await each.context.close()


async def hears_both(page: Page) -> bool:
    return await hears(page, OPERATOR_HZ) > HEARD and await hears(page, CALLER_HZ) > HEARD


async def whispered(page: Page) -> bool:
    return await hears(page, OPERATOR_HZ) > HEARD
