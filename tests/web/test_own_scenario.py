"""A planner's own scenario over the interface: read as the command line reads it, bounded, kept
nowhere, given back as the sliders mean it; and what a study of several days may be asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from acd.config.settings import ApiSettings
from acd.errors import ConfigError
from sim.page.studies import PageStudies
from sim.scenario_file.new import commented
from sim.scenario_file.read import read_text
from tests.web.client import Api
from web.api.studies_bodies import OWN_CHARS

OWN = commented("en")
WITHIN_S = 60


@pytest.fixture
def limits() -> ApiSettings:
    return ApiSettings()


@pytest.fixture
async def studies() -> AsyncIterator[PageStudies]:
    made = PageStudies()
    yield made
    await made.close()


async def check(api: Api, text: str, name: str = "mine.toml") -> tuple[int, Any]:
    return await api.post("/api/studies/check", "planner", {"own": text, "own_name": name})


async def ended(api: Api) -> dict[str, Any]:
    """How my study ended."""
    for _ in range(WITHIN_S * 10):
        _, said = await api.get("/api/studies/mine", "planner")
        if said["state"] not in ("waiting", "running"):
            return dict(said)
        await asyncio.sleep(0.1)
    raise AssertionError(f"the study stays {said}")


@pytest.mark.requirement("M14")
async def test_a_planners_own_file_is_checked_answered_and_given_back(api: Api) -> None:
    status, said = await check(api, OWN)
    assert status == 200
    assert (said["name"], said["steady"], said["groups"]) == ("my-centre", False, ["operators"])
    assert (said["values"]["calls"], said["values"]["seats"]) == (1190, 16)
    body = {**said["values"], "own": OWN, "own_name": "mine.toml", "lang": "en", "seats": 15}
    _, told = await api.post("/api/studies/answer", "planner", body)
    assert told["answer"][0].startswith("15 seats: answer rate 9")
    assert told["subject"] == "my-centre"
    _, file = await api.post("/api/studies/scenario", "planner", body)
    assert file["name"] == "scenario.toml"
    assert max(read_text(file["text"]).scenario.groups[0].agents) == 15
    # Faults are those of the command line, with the nearest names, and in Japanese too.
    wrong = OWN.replace("threshold =", "threshhold =").replace('"210s"', '"long"')
    with pytest.raises(ConfigError) as known:
        read_text(wrong, "mine.toml")
    status, said = await check(api, wrong)
    assert (status, said["error"]["code"]) == (422, "config_invalid")
    faults = said["error"]["faults"]
    assert [each["message"] for each in faults] == [each.message for each in known.value.faults]
    assert any('did you mean "threshold"?' in each["message"] for each in faults)
    for text, part in (
        ("= = =", "is not TOML"),
        ("a = " + "[" * 5_000, "nested too deeply"),
    ):
        status, said = await check(api, text)
        fault = said["error"]["faults"][0]
        assert status == 422
        assert part in fault["message"]
        assert fault["ja"] != fault["message"]
    body = {"own": 'name = "x"\nintervall = "1h"\n', "own_name": "r.toml"}
    status, said = await api.post("/api/studies/check-roster", "planner", body)
    faults = {each["path"]: each["message"] for each in said["error"]["faults"]}
    assert status == 422
    assert 'did you mean "interval"?' in faults["r.toml:intervall"]
    assert (await api.get("/api/studies/roster", "planner"))[0] == 404
    _, said = await check(api, OWN.replace("per_day = 1190", "per_day = 90000"))
    assert said["error"]["code"] == "scenario_beyond_page"
    assert "着信 90,000件(1件から50,000件まで)" in said["error"]["message"]["ja"]


async def test_a_file_too_large_or_oddly_named_is_not_read(api: Api, studies: PageStudies) -> None:
    status, said = await check(api, "#" * (OWN_CHARS + 1))
    assert (status, said["error"]["code"]) == (400, "bad_body")
    status, said = await check(api, "#" * 700_000)
    assert (status, said["error"]["code"]) == (413, "too_large")
    # Elsewhere the usual bound stays.
    status, said = await api.post("/api/studies/cancel", "planner", {"own": "#" * 20_000})
    assert (status, said["error"]["code"]) == (413, "too_large")
    for name in ("../x.toml", "a\nb", "x" * 81):
        assert (await check(api, OWN, name))[0] == 400
    assert not studies._quick.alive, "none of it reached the process that reads"


@pytest.mark.requirement("M14")
async def test_two_settings_are_compared_in_a_study_of_their_own(api: Api) -> None:
    before = {"example": "city-b", "calls": 1190, "aht_s": 240, "patience_s": 120, "seats": 16}
    asked = {**before, "kind": "compare", "days": 10}
    wrong = [
        asked,
        {**asked, "kind": "sweep"},
        *({**asked, "kind": "sweep", "swept": "seats", "values": values}
          for values in ([16], [1, 2, 2], list(range(1, 14)), [0, 5], [14, 15.5], [400, 501])),
    ]  # fmt: skip
    for each in wrong:
        status, said = await api.post("/api/studies/begin", "planner", each)
        assert (status, said["error"]["code"]) == (400, "bad_body"), each
    body = {**asked, "seats": 14, "before": before}
    status, said = await api.post("/api/studies/begin", "planner", body)
    assert (status, said["kind"]) == (200, "compare")
    done = await ended(api)
    assert (done["state"], done["done"]) == ("done", 10), done
    _, told = await api.get("/api/studies/result?lang=en", "planner")
    assert told["answer"][0].startswith("seats 16 → 14: the answer rate falls from")
    assert told["sheets"][0]["head"][-1] == "difference (paired)"
