"""A talk that somebody else began and nobody told of: whoever leads next has it as its own."""

from __future__ import annotations

import pytest

from acd.app.reconcile import corrections
from acd.core import events as e
from acd.core import inputs as i
from acd.core import inputs_talk as t
from acd.core.call import CallState
from acd.core.commands import CancelOffer
from acd.core.engine import Engine
from acd.core.explain import explain
from acd.core.explain_text import sentences_en, sentences_ja
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId, offer_id
from acd.core.inputs import Caller, CallerKind
from acd.core.plan import Target, TargetKind
from acd.ports import ChannelSeen
from agents.state import AgentState
from tests.desk import Desk, person, plan, queue
from tests.engine_world import JST

A, CALL, SATO = SwitchId("a"), CallId("1"), AgentId("sato")
#: What whoever led before gave the talk, and a leg of a later ring.
UNHEARD = offer_id(77)
WHO = Caller(CallerKind.NUMBER, "0466251111")


def caller(where: str = "hold", bridge: str = "b1", *, held: bool = False) -> ChannelSeen:
    """Caller 1's channel."""
    return ChannelSeen(
        "PJSIP/trunk-1", "1", CALL, None, True, held, bridge, 9.0, where, "1", WHO, "trunk"
    )


def leg(
    bridge: str = "b1", *, offer: OfferId = UNHEARD, where: str = "operator", agent: str = "sato"
) -> ChannelSeen:
    """An operator's channel that the engine did not ask for."""
    return ChannelSeen(
        f"PJSIP/phone-{agent}-1", f"mdg-{offer}", None, offer, True, where == "desk", bridge, 5.0,
        where, agent=AgentId(agent), queue=QueueId("waste"), peer="PJSIP/trunk-1",
    )  # fmt: skip


def new_leader(*ready: str) -> Desk:
    """Somebody who just came to lead, with what was heard until then."""
    return Desk(plan(queue("tax"), queue("waste"), person("sato"), person("mori")), *ready)


def sweep(desk: Desk, *channels: ChannelSeen) -> None:
    """The switch is seen for the first time."""
    desk.tell(i.SwitchDown(A))
    for happened in corrections(desk.engine, A, channels, lost=lambda _: False):
        desk.tell(happened)
    desk.tell(i.SwitchUp(A))


def ends_like_any_other(desk: Desk) -> None:
    """The talk is shown, can be held and handed on, and is counted once as answered."""
    assert desk.state("sato") is AgentState.TALKING
    assert desk.engine.calls[CALL].state is CallState.TALKING
    desk.tell(t.HoldRequested(SATO))
    assert desk.state("sato") is AgentState.HOLD
    desk.tell(t.ResumeRequested(SATO))
    assert desk.state("sato") is AgentState.TALKING
    desk.tell(i.LegEnded(desk.engine.calls[CALL].offer or OfferId("")))
    assert desk.state("sato") is AgentState.WRAP_UP
    desk.hang_up("1")
    assert desk.outcome("1") is e.CallOutcome.ANSWERED


@pytest.mark.requirement("M28")
@pytest.mark.parametrize("at_work", [(), ("sato",), ("sato", "mori")])
def test_a_caller_nobody_told_of_is_found_in_a_talk(at_work: tuple[str, ...]) -> None:
    desk = new_leader(*at_work)
    sweep(desk, caller(), leg())
    assert desk.engine.calls[CALL].queue == "waste", "what it was rung for"
    ends_like_any_other(desk)


@pytest.mark.requirement("M28")
def test_a_caller_who_still_waited_as_far_as_was_heard() -> None:
    desk = new_leader()
    desk.call("1")
    desk.ready("mori")
    desk.fail("mori", i.OfferFailure.ERROR)
    assert desk.engine.calls[CALL].parked
    sweep(desk, caller(), leg())
    assert desk.engine.calls[CALL].queue == "tax", "the place that it had"
    ends_like_any_other(desk)


@pytest.mark.requirement("M28")
def test_a_caller_for_whom_somebody_else_was_rung_frees_that_one() -> None:
    desk = new_leader("mori")
    desk.call("1")
    assert desk.rings("mori") == "1"
    sweep(desk, caller(), leg())
    assert desk.state("mori") is AgentState.READY
    ends_like_any_other(desk)


@pytest.mark.requirement("M28")
def test_a_caller_who_was_with_somebody_else_before() -> None:
    desk = new_leader("mori")
    desk.call("1")
    desk.connect("mori")
    sweep(desk, caller(), leg())
    assert desk.state("mori") is AgentState.WRAP_UP
    ends_like_any_other(desk)


