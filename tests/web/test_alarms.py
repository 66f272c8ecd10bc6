"""The alarms by the interface: who sees them, who may try them, and what a scraper reads."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from acd.core.events import CallOutcome, VisitOutcome
from tests.fakes.centre import NUMBER, Centre
from tests.fakes.people import KnownOperations
from tests.ledger_rows import Visit, a_call
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


async def scraped(api: Api) -> str:
    async with api.session.get(api.base + "/metrics", headers=api.headers("monitor")) as answer:
        return await answer.text()


async def test_the_service_level_of_the_last_minutes_is_the_contracts_own(
    api: Api, watched: Watched
) -> None:
    now_ms = round(watched.centre.now * 1000)
    # Both queues answer after 15 s: in time for taxes (20 s), too late at the switchboard (10 s).
    # One caller of taxes was sent elsewhere: not answered, and one of those who came.
    for number, queue in enumerate(["tax"] * 3 + ["switchboard"] * 2):
        visit = Visit(queue, 15.0, agent="abe", talk_s=1)
        watched.watching.take(a_call(number, now_ms - 60_000, CallOutcome.ANSWERED, visit))
    sent = Visit("tax", 30.0, VisitOutcome.SENT_ELSEWHERE)
    watched.watching.take(a_call(9, now_ms - 70_000, CallOutcome.SENT_ELSEWHERE, sent))
    text = await scraped(api)
    for line in (
        'madoguchi_service_level_ratio{queue="tax"} 0.75',
        'madoguchi_service_level_calls{queue="tax"} 4.0',
        'madoguchi_service_level_ratio{queue="switchboard"} 0.0',
        "madoguchi_service_level_calls 6.0",
    ):
        assert f"\n{line}\n" in text
    watched.centre.now += 900.0
    assert "madoguchi_service_level_ratio{" not in await scraped(api)


async def test_what_may_happen_stands_at_nothing_before_it_does(api: Api, watched: Watched) -> None:
    wiring = api.server._wiring
    known = replace(wiring.gauges(), trunk_refused={}, trunk_limits={"carrier": 30})
    api.server._wiring = replace(wiring, gauges=lambda: known)
    text = await scraped(api)
    for line in (
        'madoguchi_calls_ended_total{call_type="enquiry",outcome="answered"} 0.0',
        'madoguchi_calls_ended_total{call_type="none",outcome="blocked"} 0.0',
        'madoguchi_wait_seconds_count{outcome="abandoned",queue="tax"} 0.0',
        'madoguchi_talk_seconds_sum{queue="tax"} 0.0',
        'madoguchi_calls_refused_total{trunk="carrier"} 0.0',
    ):
        assert f"\n{line}\n" in text
