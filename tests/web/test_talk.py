"""What an operator does with a talk, over HTTP: hold, asking, handing over, three voices."""

from __future__ import annotations

import pytest

from acd.core.commands_talk import (
    DialOut,
    DropParty,
    HandOver,
    MergeTalk,
    PartTalk,
    ReuniteTalk,
    RingParty,
)
from acd.core.ids import OfferId
from acd.core.inputs import CallConnected, OfferAnswered
from tests.fakes.centre import Centre
from tests.web.client import Api
from tests.web.test_requests import OP, at_work


async def talking(api: Api, centre: Centre) -> None:
    await at_work(api)
    centre.connect(centre.call(1))


@pytest.mark.requirement("M9")
async def test_hold_and_back(api: Api, centre: Centre) -> None:
    await talking(api, centre)
    _, body = await api.post(f"{OP}/hold", "op09")
    assert (body["state"], body["talk"]["held_by"]) == ("hold", "switch")
    assert body["talk"]["legs"] == [
        {"id": "caller", "kind": "caller", "name": None, "state": "held"}
    ]
    assert isinstance(centre.commands[-1], PartTalk)
    _, body = await api.post(f"{OP}/resume", "op09")
    assert (body["state"], body["talk"]["held_by"]) == ("talking", None)
    assert isinstance(centre.commands[-1], ReuniteTalk)


@pytest.mark.requirement("M9")
async def test_asking_a_department_and_leaving_it_the_caller(api: Api, centre: Centre) -> None:
    await talking(api, centre)
    asked = {"kind": "entry", "target": "night-desk"}
    _, body = await api.post(f"{OP}/consult", "op09", asked)
    consult = body["talk"]["consult"]
    assert (consult["kind"], consult["state"]) == ("consult", "ringing")
    assert consult["name"]["ja"] == "夜間・休日窓口"
    ring = centre.commands[-1]
    assert isinstance(ring, RingParty)
    centre.do(OfferAnswered(ring.party))
    state = (await api.get("/api/state", "op09"))[1]["agents"]["op09"]
    assert state["talk"]["consult"]["state"] == "talking"
    _, body = await api.post(f"{OP}/consult/complete", "op09")
    assert (body["state"], body["talk"]) == ("wrap_up", None)
    assert isinstance(centre.commands[-1], HandOver)


@pytest.mark.requirement("M9")
async def test_asking_and_going_back(api: Api, centre: Centre) -> None:
    await talking(api, centre)
    await api.post(f"{OP}/consult", "op09", {"kind": "entry", "target": "night-desk"})
    _, body = await api.post(f"{OP}/consult/cancel", "op09")
    assert (body["state"], body["talk"]["consult"]) == ("talking", None)
    assert isinstance(centre.commands[-1], DropParty)


@pytest.mark.requirement("M9", "S3")
async def test_three_voices(api: Api, centre: Centre) -> None:
    await talking(api, centre)
    await api.post(f"{OP}/consult", "op09", {"kind": "entry", "target": "night-desk"})
    status, answer = await api.post(f"{OP}/conference", "op09")
    assert (status, answer["error"]["code"]) == (409, "no_consultation")
    ring = centre.commands[-1]
    assert isinstance(ring, RingParty)
    centre.do(OfferAnswered(ring.party))
    _, body = await api.post(f"{OP}/conference", "op09")
    assert body["state"] == "talking"
    assert isinstance(centre.commands[-1], MergeTalk)
    third = body["talk"]["legs"][1]
    assert (third["kind"], third["state"]) == ("guest", "talking")
    _, body = await api.post(f"{OP}/conference/drop", "op09", {"leg": third["id"]})
    assert len(body["talk"]["legs"]) == 1


@pytest.mark.requirement("S3")
async def test_an_interpreter_of_the_plan_is_rung(api: Api, centre: Centre) -> None:
    await talking(api, centre)
    status, body = await api.post(
        f"{OP}/conference", "op09", {"kind": "interpreter", "language": "en"}
    )
    assert status == 200
    assert body["talk"]["legs"][1]["state"] == "ringing"
    status, answer = await api.post(
        f"{OP}/conference", "op09", {"kind": "interpreter", "language": "fr"}
    )
    assert (status, answer["error"]["code"]) == (404, "unknown_target")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/consult", {"kind": "entry"}),
        ("/consult", {"kind": "number", "target": "tax-office"}),
        ("/consult", {"kind": "entry", "target": "0312345678 x"}),
        ("/dial", {"number": "sip:x@evil"}),
        ("/dial", {"number": "1" * 30}),
        ("/consult", {"kind": "entry", "target": "../x"}),
        ("/conference", {"kind": "interpreter", "target": "night-desk"}),
        ("/conference", {"kind": "entry", "language": "en"}),
        ("/conference", {"kind": "interpreter", "language": "'; --"}),
        ("/conference/drop", {"leg": "PJSIP/op10"}),
    ],
)
async def test_what_makes_no_sense_is_refused(
    api: Api, centre: Centre, path: str, body: dict[str, str]
) -> None:
    await talking(api, centre)
    assert (await api.post(OP + path, "op09", body))[0] == 400


async def test_nobody_touches_the_talk_of_another(api: Api, centre: Centre) -> None:
    await talking(api, centre)
    for path in ("hold", "resume", "consult/complete", "consult/cancel"):
        assert (await api.post(f"{OP}/{path}", "op10"))[0] == 403
        assert (await api.post(f"{OP}/{path}", "supervisor"))[0] == 403
    status, answer = await api.post(
        f"{OP}/conference/drop", "op09", {"leg": OfferId("o999999999999")}
    )
    assert (status, answer["error"]["code"]) == (404, "unknown_target")


async def test_calling_outside_is_guarded_and_shown(api: Api, centre: Centre) -> None:
    await at_work(api)
    for number in ("110", "010-1-202-555-0123", "0990-12-3456", "0120123456"):
        status, answer = await api.post(f"{OP}/dial", "op09", {"number": number})
        assert (status, answer["error"]["code"]) == (409, "number_not_allowed")
    _, body = await api.post(f"{OP}/dial", "op09", {"number": "0466 (25) 1111"})
    dial = centre.commands[-1]
    assert isinstance(dial, DialOut)
    assert (dial.number, dial.dial) == ("0466251111", "PJSIP/0466251111@carrier")
    assert body["state"] == "ringing"
    assert body["talk"]["legs"][0]["state"] == "own_phone"
    centre.do(OfferAnswered(dial.offer))
    centre.do(CallConnected(dial.offer))
    state = (await api.get("/api/state", "supervisor"))[1]
    assert state["agents"]["op09"]["talk"]["legs"][0]["state"] == "talking"
    assert "0466251111" not in str(state)
    assert (await api.post(f"{OP}/dial", "op10", {"number": "0466251111"}))[0] == 403


async def test_an_outside_number_can_be_asked(api: Api, centre: Centre) -> None:
    await talking(api, centre)
    asked = {"kind": "number", "target": "03-1234-5678"}
    _, body = await api.post(f"{OP}/consult", "op09", asked)
    ring = centre.commands[-1]
    assert isinstance(ring, RingParty)
    assert ring.dial == "PJSIP/0312345678@carrier"
    assert "5678" not in str(body["talk"])