def test_a_caller_who_was_in_the_menu_as_far_as_was_heard() -> None:
    desk = new_leader("sato")
    desk.arrive("1")
    sweep(desk, caller(), leg())
    ends_like_any_other(desk)


def test_one_who_wrote_up_the_call_before_is_in_the_next_one_already() -> None:
    desk = new_leader("sato")
    desk.call("0")
    desk.serve("sato", "0")
    assert desk.state("sato") is AgentState.WRAP_UP
    sweep(desk, caller(), leg())
    ends_like_any_other(desk)


def test_a_talk_that_was_taken_apart_as_well_is_one_on_hold() -> None:
    desk = new_leader("sato")
    desk.call("1")
    sweep(desk, caller("parted", "w1", held=True), leg("d1", where="desk"))
    assert desk.state("sato") is AgentState.HOLD
    desk.tell(t.ResumeRequested(SATO))
    ends_like_any_other(desk)


def test_it_is_handed_on_like_any_other() -> None:
    desk = new_leader("sato", "mori")
    sweep(desk, caller(), leg())
    desk.transfer("sato", Target(TargetKind.QUEUE, "tax"))
    assert desk.rings("mori") == "1"


def test_nobody_claims_to_know_why_that_operator_was_chosen() -> None:
    desk = new_leader("sato")
    desk.call("1")
    before = Engine.restore(desk.engine.snapshot(), JST)
    [met] = corrections(desk.engine, A, [caller(), leg()], lost=lambda _: False)
    desk.tell(met)
    found = explain(before, desk.events, desk.now, UNHEARD)
    assert found.recovered
    assert "only the one before could say" in sentences_en(found)[0]
    assert "前の主" in sentences_ja(found)[0]


@pytest.mark.parametrize("talked", [True, False])
def test_who_was_with_a_caller_of_another_switch_as_far_as_was_heard(talked: bool) -> None:
    """That switch has not been heard yet: both ended there before the next talk began here."""
    desk = new_leader("sato")
    there, old = SwitchId("b"), CallId("0")
    desk.tell(i.CallArrived(old, there, "PJSIP/trunk-0", "trunk", "1", WHO))
    desk.tell(i.QueueRequested(old, QueueId("tax")))
    if talked:
        desk.connect("sato")
    desk.call("1")
    desk.tell(i.SwitchDown(there))
    sweep(desk, caller(), leg())
    assert desk.engine.calls[CALL].state is CallState.TALKING
    desk.ready("mori")
    assert desk.state("mori") is AgentState.READY, "nobody else is rung for whoever talks"
    for happened in corrections(desk.engine, there, [], lost=lambda _: False):
        desk.tell(happened)
    desk.tell(i.SwitchUp(there))
    assert desk.outcome("0") is (e.CallOutcome.ANSWERED if talked else e.CallOutcome.ABANDONED)
    ends_like_any_other(desk)


def test_who_is_rung_for_a_caller_of_another_switch_rings_in_vain() -> None:
    """That switch was heard first, and its telephone is there."""
    desk = new_leader("sato")
    there, other = SwitchId("b"), CallId("0")
    desk.tell(i.CallArrived(other, there, "PJSIP/trunk-0", "trunk", "1", WHO))
    desk.tell(i.QueueRequested(other, QueueId("tax")))
    assert desk.rings("sato") == other
    desk.ready("mori")
    vain = desk.latest_offer["sato"]
    desk.tell(i.DeviceMoved(SATO, there))
    desk.tell(i.DeviceMoved(AgentId("mori"), there))
    desk.tell(i.SwitchDown(A))
    [arrived, met] = corrections(desk.engine, A, [caller(), leg()], lost=lambda _: False)
    desk.tell(arrived)
    desk.tell(met)
    assert desk.command(CancelOffer).offer == vain
    assert desk.rings("mori") == other
    desk.tell(i.SwitchUp(A))
    ends_like_any_other(desk)


def test_whose_leg_it_is_must_be_known_and_free() -> None:
    desk = new_leader("sato")
    desk.call("2")
    desk.connect("sato")
    known = desk.engine.state.offers[desk.latest_offer["sato"]]
    other = ChannelSeen("PJSIP/trunk-2", "2", CallId("2"), None, True, False, "b2", 9.0, "hold")
    sweep(desk, other, leg("b2", offer=known.id), caller(), leg())
    assert desk.rings("sato") == "2", "one talk at a time"
    assert CALL not in desk.engine.calls or desk.engine.calls[CALL].state is CallState.MENU
    desk = new_leader("sato")
    sweep(desk, caller(), leg(agent="nobody"))
    assert desk.state("sato") is AgentState.READY
    assert CALL not in desk.engine.calls
