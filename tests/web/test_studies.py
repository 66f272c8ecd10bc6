"""The planner's studies over the interface: who may ask, what is bounded, and that a study runs
beside the controller, can be watched, given up, and taken along as one file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from acd.config.settings import ApiSettings
from acd.errors import LimitExceeded, NotFound
from acd.ports_studies import Assumed, StudyState, Wanted
from sim.page.studies import PageStudies
from tests.web.client import Api
from web.roles import Role

PLANNERS = {Role.PLANNER, Role.ADMINISTRATOR}
CASE = "example=city-b&calls=1190&aht_s=240&patience_s=120&seats=16"
BODY = {"example": "city-b", "calls": 1190, "aht_s": 240, "patience_s": 120, "seats": 16}
HOUR = Assumed("", 194, 240, 120, 16)


@pytest.fixture
def limits() -> ApiSettings:
    return ApiSettings()


@pytest.fixture
async def studies() -> AsyncIterator[PageStudies]:
    made = PageStudies()
    yield made
    await made.close()


async def until(api: Api, *states: str, who: str = "planner") -> dict[str, Any]:
    """How far the study is, once it is in one of the states."""
    for _ in range(600):
        _, said = await api.get("/api/studies/mine", who)
        if said["state"] in states:
            return dict(said)
        await asyncio.sleep(0.1)
    raise AssertionError(f"the study stays {said}")


@pytest.mark.requirement("M24")
@pytest.mark.parametrize("role", list(Role))
async def test_only_planners_and_administrators_may_ask(api: Api, role: Role) -> None:
    who = "op10" if role is Role.OPERATOR else api.role(role.value)
    allowed = role in PLANNERS
    for path in ("/api/studies/mine", "/planner"):
        async with api.session.get(api.base + path, headers=api.headers(who)) as answer:
            assert answer.status == (200 if allowed else 403), path
    status, _ = await api.post("/api/studies/cancel", who, {})
    assert status == (200 if allowed else 403)


@pytest.mark.requirement("M14")
async def test_the_quick_answer_is_that_of_the_citys_peak_hour(api: Api) -> None:
    hour = "calls=194&aht_s=240&patience_s=120&seats=16&lang=en"
    status, said = await api.get(f"/api/studies/answer?{hour}", "planner")
    assert status == 200
    assert said["answer"][0].startswith("16 seats: answer rate 95.7 %, within 20 s 87.7 %")
    assert any("15 seats are the fewest" in each for each in said["answer"])
    assert any("20 are enough for 99 %" in each and "23 for 99.9 %" in each
               for each in said["answer"])  # fmt: skip
    titles = [plot["title"] for plot in said["plots"]]
    assert titles == ["Seats against service level", "If an assumption is wrong", "Channels in use"]
    status, said = await api.get(f"/api/studies/answer?{CASE}&absent=2", "admin")
    assert said["answer"][0].startswith("14席なら、応答率は")
    assert ["変えたところ", "16席のうち2人が欠けた場合"] in said["assumptions"]
    assert len(said["plots"]) == 5


async def test_the_choices_name_the_shipped_days(api: Api) -> None:
    _, said = await api.get("/api/studies/choices", "planner")
    assert [each["id"] for each in said["examples"]] == ["city-b", "city-a"]
    assert said["examples"][0]["values"]["calls"] == 1190
    assert said["hour"]["values"]["calls"] == 194


@pytest.mark.parametrize(
    "change",
    [
        "seats=0",
        "seats=501",
        "calls=nan",
        "calls=1e9",
        "aht_s=-1",
        "patience_s=inf",
        "absent=16",
        "lines=3",
        "surge=0",
        "sl_target=1.5",
        "example=../../etc/passwd",
        "example=" + "a" * 41,
        "lang=xx",
        "unknown=1",
    ],
)
async def test_what_makes_no_sense_is_refused_with_its_name(api: Api, change: str) -> None:
    name = change.partition("=")[0]
    kept = "&".join(part for part in CASE.split("&") if not part.startswith(f"{name}="))
    status, said = await api.get(f"/api/studies/answer?{kept}&{change}", "planner")
    assert (status, said["error"]["code"]) == (400, "bad_query")
    if name not in ("absent", "lines"):
        assert said["error"]["faults"][0]["path"] == f"query.{name}"


async def test_an_example_that_is_not_there_is_said_to_be_so(api: Api) -> None:
    case = CASE.replace("city-b", "city-z")
    status, said = await api.get(f"/api/studies/answer?{case}", "planner")
    assert (status, said["error"]["code"]) == (409, "no_scenario")
    assert "city-b" in said["error"]["message"]["en"]
    # The helper goes on after a refusal.
    assert (await api.get(f"/api/studies/answer?{CASE}", "planner"))[0] == 200


@pytest.mark.requirement("M14")
async def test_a_study_is_begun_watched_and_taken_along(api: Api) -> None:
    assert (await api.get("/api/studies/result", "planner"))[0] == 404
    status, said = await api.post("/api/studies/begin", "planner", {**BODY, "days": 10})
    assert status == 200
    assert said["state"] in ("waiting", "running")
    done = await until(api, "done", "failed")
    assert done["state"] == "done", done
    _, shown = await api.get("/api/studies/result?lang=en", "planner")
    assert shown["answer"][0].startswith("16 seats: answer rate 9")
    assert "±" in shown["answer"][0]
    url = f"{api.base}/api/studies/file?lang=ja"
    async with api.session.get(url, headers=api.headers("planner")) as answer:
        text = await answer.text()
        assert answer.headers["Content-Disposition"] == 'attachment; filename="study.html"'
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert text.startswith("<!doctype html>")
    assert "10日分をコンピューターで再現しました" in text
    # Nobody sees another's study.
    assert (await api.get("/api/studies/mine", "admin"))[1]["state"] == "none"
    assert (await api.get("/api/studies/result", "admin"))[0] == 404


async def test_a_study_can_be_given_up_and_its_process_ends(studies: PageStudies) -> None:
    await studies.begin("a", Assumed("city-b", 1190, 240, 120, 16), Wanted(days=400))
    for _ in range(100):
        study = studies._of["a"]
        if study.progress.state is StudyState.RUNNING and study.helper.alive:
            break
        await asyncio.sleep(0.05)
    assert study.helper._process is not None
    pid = study.helper._process.pid
    assert (await studies.cancel("a")).state is StudyState.CANCELLED
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(NotFound):
        studies.result("a", "ja")


async def test_the_helper_stands_back_behind_the_controller(studies: PageStudies) -> None:
    await studies.answer(HOUR, "ja")
    process = studies._quick._process
    assert process is not None
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == 19
    limits = Path(f"/proc/{process.pid}/limits").read_text().splitlines()
    bound = next(line for line in limits if line.startswith("Max address space"))
    assert "unlimited" not in bound


async def test_what_is_too_large_or_too_many_is_refused(
    studies: PageStudies, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LimitExceeded) as large:
        await studies.begin("a", Assumed("city-b", 50_000, 240, 120, 400), Wanted(days=400))
    assert large.value.code == "study_too_large"
    monkeypatch.setattr("sim.page.studies.WAITING_MAX", 1)
    await studies.begin("a", HOUR, Wanted(days=400))
    with pytest.raises(LimitExceeded) as many:
        await studies.begin("b", HOUR, Wanted(days=10))
    assert many.value.code == "studies_busy"
    # One a person: the same person's is given up for the new one.
    assert (await studies.begin("a", HOUR, Wanted(days=10))).days == 10


async def test_a_study_that_takes_too_long_is_ended_and_says_so(
    studies: PageStudies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.page.studies.STUDY_S", 0.1)
    await studies.begin("a", Assumed("city-b", 1190, 240, 120, 16), Wanted(days=400))
    task = studies._of["a"].task
    assert task is not None
    await task
    failed = studies.mine("a")
    assert (failed.state, failed.code) == (StudyState.FAILED, "study_too_slow")
    assert failed.ja
    assert not studies._of["a"].helper.alive


async def test_an_answer_that_takes_too_long_says_so_and_the_next_one_is_whole(
    studies: PageStudies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.page.studies.ANSWER_S", 0.001)
    with pytest.raises(LimitExceeded) as slow:
        await studies.answer(HOUR, "ja")
    assert slow.value.code == "answer_too_slow"
    monkeypatch.undo()
    assert (await studies.answer(HOUR, "en")).answer


async def test_a_helper_that_dies_is_replaced(studies: PageStudies) -> None:
    await studies.answer(HOUR, "ja")
    process = studies._quick._process
    assert process is not None
    process.kill()
    await process.wait()
    assert (await studies.answer(HOUR, "en")).answer


async def test_a_study_whose_process_dies_has_failed_and_says_so(studies: PageStudies) -> None:
    await studies.begin("a", Assumed("city-b", 1190, 240, 120, 16), Wanted(days=400))
    study = studies._of["a"]
    for _ in range(100):
        if study.helper.alive:
            break
        await asyncio.sleep(0.05)
    assert study.helper._process is not None
    assert study.task is not None
    study.helper._process.kill()
    await study.task
    failed = studies.mine("a")
    assert (failed.state, failed.code) == (StudyState.FAILED, "study_ended")
