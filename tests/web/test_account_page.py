"""The own account, the way between screens, people with several roles: in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.floor_kit import at_work, press
from tests.web.people_kit import PASSWORD, add, ask, sign_in, sign_in_again
from tests.web.screen_kit import (
    DOCKED,
    WIDE,
    LiveCentre,
    barriers,
    new_context,
    open_as,
    overflows,
    picture,
    pictures,
)
from web.roles import PERSONS, Role

#: Pages that not everybody may open, and the own account.
GUARDED = ("/panel", "/floor", "/operations", "/recordings", "/people", "/account")


@pytest.mark.requirement("S14", "M30")
async def test_the_account_is_whole_in_every_language_and_width(api: Api, browser: Browser) -> None:
    wrong: list[str] = []
    for number, (lang, theme, size) in enumerate(
        [
            ("ja", "light", WIDE),
            ("ja", "dark", DOCKED),
            ("en", "dark", WIDE),
            ("en", "light", DOCKED),
        ]
    ):
        page = await open_as(
            browser, api, f"okada{number}", "quality auditor", "/account",
            size=size, lang=lang, theme=theme,
        )  # fmt: skip
        await page.wait_for_selector(".rules")
        await page.locator("input[name=new]").fill("okada okada okada")
        name = f"account-{lang}-{theme}-{'docked' if size == DOCKED else 'wide'}"
        await picture(page, name)
        wrong += [f"{name}: {each}" for each in await barriers(page)]
        wrong += [f"{name}: wider than the window"] if await overflows(page) else []
        wrong += page.wrong  # type: ignore[attr-defined]
        await page.context.close()
    assert wrong == []


async def test_the_password_is_changed_and_the_others_are_signed_out(
    api: Api, browser: Browser, log: KnownOperations
) -> None:
    page = await open_as(browser, api, "mori", Role.SUPERVISOR, "/account")
    forgotten = await sign_in_again(api, "mori")
    await page.reload()
    end = page.get_by_role("button", name="ほかの画面をサインアウトさせる")
    await end.click()
    await page.wait_for_selector("dialog")
    await press(page, "y")
    await expect(end).to_be_disabled()
    assert (await ask(api, "GET", "/api/session", forgotten))[0] == 401
    await page.get_by_label("今のパスワード").fill("not the password")
    await page.locator("input[name=new]").fill("eight small green kettles")
    await expect(page.locator(".strength")).to_contain_text("とても強い")
    await press(page, "Enter")
    await expect(page.locator(".trouble").first).to_contain_text("今のパスワードが正しくありません")
    # What was written is still there.
    assert await page.locator("input[name=new]").input_value() == "eight small green kettles"
    await page.get_by_label("今のパスワード").fill(PASSWORD)
    await press(page, "Enter")
    await expect(page.locator(".toast").last).to_contain_text("パスワードを変えました")
    await page.reload()
    await expect(page.locator(".sessions li")).to_have_count(1)
    kinds = [entry.kind.value for entry in log.entries if entry.who == "mori"]
    assert kinds[2:] == ["sessions_ended", "sign_in_refused", "password_changed"]


@pytest.mark.requirement("M24")
@pytest.mark.parametrize(
    ("roles", "first", "ways"),
    [
        ("operator", "/panel", ["/panel"]),
        ("supervisor", "/floor", ["/floor", "/recordings"]),
        ("operator supervisor", "/start", ["/panel", "/floor", "/recordings"]),
        (
            "supervisor administrator",
            "/floor",
            ["/floor", "/operations", "/recordings", "/people"],
        ),
        ("quality auditor", "/start", ["/operations", "/recordings"]),
    ],
)
async def test_everybody_begins_where_their_roles_lead(
    api: Api, roles: str, first: str, ways: list[str]
) -> None:
    headers = await sign_in(api, "ada", roles, "op09" if "operator" in roles else "")
    _, session = await ask(api, "GET", "/api/session", headers)
    assert [path for path in session["pages"] if path in GUARDED] == [*ways, "/account"]
    async with api.session.get(api.base + "/", headers=headers, allow_redirects=False) as answer:
        assert answer.headers["Location"] == first
    for path in GUARDED:
        async with api.session.get(api.base + path, headers=headers) as answer:
            assert answer.status == (200 if path in session["pages"] else 403), path


@pytest.mark.requirement("M24", "M30")
async def test_who_has_several_roles_chooses_and_goes_between_by_keyboard(
    api: Api, browser: Browser, centre: LiveCentre
) -> None:
    at_work(centre, "op10")
    page = await open_as(browser, api, "abe", "operator supervisor", "/", "op09")
    await page.wait_for_url("**/start")
    await expect(page.locator(".start .card").first).to_be_focused()
    assert await barriers(page) == []
    await pictures(page, "start")
    await press(page, "Tab", "Enter")
    await page.wait_for_url("**/floor")
    await page.wait_for_selector(".floor-columns")
    ways = page.locator("nav.screens a")
    await expect(page.locator("nav.screens [aria-current]")).to_have_attribute("href", "/floor")
    assert await page.locator('nav.screens a[href="/people"]').count() == 0
    # Nobody leaves the screen that may hold a call: the others open beside it.
    await page.keyboard.press("Tab")
    await expect(ways.first).to_be_focused()
    async with page.context.expect_page() as opened:
        await press(page, "Enter")
    panel = await opened.value
    await panel.wait_for_selector(".topbar")
    assert panel.url == f"{api.base}/panel"
    assert page.url == f"{api.base}/floor"
    # At the panel this person is an operator, on the floor somebody who sees all.
    call = centre.call(1)
    await expect(page.locator(".waiting-line, [data-row='agent:op10']").first).to_be_visible()
    state = await panel.evaluate("() => fetch('/api/state').then((answer) => answer.json())")
    assert call in state["calls"]


async def test_a_page_shows_what_its_role_sees(api: Api, centre: LiveCentre) -> None:
    headers = await sign_in(api, "abe", "operator supervisor", "op09")
    call = centre.call(1)
    url = api.base.replace("http", "ws") + "/api/live"
    for seat, seen in (("?seat=abcdefgh12", []), ("", [call])):
        async with api.session.ws_connect(url + seat, headers=headers) as socket:
            state = (await socket.receive_json())["state"]
            assert list(state["calls"]) == seen
            assert ("seat" in state) is bool(seat)


@pytest.mark.requirement("M24")
async def test_roles_add_up_and_the_log_says_which_one_was_used(
    api: Api, centre: LiveCentre, log: KnownOperations
) -> None:
    at_work(centre, "op10")
    body = {"reason": "meeting"}
    operator = await sign_in(api, "abe", "operator quality", "op09")
    status, _ = await ask(api, "POST", "/api/agents/op10/not-ready", operator, body)
    assert status == 403, "quality leads nobody, and op10 is another operator"
    leader = await sign_in(api, "baba", "operator supervisor", "op08")
    status, _ = await ask(api, "POST", "/api/agents/op10/not-ready", leader, body)
    assert status == 200
    assert (log.entries[-1].who, log.entries[-1].role) == ("baba", "supervisor")


async def test_each_role_has_its_words_on_every_screen_of_people(api: Api) -> None:
    _, known = await api.get("/api/people", "admin")
    assert set(known["roles"]) == {role.value for role in PERSONS}
    await add(api, "ada", "operator quality", "op09")
    _, known = await api.get("/api/people", "admin")
    assert known["people"][0]["roles"] == ["operator", "quality"]


async def test_the_sign_in_page_has_no_way_to_other_screens(api: Api, browser: Browser) -> None:
    page = await (await new_context(browser)).new_page()
    await page.goto(f"{api.base}/sign-in")
    await page.wait_for_selector("input[name=user]")
    assert await page.locator("nav.screens").count() == 0
