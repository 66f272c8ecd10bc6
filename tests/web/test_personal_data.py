"""What shows whose data, and what the operation log says of it: every route and every frame."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.app.reports import Reports
from acd.config.settings import ApiSettings
from acd.core.ids import AgentId
from acd.core.inputs import AgentLoggedIn, AgentReadied, Caller, CallerHungUp, CallerKind
from acd.core.inputs_talk import ConsultRequested
from acd.core.plan import Target, TargetKind
from acd.ports_people import OperationEntry, OperationKind
from tests.fakes.centre import NUMBER, Centre
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.floor_kit import until
from tests.web.people_kit import sign_in
from tests.web.reports_kit import busy_day
from tests.web.tapes import Tapes
from tests.web.test_access import path_of
from tools.access_table import plain
from web.roles import Role
from web.route import Route
from web.routes import DOORS, ROUTES, SPECIAL

K = OperationKind
#: What is shown without an entry, and why.
NOBODY = "nobody's data: figures, states, ids, words of the plan"
RING = "the number of one's own call: caller_shown, when it rings"
STAFF = "names of those at work, whom every screen of the centre shows: no entry"
SELF = "one's own account: no entry"

#: Every request that reads, and as what it is logged; requests that change are in their own
#: column of docs/access-table.md and answer with no more than the operator's own state.
READS: dict[str, OperationKind | str] = {
    "/api/agents/{agent}/recording": NOBODY,
    "/api/alarms": NOBODY,
    "/api/calls/{call}/history": K.HISTORY_VIEWED,
    "/api/calls/{call}/why": NOBODY,
    "/api/explain/{offer}": STAFF,
    "/api/me": RING,
    "/api/mode": NOBODY,
    "/api/oidc": NOBODY,
    "/api/oidc/return": NOBODY,
    "/api/oidc/start": NOBODY,
    "/api/openapi.json": NOBODY,
    "/api/operations": K.OPERATIONS_READ,
    "/api/people": K.PEOPLE_VIEWED,
    "/api/public/busy": NOBODY,
    "/api/public/busy.svg": NOBODY,
    "/api/recordings": K.RECORDING_SEARCHED,
    "/api/recordings/choices": STAFF,
    "/api/recordings/deletions": K.RECORDING_SEARCHED,
    "/api/recordings/{recording}/audio": K.RECORDING_PLAYED,
    "/api/recordings/{recording}/waveform": K.RECORDING_SEARCHED,
    # Of single operators only; whose calls they were is a request of its own.
    "/api/reports": K.OPERATORS_VIEWED,
    "/api/reports/calls": K.OPERATORS_VIEWED,
    "/api/reports/calls/{call}/caller": K.HISTORY_VIEWED,
    "/api/reports/choices": NOBODY,
    "/api/reports/file": K.RECORDS_EXPORTED,
    "/api/reports/lost": NOBODY,
    "/api/reports/page": K.OPERATORS_VIEWED,
    "/api/session": SELF,
    "/api/session/account": SELF,
    "/api/state": RING,
    "/api/studies/answer": NOBODY,
    "/api/studies/choices": NOBODY,
    "/api/studies/file": NOBODY,
    "/api/studies/made": NOBODY,
    "/api/studies/mine": NOBODY,
    "/api/studies/result": NOBODY,
    "/api/studies/roster": STAFF,
    "/api/waiting": NOBODY,
    "/api/wallboard/links": NOBODY,
    "/api/wallboard/screens": NOBODY,
    "/healthz": NOBODY,
    "/metrics": NOBODY,
    "/readyz": NOBODY,
    # WebSockets: their frames are below; SIP brings the number with the ring.
    "/api/live": RING,
    "/api/wallboard/live": NOBODY,
    "/api/news": NOBODY,
    "/sip": RING,
}
#: Every kind of frame: {file that sends it: {kind: as what it is logged}}.
FRAMES: dict[str, dict[str, str]] = {
    "live.py": {
        "snapshot": RING,
        "delta": RING,
        "pop": RING,
        "seat": NOBODY,
        "recording": NOBODY,
        "not_reached": NOBODY,
    },
    "news.py": {"snapshot": NOBODY, "delta": NOBODY},
    "wallboard.py": {"snapshot": NOBODY, "delta": NOBODY},
}
#: Searches that are asked with POST: what is searched for stands in no address.
SEARCHES = {"/api/recordings/search": K.RECORDING_SEARCHED}


@pytest.fixture
def limits() -> ApiSettings:
    return ApiSettings()


@pytest.fixture
async def tapes(tmp_path: Path, centre: Centre) -> AsyncIterator[Tapes]:
    made = Tapes(tmp_path, centre)
    await made.store()
    yield made
    await made.vault.close()


def rings(log: KnownOperations) -> list[OperationEntry]:
    return [entry for entry in log.entries if entry.kind is K.CALLER_SHOWN]


async def logged(log: KnownOperations, count: int) -> list[OperationEntry]:
    await until(lambda: len(rings(log)) >= count)
    return rings(log)


def at_work(centre: Centre, *agents: str) -> None:
    for agent in agents:
        centre.do(AgentLoggedIn(AgentId(agent)))
        centre.do(AgentReadied(AgentId(agent)))


def test_every_request_that_reads_stands_in_the_table_as_it_is_logged() -> None:
    reads = {plain(each.path): each for each in ROUTES if each.method == "GET"}
    others = [plain(each.path) for each in (*DOORS, *SPECIAL) if each.method == "GET"]
    assert {*reads, *others} == set(READS), "say of what is new whose data it shows"
    for path, route in reads.items():
        said = READS[path]
        assert route.logged is (said if isinstance(said, OperationKind) else None), path
    for path, kind in SEARCHES.items():
        assert [each.logged for each in ROUTES if each.path == path] == [kind]


def test_every_kind_of_frame_stands_in_the_table() -> None:
    sent: dict[str, set[str]] = {}
    for file in Path(__file__).parents[2].joinpath("web").rglob("*.py"):
        for kind in re.findall(r"\.push\(\s*\"(\w+)\"", file.read_text()):
            sent.setdefault(file.name, set()).add(kind)
    assert sent == {name: set(kinds) for name, kinds in FRAMES.items()}


@pytest.mark.requirement("M7", "M24")
async def test_a_number_is_in_no_answer_that_the_table_does_not_name(
    api: Api, centre: Centre, tapes: Tapes, log: KnownOperations
) -> None:
    at_work(centre, "op09")
    call = centre.call(1)
    centre.connect(call)
    for who in ("op09", "supervisor", "admin", "quality", "city_staff"):
        shown = {plain(each.path) for each in await answers_with_the_number(api, who)}
        assert {READS[path] for path in shown} == ({RING} if who == "op09" else set()), (who, shown)
        assert NUMBER not in await first_frame(api, "/api/wallboard/live", who)
    for who in ("op09", "supervisor", "admin"):
        assert (NUMBER in await first_frame(api, "/api/live", who)) is (who == "op09")
    # However often it was shown since.
    (entry,) = await logged(log, 1)
    assert (entry.who, entry.role, entry.subject) == ("op09", "operator", call)
    assert NUMBER not in repr(log.entries)


async def answers_with_the_number(api: Api, who: str) -> list[Route]:
    found = []
    for route in [each for each in ROUTES if each.method == "GET"]:
        headers = api.headers(who)
        async with api.session.get(api.base + path_of(route), headers=headers) as answer:
            if NUMBER in await answer.text(errors="replace"):
                found.append(route)
    return found


async def first_frame(api: Api, path: str, who: str) -> str:
    async with api.session.ws_connect(api.base + path, headers=api.headers(who)) as socket:
        return await socket.receive_str(timeout=20)


@pytest.mark.requirement("M24")
async def test_each_ring_of_a_known_number_is_a_view_and_nothing_else_is(
    api: Api, centre: Centre, log: KnownOperations
) -> None:
    at_work(centre, "op09")
    centre.call(1, caller=Caller(CallerKind.WITHHELD))
    withheld = next(iter(centre.engine.calls))
    centre.connect(withheld)
    centre.do(CallerHungUp(withheld))
    centre.do(AgentReadied(AgentId("op09")))
    first = centre.call(2)
    centre.connect(first)
    centre.do(AgentLoggedIn(AgentId("op10")))
    centre.do(AgentReadied(AgentId("op10")))
    asked = Target(TargetKind.AGENT, "op10")
    centre.do(ConsultRequested(AgentId("op09"), asked))
    entries = await logged(log, 2)
    assert [(entry.who, entry.subject) for entry in entries] == [("op09", first), ("op10", first)]


async def test_the_person_who_is_signed_in_is_named(
    api: Api, centre: Centre, log: KnownOperations
) -> None:
    await sign_in(api, "sato", Role.OPERATOR, "op09")
    at_work(centre, "op09")
    centre.call(1)
    assert (await logged(log, 1))[0].who == "sato"
    # Two as one operator: only the operator is sure.
    await sign_in(api, "ito", Role.OPERATOR, "op09")
    centre.do(CallerHungUp(next(iter(centre.engine.calls))))
    centre.do(AgentReadied(AgentId("op09")))
    centre.call(2)
    assert (await logged(log, 2))[1].who == "op09"


async def test_a_call_rings_while_the_log_has_no_room_and_is_written_later(
    api: Api, centre: Centre, log: KnownOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.shown.RETRY_S", 0.01)
    log.full = True
    at_work(centre, "op09")
    socket = await api.session.ws_connect(api.base + "/api/live", headers=api.headers("op09"))
    call = centre.call(1)
    while NUMBER not in await socket.receive_str(timeout=20):
        pass
    assert not log.entries
    log.full = False
    assert (await logged(log, 1))[0].subject == call


async def test_who_has_a_caller_as_the_interface_begins_is_shown_the_number_anew(
    centre: Centre, log: KnownOperations, api: Api
) -> None:
    at_work(centre, "op09")
    call = centre.call(1)
    await logged(log, 1)
    async with api.server.shown.at_work():
        assert [each.subject for each in await logged(log, 2)] == [call, call]


@pytest.mark.requirement("M26")
async def test_figures_of_single_operators_are_a_view_and_those_of_the_centre_are_not(
    tmp_path: Path, api: Api, log: KnownOperations
) -> None:
    made: Reports = await asyncio.to_thread(busy_day, tmp_path)
    object.__setattr__(api.server._wiring, "reports", made)
    which = "kind=daily&first=2026-11-20"
    cell = "key=abandoned&from_ms=1795100400000&to_ms=1795186800000"
    for who, path, status in (
        ("planner", f"/api/reports?{which}", 200),
        ("planner", f"/api/reports/calls?{cell}", 200),
        ("supervisor", f"/api/reports?{which}&operators=true", 200),
        ("planner", f"/api/reports?{which}&operators=true", 403),
        ("supervisor", f"/api/reports/calls?{cell}&dim=operator&value=op01", 200),
        ("supervisor", f"/api/reports/file?{which}&format=json&operators=true", 200),
    ):
        async with api.session.get(api.base + path, headers=api.headers(who)) as answer:
            assert answer.status == status, await answer.text()
    assert [(each.kind, each.subject, each.allowed) for each in log.entries] == [
        (K.OPERATORS_VIEWED, "kind=daily first=2026-11-20", True),
        (K.OPERATORS_VIEWED, "kind=daily first=2026-11-20", False),
        (K.OPERATORS_VIEWED, "dim=operator value=op01", True),
        (K.RECORDS_EXPORTED, "kind=daily first=2026-11-20 operators=yes format=json", True),
    ]
    log.full = True
    path = f"{api.base}/api/reports?{which}&operators=true"
    async with api.session.get(path, headers=api.headers("supervisor")) as answer:
        assert answer.status == 503


@pytest.mark.requirement("M24", "M7")
async def test_who_calls_outside_is_told_and_never_whom(
    api: Api, centre: Centre, log: KnownOperations
) -> None:
    at_work(centre, "op09", "op10")
    centre.connect(centre.call(1))
    await logged(log, 1)
    outside = "0466 (25) 1111"
    asked = "/api/agents/op09/consult"
    for path, who, body in (
        ("/api/agents/op10/dial", "op10", {"number": outside}),
        ("/api/agents/op09/dial", "op10", {"number": outside}),
        (asked, "op09", {"kind": "agent", "target": "op11"}),
        (asked, "op09", {"kind": "number", "target": outside}),
        (asked, "admin", {"kind": "number", "target": outside}),
    ):
        await api.post(path, who, body)
    told = [entry for entry in log.entries if entry.kind is not K.CALLER_SHOWN]
    assert [(each.kind, each.who[:5], each.subject, each.allowed) for each in told] == [
        (K.NUMBER_DIALLED, "op10", "op10", True),
        (K.NUMBER_DIALLED, "op10", "op09", False),
        (K.NUMBER_DIALLED, "op09", "op09 kind=number", True),
        # Somebody is being asked already.
        (K.NUMBER_DIALLED, "admin", "op09 kind=number", False),
    ]
    assert "1111" not in repr(log.entries)
    # A call to the outside is not held up by a full disk: whoever is called waits for nobody.
    log.full = True
    assert (await api.post("/api/agents/op10/dial", "op10", {"number": outside}))[0] != 503


async def test_what_one_writes_of_the_own_call_is_a_change_without_its_words(
    api: Api, centre: Centre, log: KnownOperations
) -> None:
    at_work(centre, "op09")
    centre.connect(centre.call(1))
    words = f"{NUMBER} の山田さん"
    body = {"code": "resolved", "note": words}
    assert (await api.post("/api/agents/op09/disposition", "op09", body))[0] == 200
    entry = log.entries[-1]
    assert (entry.kind, entry.who) == (K.CALL_CLASSIFIED, "op09")
    assert words not in repr(log.entries)
