"""The planner's page on the centre's own calls: forecast, the rest of today, a fitted scenario, by
the page's own process from a real ledger; sums alone, logged, for planners."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, Page, expect

from acd.core.cdr_types import AgentSpan, CallRecord
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import AgentId
from acd.ports_people import OperationKind
from agents.state import AgentState
from metrics.dimensions import Row
from sim.page.studies import PageStudies
from tests.fakes.people import KnownOperations
from tests.ledger_rows import Visit, a_call, ms
from tests.unit.test_past_calls import centre_with
from tests.web import screen_kit
from tests.web.client import Api
from tests.web.screen_kit import barriers, overflows
from tests.web.test_planner_page import narrow, whole
from web.roles import Role

#: A Friday on which the example city is open.
NOW = "2026-11-20T11:40"
FIRST = dt.date(2026, 8, 24)
CASE = {"example": "city-b", "calls": 1190, "aht_s": 240, "patience_s": 120, "seats": 16}
#: How the callers' numbers begin, and an operator's id.
PERSONAL = ("0312000", "0312001", "op01")
RESULT_MS = 90_000


def _days() -> Iterator[dt.date]:
    for n in range(89):
        day = FIRST + dt.timedelta(days=n)
        if day.weekday() < 5:
            yield day


def rows() -> list[Row]:
    """Thirteen weeks of weekdays; Mondays are the busiest, and today is busier than usual."""
    chance, found, number = random.Random(7), list[Row](), 0
    for day in _days():
        today = day.isoformat() == NOW[:10]
        usual = 66 if day.weekday() == 0 else 44
        last_s = 3 * 3600 if today else 8 * 3600
        for _ in range(round((1.5 if today else 1.0) * usual * last_s / (8 * 3600))):
            number += 1
            at = ms(f"{day}T08:40") + chance.randrange(last_s) * 1000
            until_s, patient_s = chance.expovariate(1 / 30), chance.expovariate(1 / 90)
            answered = until_s < patient_s
            visit = Visit("tax", patient_s, VisitOutcome.ABANDONED)
            if answered:
                talk_s = chance.lognormvariate(5.2, 0.5)
                visit = Visit("tax", until_s, VisitOutcome.ANSWERED, "op01", talk_s, 0, 20)
            ended = CallOutcome.ANSWERED if answered else CallOutcome.ABANDONED
            for row in a_call(number, at, ended, visit):
                if isinstance(row, CallRecord):
                    found.append(replace(row, caller_number=f"0312{number:06d}"))
                else:
                    found.append(row)
        for agent in ("op01", "op02"):
            end = ms(f"{day}T{'11:40' if today else '17:00'}")
            found.append(AgentSpan(AgentId(agent), ms(f"{day}T08:30"), end, AgentState.READY))
    return found


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre with its ledger."""
    return centre_with(rows(), tmp_path_factory.mktemp("ledger"))


@pytest.fixture
async def studies(ledger: Path) -> AsyncIterator[PageStudies]:
    made = PageStudies(("tests.fakes.page_worker", str(ledger), str(ledger.parent / "var"), NOW))
    yield made
    await made.close()


async def studied(api: Api, **wanted: object) -> dict[str, Any]:
    """One study over the interface, in English."""
    status, said = await api.post("/api/studies/begin", "planner", {**CASE, **wanted})
    assert status == 200, said
    for _ in range(900):
        _, said = await api.get("/api/studies/mine", "planner")
        if said["state"] not in ("waiting", "running"):
            break
        await asyncio.sleep(0.1)
    assert said["state"] == "done", said
    _, paper = await api.get("/api/studies/result?lang=en", "planner")
    return dict(paper)


@pytest.mark.requirement("M14", "S6")
async def test_the_ledger_is_studied_in_sums_and_the_log_has_it(
    api: Api, log: KnownOperations
) -> None:
    _, choices = await api.get("/api/studies/choices", "planner")
    assert choices["records"] is True
    papers = {
        "forecast": await studied(api, kind="forecast", weeks=13, ahead=14),
        "intraday": await studied(api, kind="intraday", weeks=13, period_s=1800),
        "fit": await studied(api, kind="fit", weeks=13),
    }
    forecast, intraday, fit = papers.values()
    assert "calls are to be expected from 2026-11-20 to 2026-12-03" in forecast["answer"][0]
    assert "past days" in forecast["answer"][1]
    titles = [each["title"] for each in forecast["plots"]]
    assert "Past days, as they would have been told the day before" in titles
    assert "With the seats as they are" in intraday["answer"][1]
    assert "There is no roster" in intraday["answer"][-1]
    assert len(intraday["plots"]) == 2
    assert "Monday" in " ".join(fit["answer"])
    _, made = await api.get("/api/studies/made?lang=en", "planner")
    status, own = await api.post(
        "/api/studies/check", "planner", {"own": made["text"], "own_name": made["name"]}
    )
    assert status == 200
    assert 60 < own["values"]["calls"] < 70
    text = json.dumps([papers, made], ensure_ascii=False)
    assert not [each for each in PERSONAL if each in text]
    seen = [each for each in log.entries if each.kind is OperationKind.CALLS_STUDIED]
    assert [each.subject for each in seen] == ["kind=forecast", "kind=intraday", "kind=fit"]
    assert {each.role for each in seen} == {"planner"}


