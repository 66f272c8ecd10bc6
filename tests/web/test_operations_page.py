"""The operation log as auditors see it, in a real browser over a real server."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from acd.ports_people import OperationEntry, OperationKind
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.screen_kit import barriers, open_as, overflows, pictures
from web.assets import STATIC, texts
from web.roles import Role

K = OperationKind


def happened(log: KnownOperations) -> None:
    """A morning's work, with something hostile in it."""
    start_ms = 1_795_390_000_000
    for at, (kind, who, role, subject, reason) in enumerate(
        [
            (K.CALL_LISTENED, "mori", "supervisor", "1795389000.12", ""),
            (K.SKILL_CHANGED, "mori", "supervisor", "op10 skill=tax level=4", ""),
            (K.MODE_CHANGED, "hayashi", "supervisor", "", "<img src=x onerror=alert(1)>"),
            (K.RECORDING_PLAYED, "ito", "quality", "r000000000042", "quality"),
        ]
    ):
        log.entries.append(OperationEntry(start_ms + at * 60_000, kind, who, role, subject, reason))
    log.entries.append(
        OperationEntry(start_ms, K.CALL_BARGED, "kato", "operator", "1.2", "", allowed=False)
    )


async def opened(browser: Browser, api: Api, role: Role = Role.AUDITOR, **looks: str) -> Page:
    page = await open_as(
        browser,
        api,
        "okada",
        role,
        "/operations",
        **looks,  # type: ignore[arg-type]
    )
    await page.wait_for_selector("tbody tr", timeout=20_000)
    return page


def test_every_kind_can_be_filtered_by_and_has_words() -> None:
    source = (STATIC / "operations" / "operations.js").read_text()
    for kind in OperationKind:
        assert f'"{kind.value}"' in source
        assert f"operation.{kind.value}" in texts("en")


@pytest.mark.requirement("M24")
async def test_an_auditor_finds_who_did_what_by_person_and_kind(
    api: Api, browser: Browser, log: KnownOperations
) -> None:
    happened(log)
    page = await opened(browser, api)
    rows = page.locator("tbody tr")
    await expect(rows.filter(has_text="応対品質の確認")).to_have_count(1)
    await expect(rows.filter(has_text="拒否")).to_have_count(1)
    await expect(rows.filter(has_text="onerror")).to_have_count(1)
    await expect(rows.filter(has_text="op10 · 技能: tax · レベル: 4")).to_have_count(1)
    assert (await barriers(page), await overflows(page)) == ([], False)
    await pictures(page, "operations-light")
    # By keyboard alone.
    await page.keyboard.press("/")
    await page.keyboard.type("mori")
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(2)
    await page.get_by_label("何を").select_option("call_listened")
    await page.get_by_role("button", name="絞り込む").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("モニタリング")
    await page.get_by_label("だれが").fill("nobody")
    await page.keyboard.press("Enter")
    await expect(page.locator(".empty")).to_contain_text("ありません")
    # Looking is kept as well.
    looked = [entry.who for entry in log.entries if entry.kind is K.OPERATIONS_READ]
    assert looked == ["okada"] * len(looked)
    assert len(looked) >= 4
    assert page.wrong == []  # type: ignore[attr-defined]


async def test_what_was_done_at_the_machine_itself_is_found(
    api: Api, browser: Browser, log: KnownOperations
) -> None:
    happened(log)
    machine = OperationEntry(1_795_390_000_000, K.BACKED_UP, "command line:root", "administrator")
    log.entries.append(machine)
    page = await opened(browser, api)
    await page.get_by_label("だれが").fill(machine.who)
    await page.keyboard.press("Enter")
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("バックアップの作成")


async def test_moments_are_those_of_the_centre_wherever_the_auditor_sits(
    api: Api, browser: Browser, log: KnownOperations
) -> None:
    happened(log)
    page = await opened(browser, api)
    await page.get_by_label("いつから").fill("2026-11-24T08:30")
    async with page.expect_request("**/api/operations?*") as asked:
        await page.get_by_role("button", name="絞り込む").click()
    at = datetime(2026, 11, 24, 8, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert f"from_ms={round(at.timestamp() * 1000)}" in (await asked.value).url


async def test_an_administrator_sees_it_too_in_the_dark_and_in_english(
    api: Api, browser: Browser, log: KnownOperations
) -> None:
    happened(log)
    page = await opened(browser, api, Role.ADMINISTRATOR, lang="en", theme="dark")
    await expect(page.get_by_role("link", name="Floor")).to_be_visible()
    await expect(page.locator("tbody")).to_contain_text("Recording played")
    assert (await barriers(page), await overflows(page)) == ([], False)
    await pictures(page, "operations-dark")


async def test_more_than_a_page_is_read_on_demand(
    api: Api, browser: Browser, log: KnownOperations
) -> None:
    for number in range(130):
        log.entries.append(OperationEntry(number, K.SIGNED_IN, f"p{number}", "operator"))
    page = await opened(browser, api)
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(100)
    await page.get_by_role("button", name="さらに前を表示").click()
    await expect(rows.filter(has_text="p0 ")).to_have_count(1)


@pytest.mark.requirement("M24")
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.QUALITY, Role.PLANNER])
async def test_nobody_else_may_look(api: Api, role: Role) -> None:
    headers = api.headers(role.value)
    for path in ("/operations", "/api/operations"):
        async with api.session.get(api.base + path, headers=headers) as answer:
            assert answer.status == 403
