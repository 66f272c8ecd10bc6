"""Keys that an operator sends: to whom, how many, and what the recording is told."""

from __future__ import annotations

import pytest

from acd.app.keypad import MOST_KEYS, Keypad
from acd.core import inputs as i
from acd.core import inputs_talk as t
from acd.core.ids import AgentId, CallId, OfferId
from acd.core.outbound import OutboundPlan
from acd.core.plan import TalkPlan, Target, TargetKind
from acd.errors import LimitExceeded, Refused
from tests.desk import Desk, person, plan, queue

SATO = AgentId("sato")


class Line:
    """A switch that keeps what it is asked to send."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sent: list[tuple[OfferId, str]] = []
        self.told: list[CallId] = []
        self.keypad = Keypad(lambda: desk.engine, lambda: desk.now, self, self.told.append)

    async def press(self, offer: OfferId, keys: str) -> None:
        assert self.told, "the recording pauses before a key sounds"
        self.sent.append((offer, keys))

    async def type(self, keys: str, agent: str = "sato") -> None:
        await self.keypad.press(self.desk.engine.agents[AgentId(agent)], keys)


def talking() -> tuple[Desk, Line]:
    talk = TalkPlan(20.0, 30.0, "0466001111", outbound=OutboundPlan("x", ("0466",)))
    desk = Desk(plan(queue(), person("sato"), person("mori"), talk=talk), "sato", "mori")
    desk.call("1")
    desk.connect("sato")
    return desk, Line(desk)


async def test_keys_go_to_the_callers_talk_and_the_recording_is_told() -> None:
    desk, line = talking()
    await line.type("12#")
    assert line.sent == [(desk.latest_offer["sato"], "12#")]
    assert line.told == ["1"]


async def test_nobody_hears_keys_on_hold_but_whoever_is_asked_does() -> None:
    desk, line = talking()
    desk.tell(t.ConsultRequested(SATO, Target(TargetKind.AGENT, "mori")))
    with pytest.raises(Refused):
        await line.type("1")
    desk.tell(i.OfferAnswered(desk.latest_party))
    await line.type("1")
    await line.type("2", "mori")
    assert [offer for offer, _ in line.sent] == [desk.latest_offer["sato"], desk.latest_party]


async def test_an_outside_call_takes_keys_once_it_is_answered() -> None:
    desk, line = talking()
    desk.tell(t.DialRequested(AgentId("mori"), "0466251111"))
    leg = OfferId(desk.engine.agents[AgentId("mori")].offer or "")
    desk.tell(i.OfferAnswered(leg))
    with pytest.raises(Refused):
        await line.type("1", "mori")
    desk.tell(i.CallConnected(leg))
    await line.type("1", "mori")
    assert line.sent == [(leg, "1")]
    assert line.told == [CallId(leg)], "an outside call's recording goes by its leg"


async def test_too_many_keys_at_once_are_refused_and_nobody_else_suffers() -> None:
    desk, line = talking()
    await line.type("1" * MOST_KEYS)
    with pytest.raises(LimitExceeded):
        await line.type("1")
    desk.pass_time(10.0)
    await line.type("1")
    assert len(line.sent) == 2


async def test_without_a_talk_there_is_nobody_to_hear_a_key() -> None:
    _, line = talking()
    with pytest.raises(Refused):
        await line.type("1", "mori")
    assert line.told == []
