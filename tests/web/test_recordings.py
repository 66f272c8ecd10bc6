"""Recordings over the interface: who may do what, always with a reason, always written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from acd.core.commands import OfferCall
from acd.core.ids import AgentId
from acd.core.inputs import AgentLoggedIn, AgentReadied
from acd.ports_people import OperationKind
from tests.fakes.centre import Centre
from tests.fakes.people import KnownOperations
from tests.web import screen_kit
from tests.web.client import Api
from tests.web.screen_kit import DOCKED, WIDE, barriers, overflows, picture, pictures
from tests.web.tapes import Tapes
from web.roles import Role

SEARCHERS = {Role.SUPERVISOR, Role.QUALITY, Role.ADMINISTRATOR}
LISTENERS = {Role.SUPERVISOR, Role.QUALITY}
HOLDERS = {Role.SUPERVISOR, Role.ADMINISTRATOR}
ME = AgentId("op10")


@pytest.fixture
async def tapes(tmp_path: Path, centre: Centre) -> AsyncIterator[Tapes]:
    made = Tapes(tmp_path, centre)
    centre.sinks.append(made.recorder)
    yield made
    await made.vault.close()


def who(api: Api, role: Role) -> dict[str, str]:
    return api.headers("op10" if role is Role.OPERATOR else api.role(role.value))


async def ask(
    api: Api, role: Role, method: str, path: str, body: Mapping[str, object] | None = None
) -> tuple[int, bytes]:
    headers = who(api, role)
    async with api.session.request(method, api.base + path, json=body, headers=headers) as answer:
        return answer.status, await answer.read()


@pytest.mark.requirement("M16")
@pytest.mark.requirement("M24")
@pytest.mark.parametrize("role", list(Role))
async def test_the_policy_for_every_role(api: Api, tapes: Tapes, role: Role) -> None:
    (one,) = await tapes.store()
    path = f"/api/recordings/{one}"
    for method, wanted, allowed, body in (
        ("GET", "/api/recordings?reason=quality", SEARCHERS, None),
        ("POST", "/api/recordings/search", SEARCHERS, {"reason": "quality", "caller": "5678"}),
        ("GET", "/api/recordings/choices", SEARCHERS, None),
        ("GET", f"{path}/audio?reason=complaint", LISTENERS, None),
        ("GET", f"{path}/waveform?reason=complaint", LISTENERS, None),
        ("POST", f"{path}/hold", HOLDERS, {"reason": "dispute"}),
        ("POST", f"{path}/release", HOLDERS, {"reason": "settled"}),
        ("GET", "/api/recordings/deletions", {Role.ADMINISTRATOR, Role.AUDITOR}, None),
        ("DELETE", path, {Role.ADMINISTRATOR}, {"reason": "order"}),
    ):
        status, _ = await ask(api, role, method, wanted, body)
        assert status == (200 if role in allowed else 403), (role, method, wanted)


@pytest.mark.requirement("M16")
async def test_nothing_without_a_reason_and_every_access_is_written_down(
    api: Api, tapes: Tapes, log: KnownOperations
) -> None:
    (one,) = await tapes.store()
    for path in (
        "/api/recordings",
        f"/api/recordings/{one}/audio",
        f"/api/recordings/{one}/waveform",
    ):
        assert (await ask(api, Role.QUALITY, "GET", path))[0] == 400
        assert (await ask(api, Role.QUALITY, "GET", f"{path}?reason=curiosity"))[0] == 400
        assert (await ask(api, Role.QUALITY, "GET", f"{path}?reason=complaint"))[0] == 200
    done = [entry for entry in log.entries if entry.allowed]
    assert [(each.kind, each.subject, each.reason) for each in done] == [
        (OperationKind.RECORDING_SEARCHED, "", "complaint"),
        (OperationKind.RECORDING_PLAYED, one, "complaint"),
        (OperationKind.RECORDING_SEARCHED, one, "complaint"),
    ]


@pytest.mark.requirement("M16")
async def test_the_sound_comes_whole_and_is_kept_by_nobody(api: Api, tapes: Tapes) -> None:
    (one,) = await tapes.store()
    headers = who(api, Role.QUALITY)
    url = f"{api.base}/api/recordings/{one}/audio?reason=quality"
    async with api.session.get(url, headers=headers) as answer:
        data = await answer.read()
        assert answer.content_type == "audio/flac"
        assert answer.headers["Cache-Control"] == "no-store"
    sound = await tapes.kept.open(one)
    assert data == sound.read(0, sound.size)
    sound.close()
    assert (await ask(api, Role.QUALITY, "GET", url.removeprefix(api.base).replace(one, "f" * 32)))[
        0
    ] == 404


@pytest.mark.requirement("M16")
async def test_what_is_held_stays_and_what_is_deleted_is_gone(api: Api, tapes: Tapes) -> None:
    (one,) = await tapes.store()
    path = f"/api/recordings/{one}"
    assert (await ask(api, Role.SUPERVISOR, "POST", f"{path}/hold", {"reason": "dispute"}))[
        0
    ] == 200
    assert (await ask(api, Role.ADMINISTRATOR, "DELETE", path, {"reason": "order"}))[0] == 409
    settled = {"reason": "settled"}
    assert (await ask(api, Role.SUPERVISOR, "POST", f"{path}/release", settled))[0] == 200
    assert (await ask(api, Role.ADMINISTRATOR, "DELETE", path, {"reason": "retention"}))[0] == 400
    assert (await ask(api, Role.ADMINISTRATOR, "DELETE", path, {"reason": "order"}))[0] == 200
    assert (await ask(api, Role.QUALITY, "GET", f"{path}/audio?reason=quality"))[0] == 404
    status, data = await ask(api, Role.AUDITOR, "GET", "/api/recordings/deletions")
    assert status == 200
    assert one.encode() in data


@pytest.mark.requirement("M16")
async def test_operators_pause_their_own_talk_and_nobody_elses(
    api: Api, tapes: Tapes, centre: Centre, log: KnownOperations
) -> None:
    path = "/api/agents/op10/recording"
    assert (await ask(api, Role.OPERATOR, "POST", f"{path}/pause", {}))[0] == 409
    centre.do(AgentLoggedIn(ME, "op10"))
    centre.do(AgentReadied(ME))
    call = centre.call(1)
    (command,) = [c for c in centre.commands if isinstance(c, OfferCall)]
    assert tapes.recorder.begin(command)
    centre.connect(call)
    status, data = await ask(api, Role.OPERATOR, "POST", f"{path}/pause", {})
    assert (status, b'"paused_by_hand"' in data) == (200, True)
    assert b'"paused_by_hand"' in (await ask(api, Role.SUPERVISOR, "GET", path))[1]
    status, data = await ask(api, Role.OPERATOR, "POST", f"{path}/resume", {})
    assert (status, b'"running"' in data) == (200, True)
    for other in ("/api/agents/op11/recording", "/api/agents/op11/recording/pause"):
        method = "POST" if other.endswith("pause") else "GET"
        assert (await ask(api, Role.OPERATOR, method, other, {}))[0] == 403
    assert (await ask(api, Role.QUALITY, "POST", f"{path}/pause", {}))[0] == 403
    kinds = [entry.kind for entry in log.entries if entry.allowed]
    assert kinds[-2:] == [OperationKind.RECORDING_PAUSED, OperationKind.RECORDING_RESUMED]


async def test_callers_numbers_stand_in_no_address_and_administrators_see_none(
    api: Api, tapes: Tapes
) -> None:
    await tapes.store()
    query = "/api/recordings?reason=quality&caller=5678"
    assert (await ask(api, Role.QUALITY, "GET", query))[0] == 400
    _, data = await ask(api, Role.ADMINISTRATOR, "GET", "/api/recordings?reason=quality")
    assert b'"number"' not in data


@pytest.mark.parametrize(
    ("days", "count"),
    [
        ("from_day=2026-10-30&to_day=2026-10-30", 2),
        ("to_day=2026-10-29", 0),
        ("from_day=2026-10-31", 0),
        ("from_day=2026-02-30", None),
        ("to_day=9999-12-31", 2),
    ],
)
async def test_days_are_the_centres_own(
    api: Api, tapes: Tapes, days: str, count: int | None
) -> None:
    """Ten in the morning in Japan, which is another day in other places."""
    await tapes.store(2, at_ms=1_793_288_100_000)
    path = f"/api/recordings?reason=quality&{days}"
    status, data = await ask(api, Role.QUALITY, "GET", path)
    assert status == (400 if count is None else 200)
    if count is not None:
        assert data.count(b'"sha256"') == count


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with screen_kit.chromium() as running:
        yield running


async def searched(browser: Browser, api: Api, role: Role, **looks: object) -> Page:
    page = await screen_kit.open_as(
        browser,
        api,
        "yamada",
        role,
        "/recordings",
        **looks,  # type: ignore[arg-type]
    )
    await page.wait_for_selector("select[name=reason] option:nth-child(2)", state="attached")
    await page.select_option("select[name=reason]", "quality")
    await page.click("button[type=submit]")
    await page.wait_for_selector("tbody tr")
    return page


async def plays(page: Page) -> None:
    """Wait until sound comes. (The page's policy forbids the browser to evaluate conditions.)"""
    for _ in range(100):
        if await page.evaluate("document.querySelector('audio')?.currentTime ?? 0") > 0.2:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nothing is played")


@pytest.mark.requirement("M16")
@pytest.mark.requirement("M30")
@pytest.mark.parametrize(
    ("lang", "theme", "size"),
    [("ja", "light", WIDE), ("en", "dark", WIDE), ("ja", "dark", DOCKED), ("en", "light", DOCKED)],
)
async def test_the_page_searches_and_plays(
    browser: Browser, api: Api, tapes: Tapes, lang: str, theme: str, size: tuple[int, int]
) -> None:
    await tapes.store(12)
    page = await searched(browser, api, Role.QUALITY, lang=lang, theme=theme, size=size)
    assert await page.locator("tbody tr").count() == 12
    await page.locator(".row-button").first.click()
    await page.wait_for_selector(".wave svg")
    await plays(page)
    name = f"recordings-{lang}-{theme}-{'wide' if size == WIDE else 'narrow'}"
    await page.keyboard.press("p")
    await picture(page, name)
    assert await barriers(page) == []
    assert not await overflows(page)
    assert page.wrong == []  # type: ignore[attr-defined]


@pytest.mark.requirement("M30")
async def test_the_keyboard_alone_finds_plays_and_seeks(
    browser: Browser, api: Api, tapes: Tapes, log: KnownOperations
) -> None:
    await tapes.store(3)
    page = await screen_kit.open_as(browser, api, "yamada", Role.QUALITY, "/recordings")
    await page.wait_for_selector("select[name=reason] option:nth-child(2)", state="attached")
    assert await page.evaluate("document.activeElement.name") == "reason"
    await page.keyboard.press("ArrowDown")
    while await page.evaluate("document.activeElement.type") != "submit":
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("tbody tr")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await plays(page)
    await page.keyboard.press("p")
    assert await page.evaluate("document.querySelector('audio').paused")
    await page.focus(".wave")
    await page.keyboard.press("ArrowRight")
    place = await page.evaluate("document.querySelector('audio').currentTime")
    assert 5 <= place < 8
    await page.keyboard.press(".")
    assert await page.evaluate("document.querySelector('audio').playbackRate") == 1.25
    played = [each for each in log.entries if each.kind is OperationKind.RECORDING_PLAYED]
    assert len(played) == 1, "one hearing is one entry, however often it is sought in"


async def test_a_supervisor_holds_it_and_an_administrator_hears_nothing(
    browser: Browser, api: Api, tapes: Tapes
) -> None:
    (one,) = await tapes.store()
    page = await searched(browser, api, Role.SUPERVISOR)
    await page.click(".row-button")
    await page.click(".custody button")
    await pictures(page, "recordings-hold")
    await page.click("dialog .button.main")
    await page.wait_for_selector(".custody .tag-held")
    assert (await tapes.kept.get(one)).recording.held_by
    await page.click(".custody button")
    await page.click("dialog .button.main")
    await page.wait_for_selector(".custody .tag-held", state="detached")
    assert not (await tapes.kept.get(one)).recording.held_by
    page = await searched(browser, api, Role.ADMINISTRATOR)
    await page.click(".row-button")
    assert await page.locator("audio").count() == 0
    assert await barriers(page) == []


@pytest.mark.requirement("M16")
async def test_operators_see_that_it_runs_and_pause_it_with_one_key(
    browser: Browser, api: Api, tapes: Tapes, centre: Centre
) -> None:
    centre.do(AgentLoggedIn(ME, "op10"))
    centre.do(AgentReadied(ME))
    page = await screen_kit.open_as(browser, api, "sato", Role.OPERATOR, "/panel", ME)
    await page.wait_for_selector(".topbar")
    call = centre.call(1)
    (command,) = [c for c in centre.commands if isinstance(c, OfferCall)]
    tapes.recorder.begin(command)
    centre.connect(call)
    await page.get_by_text("録音中", exact=True).wait_for()
    await page.keyboard.press("r")
    await page.get_by_text("録音を止めています").wait_for()
    assert tapes.tape.hushed == [(command.offer, True)]
    await pictures(page, "panel-recording-paused")
    assert await barriers(page) == []
    await page.keyboard.press("r")
    await page.get_by_text("録音中", exact=True).wait_for()
    tapes.recorder.digit(call)
    await page.get_by_text("番号の入力中は録音を止めています").wait_for()
