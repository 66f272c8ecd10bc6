"""The alarms by the interface: who sees them, who may try them, and what a scraper reads."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.fakes.centre import NUMBER, Centre
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.watching_kit import Watched


@pytest.fixture
def watched(api: Api, centre: Centre) -> Watched:
    """The centre of the interface, watched."""
    watched = Watched(centre)
    api.server._wiring = replace(api.server._wiring, watching=watched.watching)
    return watched


async def test_supervisors_see_what_lasts_and_what_is_over(api: Api, watched: Watched) -> None:
    watched.centre.call(1)
    watched.looks(400)
    status, body = await api.get("/api/alarms", "supervisor")
    assert status == 200
    found = {each["alarm"]: each for each in body["alarms"]}
    assert found["longest_wait"]["subject"] == "general"
    assert found["longest_wait"]["until_s"] is None
    assert "300" in found["longest_wait"]["text_ja"]
    assert NUMBER not in str(body)
    for who in ("op09", "monitor", None):
        assert (await api.get("/api/alarms", who))[0] in (401, 403)


async def test_a_test_reaches_people_and_stands_in_the_operation_log(
    api: Api, watched: Watched, log: KnownOperations
) -> None:
    status, body = await api.post("/api/alarms/test", "supervisor", {})
    assert (status, body) == (200, {"told": [{"channel": "webhook.desk", "fault": ""}]})
    assert watched.told.heard[0]["event"] == "test"
    assert log.entries[-1].kind.value == "alarms_tested"
    status, body = await api.post("/api/alarms/test", "supervisor", {})
    assert body["error"]["code"] == "test_too_soon"
    assert len(watched.told.heard) == 1


async def test_a_centre_without_alarms_says_so(api: Api) -> None:
    assert (await api.get("/api/alarms", "supervisor"))[1]["error"]["code"] == "no_alarms"


async def test_every_family_is_as_prometheus_wants_it(api: Api, watched: Watched) -> None:
    watched.centre.call(1)
    watched.looks(400)
    async with api.session.get(api.base + "/metrics", headers=api.headers("monitor")) as answer:
        text = await answer.text()
    families = {each.name: each for each in text_string_to_metric_families(text)}
    assert {sample.labels["severity"]: sample.value
            for sample in families["madoguchi_alarms"].samples}["warning"] >= 1  # fmt: skip
    for family in families.values():
        assert re.fullmatch(r"(madoguchi|process)_[a-z0-9_]+", family.name)
        assert family.documentation.endswith("."), family.name
        assert not family.name.endswith(("_ms", "_s", "_percent", "_total")), family.name
        for sample in family.samples:
            for label, value in sample.labels.items():
                assert label == "le" or re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", value)
