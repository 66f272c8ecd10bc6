"""A phone rings while its switch cannot be seen: what became of it is asked, never guessed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acd.app.reconcile import corrections, rung_and_gone
from acd.core import events as e
from acd.core import inputs as i
from acd.core import inputs_talk as t
from acd.core.call import CallState
from acd.core.decide_system import UNSEEN_S
from acd.core.ids import AgentId, CallId, OfferId, SwitchId, TimerToken
from acd.core.inputs_floor import TakeOverRequested
from acd.core.outbound import OutboundPlan
from acd.core.plan import TalkPlan, Target, TargetKind
from acd.core.timers import TimerKind
from acd.ports import ChannelSeen
from agents.state import AgentState
from tests.desk import Desk, person, plan

A = SwitchId("a")


def ringing() -> tuple[Desk, TimerToken]:
    """Sato's phone rings for call 1 when the switch goes out of sight; and the ring's timer."""
    desk = Desk(plan(person("sato")), "sato")
    desk.call("1")
    timers = desk.engine.state.timers.pending
    [token] = [token for token, timer in timers.items() if timer.kind is TimerKind.RING]
    desk.tell(i.SwitchDown(A))
    return desk, token


def seen(where: str, bridge: str = "") -> ChannelSeen:
    """Caller 1's channel."""
    name = "PJSIP/trunk-1"
    return ChannelSeen(name, "1", CallId("1"), None, True, False, bridge, 9.0, where)


def leg(offer: OfferId, bridge: str = "") -> ChannelSeen:
    """The operator's channel."""
    name = "PJSIP/phone-sato-1"
    return ChannelSeen(
        name, f"mdg-{offer}", None, offer, bool(bridge), False, bridge, 5.0, "operator"
    )


def sweep(desk: Desk, *channels: ChannelSeen) -> None:
    """The switch is back and shows these channels."""
    for happened in corrections(desk.engine, A, channels, lost=lambda _: False):
        desk.tell(happened)
    desk.tell(i.SwitchUp(A))


@pytest.mark.requirement("M10")
def test_a_ring_that_was_too_long_is_not_given_up_while_nobody_can_say_who_answered() -> None:
    desk, token = ringing()
    desk.now += 60.0
    desk.tell(i.TimerFired(token))
    assert desk.event(e.OfferUnseen).offer == desk.latest_offer["sato"]
    desk.pass_time(60.0)
    assert desk.state("sato") is AgentState.RINGING
    offer = desk.latest_offer["sato"]
    sweep(desk, seen("hold", "b1"), leg(offer, "b1"))
    assert desk.state("sato") is AgentState.TALKING


def talking(*also: str) -> Desk:
    desk = Desk(plan(person("sato"), person("mori")), "sato")
    desk.call("1")
    desk.connect("sato")
    for each in also:
        desk.ready(each)
    return desk


def consulting() -> Desk:
    desk = talking("mori")
    desk.tell(t.ConsultRequested(AgentId("sato"), Target(TargetKind.AGENT, "mori")))
    return desk


def calling_outside() -> Desk:
    talk = TalkPlan(shown="0466001111", outbound=OutboundPlan("carrier", ("0466",), 2, 3))
    desk = Desk(plan(person("sato"), talk=talk), "sato")
    desk.tell(t.DialRequested(AgentId("sato"), "0466251111"))
    return desk


def taking_over() -> Desk:
    desk = talking()
    desk.tell(TakeOverRequested(CallId("1"), "phone-boss", "supervisor:boss"))
    return desk


def other_rings(desk: Desk) -> set[OfferId]:
    state = desk.engine.state
    return {*state.parties, *state.dials, *state.floor.takings}


@pytest.mark.requirement("M10")
@pytest.mark.parametrize("asked", [consulting, calling_outside, taking_over])
def test_nor_is_any_other_ring_given_up_meanwhile(asked: Callable[[], Desk]) -> None:
    desk = asked()
    ringing = other_rings(desk)
    assert len(ringing) == 1
    desk.tell(i.SwitchDown(A))
    desk.pass_time(120.0)
    assert other_rings(desk) == ringing
    desk.restart()
    desk.tell(i.SwitchUp(A))
    desk.pass_time(UNSEEN_S)
    assert not other_rings(desk), "it was seen again and still rings: that was long enough"


def test_it_is_given_up_once_the_switch_says_that_it_still_rings() -> None:
    desk, token = ringing()
    desk.now += 60.0
    desk.tell(i.TimerFired(token))
    sweep(desk, seen("hold"), leg(desk.latest_offer["sato"]))
    desk.pass_time(2.0)
    assert desk.state("sato") is AgentState.NOT_READY


@pytest.mark.parametrize("talked", [True, False])
def test_of_a_caller_who_is_gone_the_switchs_record_says_whether_there_was_a_talk(
    talked: bool,
) -> None:
    desk, _ = ringing()
    offer = desk.latest_offer["sato"]
    assert [ring.id for ring in rung_and_gone(desk.engine, A, [])] == [offer]
    assert rung_and_gone(desk.engine, A, [seen("hold")]) == []
    known = {offer} if talked else set[OfferId]()
    for happened in corrections(desk.engine, A, [], lost=lambda _: False, talked=known):
        desk.tell(happened)
    desk.tell(i.SwitchUp(A))
    assert desk.outcome("1") is (e.CallOutcome.ANSWERED if talked else e.CallOutcome.ABANDONED)
    assert desk.state("sato") is (AgentState.WRAP_UP if talked else AgentState.READY)


@pytest.mark.requirement("M10")
def test_a_talk_that_began_and_ended_unseen_was_a_talk_and_nobody_is_rung_for_it_again() -> None:
    desk, _ = ringing()
    sweep(desk, seen("after"))
    assert desk.state("sato") is AgentState.WRAP_UP
    assert desk.engine.calls[CallId("1")].state is CallState.LEAVING
