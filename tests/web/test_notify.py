"""A call makes itself heard and seen: sound, and a notice of the desktop, in a real browser."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from acd.core.inputs import AgentLoggedIn, AgentReadied, CallerHungUp
from acd.core.plan import Plan
from tests.fakes.centre import NUMBER
from tests.web.client import Api
from tests.web.screen_kit import ME, LiveCentre, panel, pictures, ring, state_is

#: What the page sounds and shows is noted, and happens all the same. A page of a test is always in
#: front: whether it is hidden is told to it.
_WATCH = """
window.tones = [];
window.contexts = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.tones.push(performance.now());
  return start.apply(this, when);
};
window.AudioContext = class extends AudioContext {
  constructor() {
    super();
    window.contexts.push(this);
    if (window.untouched) super.suspend();
  }
  // What a test asks a page counts as a touch for the browser: the rule is played here.
  resume() {
    if (!window.untouched) return super.resume();
    return new Promise((resolve) => {
      addEventListener("keydown", () => super.resume().then(resolve), { once: true });
    });
  }
};
window.untouched = UNTOUCHED;
addEventListener("keydown", () => (window.untouched = false), { capture: true });
window.silent = () => window.contexts.every((each) => each.state !== "running");
window.notices = [];
window.Notification = class extends Notification {
  constructor(title, options) {
    super(title, options);
    this.open = true;
    window.notices.push(this);
  }
  close() {
    this.open = false;
    super.close();
  }
};
Object.defineProperty(document, "visibilityState", {
  get: () => (window.behind ? "hidden" : "visible"),
});
"""
_OPEN = "notices.filter((each) => each.open).length"
#: One chord is two tones.
_CHORD = 2
_AGAIN_S = 2.0


@pytest.fixture
async def centre(plan: Plan) -> AsyncIterator[LiveCentre]:
    made = LiveCentre(plan)
    living = asyncio.create_task(made.live())
    made.do(AgentLoggedIn(ME))
    made.do(AgentReadied(ME))
    yield made
    living.cancel()


async def watched(browser: Browser, api: Api, *, touched: bool = True) -> Page:
    """The panel of somebody who is ready, and has touched the page since it was loaded."""
    page = await panel(browser, api)
    script = _WATCH.replace("UNTOUCHED", "false" if touched else "true")
    await page.context.add_init_script(script)
    await page.reload()
    await state_is(page, "ready")
    if touched:
        await page.click("header, main")
    return page


async def until(page: Page, true: str, within_s: float = 20.0) -> None:
    await page.wait_for_function(f"() => {true}", timeout=within_s * 1_000)


async def tones(page: Page) -> int:
    count: int = await page.evaluate("tones.length")
    return count


async def one_chord_each_pause(page: Page) -> None:
    """Two tones at once, then nothing for almost as long as the pause."""
    times_ms: list[float] = await page.evaluate("tones")
    starts = times_ms[::_CHORD]
    for begin, second in zip(starts, times_ms[1::_CHORD], strict=False):
        assert second - begin < 300, times_ms
    for begin, following in itertools.pairwise(starts):
        assert following - begin > 600 * _AGAIN_S, times_ms


async def no_more(page: Page) -> None:
    """It is silent, and stays so for longer than a ring takes to come again."""
    await until(page, "silent()")
    before = await tones(page)
    await asyncio.sleep(1.2 * _AGAIN_S)
    assert await tones(page) == before


async def set_sound(page: Page, *, on: bool) -> None:
    """As in the settings."""
    await page.keyboard.press(",")
    await page.set_checked("dialog input[type=checkbox] >> nth=0", on)
    await page.keyboard.press("Escape")


@pytest.mark.requirement("M4")
async def test_it_rings_until_it_is_answered_and_once_for_each_ring(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await watched(browser, api)
    assert await tones(page) == 0
    call = ring(centre)
    await until(page, f"tones.length >= {_CHORD}")
    for number in (2, 3, 4):
        ring(centre, number)  # others call meanwhile: news, and no second sound
    await until(page, f"tones.length >= {3 * _CHORD}", 10.0)
    await one_chord_each_pause(page)
    centre.connect(call)
    await state_is(page, "talking")
    await no_more(page)
    # The next one rings again, and is given up.
    centre.do(CallerHungUp(call))
    await state_is(page, "wrap_up")
    before = await tones(page)
    centre.do(AgentReadied(ME))
    await until(page, f"tones.length >= {before + _CHORD}")
    for number in (2, 3, 4):
        centre.do(CallerHungUp(centre_call(number)))
    await state_is(page, "ready")
    await no_more(page)


def centre_call(number: int) -> Any:
    return f"17000000.{number:06d}"


async def test_sound_is_turned_off_and_on_and_that_is_remembered(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await watched(browser, api)
    await set_sound(page, on=False)
    await page.reload()
    await state_is(page, "ready")
    await page.click("header, main")
    ring(centre)
    await state_is(page, "ringing")
    await asyncio.sleep(0.5)
    assert await tones(page) == 0
    # Whoever turns it on while it rings hears it; off again: silent at once.
    await set_sound(page, on=True)
    await until(page, f"tones.length >= {_CHORD}")
    await set_sound(page, on=False)
    await no_more(page)


@pytest.mark.parametrize("allowed", [True, False])
async def test_a_notice_is_shown_when_it_may_be_and_nobody_looks(
    api: Api, centre: LiveCentre, browser: Browser, allowed: bool
) -> None:
    page = await watched(browser, api)
    await page.context.grant_permissions(["notifications"] if allowed else [])
    call = ring(centre)
    await state_is(page, "ringing")
    assert await page.evaluate("notices.length") == 0, "it is in front"
    centre.do(CallerHungUp(call))
    await state_is(page, "ready")
    await page.evaluate("window.behind = true")
    call = ring(centre, 2)
    await state_is(page, "ringing")
    if not allowed:
        assert await page.evaluate("notices.length") == 0
        return
    await until(page, f"{_OPEN} === 1")
    said = await page.evaluate("notices[0].title + notices[0].body")
    assert "電話です" in said
    assert NUMBER not in said.replace("-", "")
    # Silence is not the end of the ring: the notice stays until somebody answers.
    await set_sound(page, on=False)
    assert await page.evaluate(_OPEN) == 1
    centre.connect(call)
    await until(page, f"{_OPEN} === 0")


async def test_a_page_that_may_not_sound_yet_says_so_and_does_not_burst_out(
    api: Api, centre: LiveCentre, browser: Browser
) -> None:
    page = await watched(browser, api, touched=False)
    notice = page.locator(".notice")
    await notice.wait_for()
    assert "まだ音を出せません" in await notice.inner_text()
    await pictures(page, "panel-14-sound-held-back")
    ring(centre)
    await state_is(page, "ringing")
    await asyncio.sleep(1.2 * _AGAIN_S)
    assert await tones(page) == 0
    await page.keyboard.press("Shift")
    await notice.wait_for(state="detached")
    await until(page, f"tones.length >= {2 * _CHORD}")
    await one_chord_each_pause(page)
