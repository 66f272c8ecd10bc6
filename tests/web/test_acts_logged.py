"""Who did what to whom: every act on the floor is in the operation log, with what was asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from acd.core.commands import OfferCall
from acd.core.ids import AgentId
from acd.core.inputs import AgentLoggedIn, AgentReadied
from acd.ports_people import OperationKind
from tests.fakes.centre import Centre
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.tapes import Tapes
from web.assets import texts
from web.routes import ROUTES

K = OperationKind
CALL = "/api/calls/17000000.000001"
OP = "/api/agents/op09"


@pytest.fixture
async def tapes(tmp_path: Path, centre: Centre) -> AsyncIterator[Tapes]:
    made = Tapes(tmp_path, centre)
    centre.sinks.append(made.recorder)
    yield made
    await made.vault.close()


def told(log: KnownOperations) -> list[tuple[OperationKind, str, bool]]:
    """What is in the log besides the rings: tests/web/test_personal_data.py."""
    acts = [entry for entry in log.entries if entry.kind is not K.CALLER_SHOWN]
    return [(entry.kind, entry.subject, entry.allowed) for entry in acts]


@pytest.mark.requirement("M17")
async def test_the_log_says_what_was_made_of_a_call_and_an_operator(
    api: Api, centre: Centre, log: KnownOperations
) -> None:
    centre.call(1)
    centre.do(AgentLoggedIn(AgentId("op09")))
    for path, body in (
        (f"{CALL}/priority", {"priority": 0}),
        (f"{CALL}/move", {"queue": "tax"}),
        (f"{OP}/force", {"state": "not_ready", "reason": "meeting"}),
        (f"{OP}/skills", {"skill": "tax", "level": 4}),
        (f"{OP}/skills", {"skill": "tax", "level": None}),
    ):
        assert (await api.post(path, "supervisor", body))[0] == 200
    call = CALL.rpartition("/")[2]
    assert told(log) == [
        (K.CALL_PRIORITY_CHANGED, f"{call} priority=0", True),
        (K.CALL_MOVED, f"{call} queue=tax", True),
        (K.AGENT_FORCED, "op09 state=not_ready", True),
        (K.SKILL_CHANGED, "op09 skill=tax level=4", True),
        (K.SKILL_CHANGED, "op09 skill=tax level=plan", True),
    ]
    assert log.entries[2].reason == "meeting"


@pytest.mark.requirement("M27")
async def test_the_log_tells_a_drill_from_a_disaster_and_the_way_back(
    api: Api, log: KnownOperations
) -> None:
    for mode, drill, reason in (
        ("disaster", True, "訓練"),
        ("disaster", False, "地震"),
        ("normal", False, "解除"),
    ):
        body = {"mode": mode, "drill": drill, "reason": reason}
        assert (await api.post("/api/mode", "supervisor", body))[0] == 200
    assert [(entry.subject, entry.reason) for entry in log.entries] == [
        ("mode=disaster drill=yes", "訓練"),
        ("mode=disaster", "地震"),
        ("mode=normal", "解除"),
    ]


async def test_what_an_administrator_does_in_an_operators_place_is_told(
    api: Api, centre: Centre, log: KnownOperations
) -> None:
    centre.do(AgentLoggedIn(AgentId("op09")))
    assert (await api.post(f"{OP}/ready", "op09"))[0] == 200
    assert told(log) == [], "operators' own states are in the ledger"
    call = centre.call(1)
    centre.connect(call)
    words = "09012345678 の方"
    for path, body in (
        ("disposition", {"code": "resolved", "note": words}),
        ("transfer", {"kind": "queue", "target": "tax"}),
    ):
        status, answer = await api.post(f"{OP}/{path}", "admin", body)
        assert status == 200, answer
    assert (await api.post(f"{OP}/hang-up", "op10"))[0] == 403
    assert told(log) == [
        (K.RECORD_CHANGED, "op09 code=resolved", True),
        (K.AGENT_ACTED_FOR, "op09 act=transfer kind=queue target=tax", True),
        (K.AGENT_ACTED_FOR, "op09 act=hang-up", False),
    ]
    assert words not in repr(log.entries), "no word and no number of a caller is in the log"


def test_every_act_has_words_for_auditors() -> None:
    for words in (texts("ja"), texts("en")):
        for route in ROUTES:
            if route.logged is K.AGENT_ACTED_FOR:
                assert f"told.act.{route.act}" in words
            for field in route.body.told if route.body is not None and route.logged else ():
                assert f"told.{field}" in words


async def test_operators_work_on_when_the_log_has_no_room(
    api: Api, centre: Centre, log: KnownOperations
) -> None:
    centre.do(AgentLoggedIn(AgentId("op09")))
    centre.do(AgentReadied(AgentId("op09")))
    centre.connect(centre.call(1))
    log.full = True
    body = {"code": "resolved"}
    assert (await api.post(f"{OP}/disposition", "op09", body))[0] == 200
    assert (await api.post(f"{OP}/disposition", "admin", body))[0] == 503


@pytest.mark.requirement("M16")
async def test_what_was_refused_or_failed_half_way_is_told(
    api: Api, tapes: Tapes, log: KnownOperations, tmp_path: Path
) -> None:
    (one,) = await tapes.store()
    path = f"/api/recordings/{one}"
    assert (await api.post(f"{path}/hold", "supervisor", {"reason": "dispute"}))[0] == 200
    assert await delete(api, path) == 409
    assert (await api.post(f"{path}/release", "supervisor", {}))[0] == 400
    assert (await api.post(f"{path}/release", "supervisor", {"reason": "settled"}))[0] == 200
    assert (log.entries[-1].kind, log.entries[-1].reason) == (K.RECORDING_RELEASED, "settled")
    with closing(sqlite3.connect(tmp_path / "recordings.sqlite")) as database:
        database.execute("DROP TABLE recording_deletions")
    assert await delete(api, path) == 503
    assert tapes.vault.stored() == [], "the sound is gone, and the log says who did it"
    assert await delete(api, "/api/recordings/" + "f" * 32) == 404
    told_of = [entry for entry in told(log) if entry[0] is K.RECORDING_DELETED]
    assert told_of == [(K.RECORDING_DELETED, one, False), (K.RECORDING_DELETED, one, True)]


async def test_a_pause_that_the_switch_was_not_told_of_is_told(
    api: Api, centre: Centre, tapes: Tapes, log: KnownOperations
) -> None:
    me = AgentId("op10")
    centre.do(AgentLoggedIn(me, "op10"))
    centre.do(AgentReadied(me))
    call = centre.call(1)
    (command,) = [each for each in centre.commands if isinstance(each, OfferCall)]
    tapes.recorder.begin(command)
    centre.connect(call)
    tapes.tape.down = True
    # What was said is silenced all the same when the recording is put away: somebody did that.
    assert (await api.post(f"/api/agents/{me}/recording/pause", me, {}))[0] == 503
    assert told(log) == [(K.RECORDING_PAUSED, "op10", True)]


async def delete(api: Api, path: str) -> int:
    headers = api.headers("admin")
    async with api.session.delete(
        api.base + path, json={"reason": "order"}, headers=headers
    ) as got:
        return got.status
