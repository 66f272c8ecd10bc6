"""Who may sign in, as an administrator sees it; and somebody new gets in, by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from acd.config.people_settings import PeopleSettings
from acd.core.ids import AgentId
from acd.core.inputs import AgentLoggedIn, AgentReadied
from acd.core.plan import Plan
from tests.fakes.centre import Centre
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.floor_kit import press
from tests.web.people_kit import PASSWORD, SECRET, add, attempt, sign_in, sign_in_again
from tests.web.screen_kit import (
    DOCKED,
    LiveCentre,
    barriers,
    new_context,
    open_as,
    overflows,
    picture,
    pictures,
    watch,
)
from web.roles import Role
from web.totp import code_at

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def centre(plan: Plan) -> LiveCentre:
    return LiveCentre(plan)


@pytest.fixture
def people_settings() -> PeopleSettings:
    return PeopleSettings(second_factor=("quality",), lock_after=3)


async def staff(api: Api) -> None:
    """A few people, one of them locked, one disabled, one with a hostile name."""
    people = api.server.entrance.people
    await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    await add(api, "ito", "operator quality", "op02", totp=SECRET)
    await add(api, "mori", "supervisor administrator")
    await add(api, "eve", Role.AUDITOR)
    await people.change("eve", name=HOSTILE, disabled=True)
    for _ in range(3):
        await attempt(api, "ito", "a wrong password")


async def opened(browser: Browser, api: Api, **looks: object) -> Page:
    page = await open_as(
        browser,
        api,
        "root",
        Role.ADMINISTRATOR,
        "/people",
        **looks,  # type: ignore[arg-type]
    )
    await page.wait_for_selector(".person-line", timeout=20_000)
    return page


def done(log: KnownOperations) -> list[tuple[str, str]]:
    """What the operation log says that the administrator did to somebody."""
    mine = [entry for entry in log.entries if entry.who == "root" and entry.subject]
    return [(each.kind.value, each.subject) for each in mine if each.kind.value != "signed_in"]


@pytest.mark.requirement("M24", "M25", "M30")
@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("ja-light-wide", {}),
        ("ja-dark-docked", {"theme": "dark", "size": DOCKED}),
        ("en-light-docked", {"lang": "en", "size": DOCKED}),
        ("en-dark-wide", {"lang": "en", "theme": "dark"}),
    ],
)
async def test_everybody_is_there_with_roles_and_state(
    api: Api, browser: Browser, name: str, looks: dict[str, object]
) -> None:
    await staff(api)
    page = await opened(browser, api, **looks)
    lines = page.locator(".person-line")
    await expect(lines).to_have_count(5)
    await expect(page.locator("body")).to_contain_text(HOSTILE)
    wrong: list[str] = []

    async def look(what: str) -> None:
        await picture(page, f"people-{what}-{name}")
        wrong.extend(f"{what}: {each}" for each in await barriers(page))
        if await overflows(page):
            wrong.append(f"{what}: wider than the window")

    await look("1-list")
    locked = {"ja": "ロック中", "en": "Locked until"}["en" if name.startswith("en") else "ja"]
    await expect(lines.filter(has_text="ito さん")).to_contain_text(locked)
    await page.locator('[data-row="ito"]').click()
    await page.wait_for_selector(".facts")
    await look("2-person")
    await press(page, "e")
    await page.wait_for_selector("dialog form")
    await look("3-edit")
    await press(page, "Escape", "p")
    await page.wait_for_selector("dialog .stop")
    await look("4-sure")
    await press(page, "y")
    await page.wait_for_selector("dialog input[readonly]")
    await look("5-link")
    assert wrong == []
    assert page.wrong == []  # type: ignore[attr-defined]


@pytest.mark.requirement("M30", "S9")
async def test_somebody_new_is_added_and_gets_in_by_keyboard_alone(
    api: Api, browser: Browser, centre: Centre, log: KnownOperations
) -> None:
    page = await opened(browser, api)
    await press(page, "n")
    await page.wait_for_selector("dialog form")
    await page.keyboard.type("山田 花子")
    await press(page, "Tab")
    await page.keyboard.type("yamada")
    # Operator and quality: the first and the third of the roles.
    await press(page, "Tab", "Space", "Tab", "Tab", "Space")
    await press(page, *["Tab"] * 5)
    await page.keyboard.type("op03")
    await press(page, "Tab", "Enter")
    link = page.locator("dialog input[readonly]")
    await expect(link).to_be_visible()
    address = await link.input_value()
    await press(page, "Escape")
    await expect(page.locator(".facts")).to_contain_text("op03")
    assert done(log) == [
        ("person_added", "yamada roles=operator,quality agent=op03"),
        ("link_made", "yamada"),
    ]
    # The new one opens the link, on another machine.
    own = await (await new_context(browser)).new_page()
    wrong = watch(own)
    await own.goto(address)
    await own.wait_for_url("**/account")
    await own.wait_for_selector("input[name=new]")
    assert "link" not in own.url
    await own.focus("input[name=new]")
    await own.keyboard.type("short")
    await expect(own.locator(".rules .kept")).to_have_count(2)
    await pictures(own, "account-1-choosing")
    await own.keyboard.press("Control+A")
    await own.keyboard.type(PASSWORD)
    await expect(own.locator(".rules .kept")).to_have_count(3)
    await press(own, "Enter")
    await second_factor(own, centre)
    await pictures(own, "account-2-done")
    assert wrong == []
    again = await (await new_context(browser, lang="en")).new_page()
    code = code_at(await kept_secret(api, "yamada"), int(centre.wall_s) // 30 + 1)
    await sign_in_again(api, "yamada", code=code)
    await again.goto(address)
    await expect(again.locator("#trouble")).to_contain_text("used already")


async def second_factor(page: Page, centre: Centre) -> None:
    """Set up a second factor on the account page, by keyboard."""
    begin = page.get_by_role("button", name="設定を始める")
    await begin.focus()
    await press(page, "Enter")
    await page.wait_for_selector("input[name=password]")
    await page.keyboard.type(PASSWORD)
    await press(page, "Enter")
    await page.wait_for_selector(".qr")
    await pictures(page, "account-3-second-factor")
    assert await barriers(page) == []
    secret = (await page.locator(".key-text").inner_text()).replace(" ", "")
    await page.keyboard.type("000000")
    await press(page, "Enter")
    await expect(page.locator(".trouble").last).to_contain_text("正しくありません")
    await page.keyboard.press("Control+A")
    await page.keyboard.type(code_at(secret, int(centre.wall_s) // 30))
    await press(page, "Enter")
    await expect(page.get_by_role("button", name="別の機器で設定し直す")).to_be_visible()


async def kept_secret(api: Api, user: str) -> str:
    person = api.server.entrance.people.find(user)
    assert person is not None
    return person.totp


@pytest.mark.requirement("M24")
async def test_what_hurts_is_asked_about_first_and_logged(
    api: Api, browser: Browser, log: KnownOperations
) -> None:
    await staff(api)
    page = await opened(browser, api)
    people = api.server.entrance.people
    await page.locator('[data-row="ito"]').click()
    await press(page, "u")
    await expect(page.locator(".toast")).to_contain_text("ロックを解除")
    # Enter by itself is the safe answer.
    await press(page, "f")
    await page.wait_for_selector("dialog .stop")
    await press(page, "Enter")
    assert await kept_secret(api, "ito") == SECRET
    await press(page, "f", "y")
    await expect(page.locator(".facts")).to_contain_text("必要ですが")
    await press(page, "Escape")
    await page.locator('[data-row="kobayashi"]').click()
    await press(page, "s", "y")
    await expect(page.get_by_role("button", name="画面をすべて閉じさせる")).to_have_count(0)
    assert people.sessions.of("kobayashi") == []
    await press(page, "x", "y")
    await expect(page.locator(".facts")).to_contain_text("停止中")
    await press(page, "b")
    await expect(page.locator(".facts")).not_to_contain_text("停止中")
    assert done(log) == [
        ("unlocked", "ito"),
        ("second_factor_changed", "ito"),
        ("sessions_ended", "kobayashi"),
        ("person_disabled", "kobayashi"),
        ("person_changed", "kobayashi"),
    ]


async def test_roles_are_changed_and_a_call_is_warned_of(
    api: Api, browser: Browser, centre: Centre
) -> None:
    await staff(api)
    centre.do(AgentLoggedIn(AgentId("op09")))
    centre.do(AgentReadied(AgentId("op09")))
    centre.connect(centre.call(1))
    page = await opened(browser, api)
    await page.locator('[data-row="kobayashi"]').click()
    await press(page, "x")
    await expect(page.locator("dialog .warning")).to_contain_text("電話の対応中")
    await press(page, "Escape", "e")
    await page.get_by_role("checkbox", name="スーパーバイザー").check()
    await page.keyboard.press("Enter")
    await expect(page.locator(".facts")).to_contain_text("オペレーター・スーパーバイザー")
    await press(page, "Escape")
    await press(page, "/")
    await page.keyboard.type("koba")
    await expect(page.locator(".person-line")).to_have_count(1)
    await expect(page.locator(".tag")).to_have_count(2)


async def test_nobody_can_shut_the_door_behind_themselves(api: Api, browser: Browser) -> None:
    page = await opened(browser, api)
    await page.locator('[data-row="root"]').click()
    await expect(page.locator("dialog")).to_contain_text("ほかの管理者")
    assert await page.locator("dialog .acts").count() == 0
    await pictures(page, "people-6-own")
