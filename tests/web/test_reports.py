"""Reports over the interface and on their page: who sees what, figures opened, files."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from openpyxl import load_workbook
from playwright.async_api import Browser, Page, Route, expect

from acd.app.reports import Reports
from acd.ports_people import OperationKind
from metrics.report_model import Report
from tests.fakes.people import KnownOperations
from tests.report_days import CALLER, at_ms
from tests.web import screen_kit
from tests.web.client import Api
from tests.web.reports_kit import DAY, busy_day
from tests.web.screen_kit import DOCKED, WIDE, barriers, each_language, overflows, picture, pictures
from web.roles import Role

READERS = {Role.SUPERVISOR, Role.ADMINISTRATOR, Role.PLANNER, Role.CITY_STAFF}
WHICH = "kind=daily&first=2026-11-20"
LOST = "first=2026-11-21&last=2026-11-21"


@pytest.fixture
def reports(tmp_path: Path) -> Reports:
    return busy_day(tmp_path)


async def get(api: Api, role: Role, path: str) -> tuple[int, bytes, str]:
    who = "op10" if role is Role.OPERATOR else api.role(role.value)
    async with api.session.get(api.base + path, headers=api.headers(who)) as answer:
        return answer.status, await answer.read(), answer.headers.get("Content-Type", "")


@pytest.mark.requirement("M24")
@pytest.mark.parametrize("role", list(Role))
async def test_the_policy_for_every_role(api: Api, role: Role) -> None:
    cell = f"key=abandoned&from_ms={at_ms(DAY, 0)}&to_ms={at_ms(DAY, 24)}"
    when = f"at_ms={at_ms(DAY, 9.5)}"
    for path, allowed in (
        ("/api/reports/choices", READERS),
        (f"/api/reports?{WHICH}", READERS),
        (f"/api/reports/page?{WHICH}&lang=en", READERS),
        (f"/api/reports/file?{WHICH}&format=csv", READERS),
        (f"/api/reports?{WHICH}&operators=true", {Role.SUPERVISOR, Role.ADMINISTRATOR}),
        (f"/api/reports/calls?{cell}", READERS),
        (f"/api/reports/calls?{cell}&dim=operator", {Role.SUPERVISOR, Role.ADMINISTRATOR}),
        (f"/api/reports/calls/by-hand/caller?{when}", {Role.SUPERVISOR}),
        (f"/api/reports/lost?{LOST}", READERS),
    ):
        status, data, _ = await get(api, role, path)
        assert status == (200 if role in allowed else 403), (role, path, data[:200])


@pytest.mark.requirement("M26")
async def test_a_figure_is_opened_down_to_its_calls_without_whose_they_were(
    api: Api, log: KnownOperations
) -> None:
    status, data, _ = await get(api, Role.PLANNER, f"/api/reports?{WHICH}")
    report = msgspec.json.decode(data, type=Report)
    assert status == 200
    assert report.balances
    curve = report.table("curve")
    assert curve is not None
    nine = curve.lines[9]
    at = [column.key for column in curve.columns].index("abandoned")
    cell = f"key=abandoned&from_ms={nine.from_ms}&to_ms={nine.to_ms}"
    _, data, _ = await get(api, Role.PLANNER, f"/api/reports/calls?{cell}")
    found = msgspec.json.decode(data)
    assert len(found["calls"]) == nine.cells[at].value == found["figure"]["value"]
    by_hand = next(each for each in found["calls"] if each["call"] == "by-hand")
    assert (by_hand["queue"], by_hand["outcome"], by_hand["wait_ms"]) == ("tax", "abandoned", 61000)
    assert CALLER.encode() not in data
    assert not [each for each in log.entries if each.kind is OperationKind.HISTORY_VIEWED]
    path = f"/api/reports/calls/by-hand/caller?at_ms={by_hand['at_ms']}"
    _, data, _ = await get(api, Role.SUPERVISOR, path)
    assert msgspec.json.decode(data)["number"] == CALLER
    (seen,) = [each for each in log.entries if each.kind is OperationKind.HISTORY_VIEWED]
    assert (seen.subject, seen.allowed) == ("by-hand", True)


@pytest.mark.requirement("M18")
async def test_who_was_cut_off_by_a_fault_is_listed_as_on_the_command_line(
    api: Api, reports: Reports
) -> None:
    status, data, _ = await get(api, Role.CITY_STAFF, f"/api/reports/lost?{LOST}")
    assert status == 200
    found = msgspec.json.decode(data)
    assert [(one["call"], one["place"], one["doing"]) for one in found["calls"]] == [
        ("lost-first", 1, "waiting"),
        ("lost-second", 2, "waiting"),
    ]
    assert found["more"] is False
    assert CALLER.encode() not in data
    day = dt.date(2026, 11, 21)
    listed = msgspec.to_builtins(await reports.lost(day, day))
    assert [{**one, "number": ""} for one in found["calls"]] == listed
    _, data, _ = await get(
        api, Role.CITY_STAFF, "/api/reports/lost?first=2026-11-20&last=2026-11-20"
    )
    assert msgspec.json.decode(data)["calls"] == []
    for query in ("first=2026-11-21", "first=2026-11-21&last=2026-11-20"):
        status, _, _ = await get(api, Role.CITY_STAFF, f"/api/reports/lost?{query}")
        assert status == 400
    status, data, _ = await get(
        api, Role.CITY_STAFF, "/api/reports/lost?first=2024-01-01&last=2026-01-01"
    )
    assert (status, b"366" in data) == (422, True)


async def test_files_are_sealed_and_say_their_name(api: Api) -> None:
    url = f"{api.base}/api/reports/file?{WHICH}&format=xlsx&lang=en"
    async with api.session.get(url, headers=api.headers("city_staff")) as answer:
        data = await answer.read()
        assert answer.headers["Content-Disposition"] == (
            'attachment; filename="daily-2026-11-20-r1.xlsx"'
        )
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "By queue" in load_workbook(io.BytesIO(data)).sheetnames


@pytest.mark.parametrize(
    "query",
    [
        "",
        "kind=hourly&first=2026-11-20",
        "kind=daily&first=2026-13-01",
        "kind=daily&first=1969-01-01",
        "kind=range&first=2026-11-20&last=2026-11-19",
        "kind=daily&first=2026-11-20&lang=xx",
        "kind=range&first=2000-01-01&last=2199-01-01",
    ],
)
async def test_what_makes_no_sense_is_refused(api: Api, query: str) -> None:
    status, _, _ = await get(api, Role.SUPERVISOR, f"/api/reports?{query}")
    assert 400 <= status < 500


@pytest.mark.parametrize("key", ["nothing", "sl_offered_x", "1"])
async def test_a_figure_that_is_none_cannot_be_opened(api: Api, key: str) -> None:
    cell = f"key={key}&from_ms={at_ms(DAY, 0)}&to_ms={at_ms(DAY, 24)}"
    status, _, _ = await get(api, Role.SUPERVISOR, f"/api/reports/calls?{cell}")
    assert status == 404


# -- the page ----------------------------------------------------------------------------------


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with screen_kit.chromium() as running:
        yield running


async def opened(browser: Browser, api: Api, **looks: object) -> Page:
    page = await screen_kit.open_as(
        browser,
        api,
        "watanabe",
        Role.SUPERVISOR,
        "/reports",
        **looks,  # type: ignore[arg-type]
    )
    await page.locator(".paper article").wait_for()
    return page


@pytest.mark.requirement("M26")
async def test_the_page_shows_the_day_before_and_opens_a_figure(browser: Browser, api: Api) -> None:
    page = await opened(browser, api)
    await expect(page.locator(".paper h1")).to_have_text("日報 2026年11月20日(金)")
    assert await barriers(page) == []
    await page.locator("[data-table=queue] tbody td[data-key=abandoned] button").first.click()
    dialog = page.get_by_role("dialog")
    row = dialog.locator("tr", has_text="by-hand")
    await expect(row).to_contain_text("放棄")
    await expect(row).not_to_contain_text(CALLER)
    await row.get_by_role("button").click()
    await expect(row).to_contain_text(CALLER)
    await pictures(page, "reports-opened")
    await page.keyboard.press("Escape")
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="CSV").click()
    assert (await coming.value).suggested_filename == "daily-2026-11-20-r1.csv"
    await page.get_by_role("button", name="月報").click()
    await expect(page.locator(".paper h1")).to_have_text("月報 2026年11月")
    await expect(page.locator(".paper")).to_contain_text("途中の集計です")
    # As the wallboard leads to it: the figure's own day, and the calls behind it.
    day = at_ms(DAY, 0)
    figure = f"key=abandoned&dim=queue&value=tax&from_ms={day}&to_ms={day + 86_400_000}"
    await page.goto(f"{api.base}/reports?{figure}")
    await expect(page.get_by_role("dialog").locator("tr", has_text="by-hand")).to_be_visible()
    await expect(page.locator(".paper h1")).to_have_text("日報 2026年11月20日(金)")


async def later(route: Route) -> None:
    """The answer takes its time."""
    await asyncio.sleep(0.5)
    await route.continue_()


@pytest.mark.requirement("M18")
async def test_the_page_lists_who_is_to_be_called_back(browser: Browser, api: Api) -> None:
    page = await opened(browser, api)
    await page.keyboard.press("l")
    dialog = page.get_by_role("dialog", name="障害で切れた方")
    await expect(dialog).to_contain_text("2件あります(うち待っていた方2件)")
    row = dialog.locator("tbody tr").first
    await expect(row).to_contain_text("待っていた")
    await expect(row).to_contain_text("lost-first")
    await expect(row).not_to_contain_text(CALLER)
    assert await barriers(page) == []
    await pictures(page, "reports-lost")
    await row.get_by_role("button").click()
    await expect(row).to_contain_text(CALLER)
    # Who types fast does not wait for the answer in between, nor for one after having closed it.
    await page.route("**/api/reports/lost*", later)
    await dialog.get_by_label("この日から").fill("2026-11-20")
    await dialog.get_by_label("この日まで").fill("2026-11-20")
    await expect(dialog).to_contain_text("障害で切れてしまった電話はありません")
    async with page.expect_response("**/api/reports/lost*"):
        await dialog.get_by_label("この日から").fill("2026-11-19")
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
    await expect(dialog).to_have_count(0)


@pytest.mark.parametrize("size", [WIDE, DOCKED], ids=["wide", "narrow"])
async def test_the_page_fits_in_both_languages(
    browser: Browser, api: Api, size: tuple[int, int]
) -> None:
    page = await opened(browser, api, lang="en", theme="dark", size=size)
    titles = {"ja": "日報 2026年11月20日(金)", "en": "Daily report Fri 20 Nov 2026"}
    async for lang in each_language(page):
        await expect(page.locator(".paper h1")).to_have_text(titles[lang])
        await picture(page, f"reports-{size[0]}-{lang}")
        assert await overflows(page) is False
    await page.get_by_role("button", name="Cut off by a fault").click()
    await expect(page.get_by_role("dialog")).to_contain_text("2 callers were cut off by a fault")
    await pictures(page, f"reports-lost-{size[0]}")
    assert await overflows(page) is False