async def test_a_running_centre_s_page_has_its_ledger(ledger: Path) -> None:
    made = PageStudies(("acd.bootstrap.page_worker", str(ledger), str(ledger.parent / "var")))
    try:
        assert (await made.choices()).records is True
    finally:
        await made.close()


async def test_a_study_of_a_scenario_is_no_view_of_the_ledger(
    api: Api, log: KnownOperations
) -> None:
    await studied(api, days=10)
    assert not [each for each in log.entries if each.kind is OperationKind.CALLS_STUDIED]
    status, said = await api.get("/api/studies/made", "planner")
    assert (status, said["error"]["code"]) == (404, "no_scenario")


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.CITY_STAFF])
async def test_nobody_else_studies_the_ledger(api: Api, role: Role) -> None:
    who = api.role(role.value)
    status, _ = await api.post("/api/studies/begin", who, {**CASE, "kind": "forecast"})
    assert status == 403


async def test_what_cannot_be_asked_of_the_ledger_is_refused(api: Api) -> None:
    for wrong in ({"weeks": 0}, {"weeks": 9999}, {"period_s": 7}, {"ahead": 63}, {"day": "x"},
                  {"people": 501}):  # fmt: skip
        status, _ = await api.post(
            "/api/studies/begin", "planner", {**CASE, "kind": "fit", **wrong}
        )
        assert status == 400, wrong
    body = {**CASE, "kind": "intraday", "sl_target": 0}
    await api.post("/api/studies/begin", "planner", body)
    for _ in range(600):
        _, said = await api.get("/api/studies/mine", "planner")
        if said["state"] == "failed":
            break
        await asyncio.sleep(0.1)
    assert said["code"] == "no_target"


async def opened(browser: Browser, api: Api, **looks: object) -> Page:
    page = await screen_kit.open_as(
        browser, api, "yamada", Role.PLANNER, "/planner", **looks,  # type: ignore[arg-type]
    )  # fmt: skip
    await page.locator(".plots .plot:visible").first.wait_for(timeout=20_000)
    return page


@pytest.mark.requirement("M14", "S6")
async def test_the_page_tells_the_calls_to_come_and_plans_with_them(
    browser: Browser, api: Api
) -> None:
    page = await opened(browser, api)
    kind, lead = page.get_by_label("調べること"), page.locator(".lead")
    await kind.select_option("forecast")
    await expect(page.get_by_label("日数")).to_have_count(0)
    await narrow(page, "planner-forecast-asked")
    await page.get_by_label("読む記録").select_option("13")
    # By keyboard alone from here.
    await page.locator("h1").click()
    await page.keyboard.press("s")
    await expect(lead).to_contain_text("件の見込みです", timeout=RESULT_MS)
    await expect(page.locator(".lead-card")).to_contain_text("センターの通話記録から")
    await expect(page.locator(".plots figure")).to_have_count(3)
    await whole(page, "planner-forecast")
    assert await barriers(page) == []
    await narrow(page, "planner-forecast")
    text = await page.content()
    assert not [each for each in PERSONAL if each in text]
    await page.locator("h1").click()
    await page.keyboard.press("g")
    await expect(page.get_by_label("もとにする一日")).to_have_value("own", timeout=20_000)
    await expect(lead).to_contain_text("席なら", timeout=20_000)
    await whole(page, "planner-forecast-opened")
    assert page.wrong == []  # type: ignore[attr-defined]


@pytest.mark.requirement("M14", "S6")
async def test_the_page_tells_the_rest_of_today(browser: Browser, api: Api) -> None:
    page = await opened(browser, api, lang="en", theme="dark")
    await page.get_by_label("What to find out").select_option("intraday")
    await page.get_by_label("Operators").fill("3")
    await page.get_by_role("button", name="Read the ledger").click()
    card = page.locator(".lead-card")
    await expect(card).to_contain_text("The seats are the 3 that were set.", timeout=RESULT_MS)
    await expect(page.locator(".plots figure")).to_have_count(2)
    await whole(page, "planner-intraday")
    assert await barriers(page) == []
    await narrow(page, "planner-intraday")


@pytest.mark.requirement("M14", "S6")
async def test_the_page_fits_a_scenario_and_saves_it(
    browser: Browser, api: Api, tmp_path: Path
) -> None:
    page = await opened(browser, api)
    await page.get_by_label("調べること").select_option("fit")
    await page.get_by_label("どの日か").select_option("all")
    await page.get_by_role("button", name="通話記録から求める").click()
    await expect(page.locator(".lead-card")).to_contain_text("通話記録から", timeout=RESULT_MS)
    await expect(page.get_by_role("button", name="シナリオを保存")).to_be_visible(timeout=RESULT_MS)
    await whole(page, "planner-fit")
    assert await barriers(page) == []
    await narrow(page, "planner-fit")
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="シナリオを保存").click()
    saved = tmp_path / "fitted.toml"
    await (await coming.value).save_as(saved)
    assert not [each for each in PERSONAL if each in saved.read_text("utf-8")]
    assert not await overflows(page)
    assert page.wrong == []  # type: ignore[attr-defined]
