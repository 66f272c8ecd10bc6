"""An operator's phone rings: and nobody answers, or the caller has gone, or somebody logs out."""

from __future__ import annotations

import pytest

from acd.core import events as e
from acd.core import inputs as i
from acd.core.commands import CancelOffer, HangUpLeg, HoldCaller, OfferCall, PlayAnnouncement
from acd.core.events import AlertKind, CallOutcome, OfferResult
from acd.core.ids import SwitchId
from acd.core.inputs import OfferFailure
from acd.core.plan import CooldownPlan, OverflowKind, OverflowRule, Target, TargetKind
from agents.state import AgentState, NotReadyReason
from tests.desk import Desk, person, plan, queue

TWO = plan(person("sato"), person("suzuki"))


@pytest.mark.requirement("M3")
def test_an_offer_tells_all_that_the_switch_must_know() -> None:
    desk = Desk(plan(queue(ring_timeout_s=12.0), person("sato")), "sato")
    desk.call("1")
    offer = desk.command(OfferCall)
    assert (offer.call, offer.agent, offer.device) == ("1", "sato", "phone-sato")
    assert (offer.channel, offer.ring_timeout_s) == ("PJSIP/trunk-1", 12.0)
    assert (offer.queue, offer.announce) == ("tax", "queue-tax")


@pytest.mark.requirement("M4")
def test_nobody_answers_the_call_keeps_its_place_and_the_operator_is_not_ready() -> None:
    desk = Desk(TWO, "sato")
    desk.call("1")
    desk.pass_time(5.0)
    desk.call("2")
    desk.call("3")
    desk.pass_time(10.0)
    assert desk.event(e.OfferEnded).result is OfferResult.NO_ANSWER
    assert desk.command(CancelOffer).call == "1"
    assert desk.state("sato") is AgentState.NOT_READY
    assert desk.reason("sato") is NotReadyReason.NO_ANSWER
    assert [desk.engine.position(call) for call in desk.engine.calls] == [1, 2, 3]
    desk.pass_time(500.0)
    assert desk.state("sato") is AgentState.NOT_READY, "nobody is there until a person acts"
    desk.ready("suzuki")
    assert desk.rings("suzuki") == "1"


@pytest.mark.requirement("M4")
@pytest.mark.parametrize(
    ("how", "reason", "rest_s"),
    [
        (OfferFailure.REJECTED, NotReadyReason.REJECTED, 15.0),
        (OfferFailure.BUSY, NotReadyReason.BUSY, 16.0),
        (OfferFailure.UNREACHABLE, NotReadyReason.UNREACHABLE, 30.0),
        (OfferFailure.NO_ANSWER, NotReadyReason.NO_ANSWER, 40.0),
    ],
)
def test_after_a_failed_ring_the_operator_rests_and_then_rings_again(
    how: OfferFailure, reason: NotReadyReason, rest_s: float
) -> None:
    rests = CooldownPlan(no_answer_s=40.0, busy_s=16.0)
    desk = Desk(plan(person("sato"), cooldown=rests), "sato")
    desk.call("1")
    desk.fail("sato", how)
    assert desk.reason("sato") is reason
    desk.pass_time(rest_s - 0.1)
    assert desk.rings("sato") is None
    desk.pass_time(0.2)
    assert desk.rings("sato") == "1"


def test_a_failed_ring_goes_to_the_next_operator_at_once() -> None:
    desk = Desk(TWO, "sato", "suzuki")
    desk.call("1")
    assert desk.rings("sato") == "1"
    desk.fail("sato", OfferFailure.BUSY)
    assert desk.rings("suzuki") == "1"


@pytest.mark.requirement("M4")
def test_the_caller_hangs_up_while_it_rings_as_if_it_had_not_rung() -> None:
    desk = Desk(TWO, "sato")
    desk.pass_time(5.0)
    desk.ready("suzuki")
    desk.pass_time(5.0)
    desk.call("1")
    assert desk.rings("sato") == "1"
    desk.pass_time(3.0)
    desk.hang_up("1")
    assert desk.command(CancelOffer).offer == desk.event(e.OfferEnded).offer
    assert desk.event(e.OfferEnded).result is OfferResult.CALLER_GONE
    assert desk.outcome("1") is CallOutcome.ABANDONED
    assert desk.engine.agents[desk.event(e.OfferEnded).agent].idle_from_s == desk.now - 13.0
    desk.call("2")
    assert desk.rings("sato") == "2", "sato has still been idle for longer"


def test_a_ring_withdrawn_in_the_instant_of_getting_ready_keeps_the_place() -> None:
    desk = Desk(TWO, "sato", "suzuki")
    desk.call("1")
    desk.hang_up("1")
    desk.call("2")
    assert desk.rings("sato") == "2"


@pytest.mark.requirement("M4")
def test_logged_out_while_it_rings_the_next_operator_gets_the_call() -> None:
    desk = Desk(TWO, "sato", "suzuki")
    desk.call("1")
    desk.log_out("sato", by="boss")
    assert desk.event(e.OfferEnded).result is OfferResult.AGENT_LEFT
    assert desk.command(CancelOffer).call == "1"
    assert desk.state("sato") is AgentState.LOGGED_OUT
    assert desk.rings("suzuki") == "1"


@pytest.mark.requirement("M4")
def test_lunch_reserved_while_it_rings_is_taken_whatever_becomes_of_the_ring() -> None:
    for end in (OfferFailure.CALLER_GONE, OfferFailure.NO_ANSWER, OfferFailure.REJECTED):
        desk = Desk(TWO, "sato")
        desk.call("1")
        desk.pause("sato", NotReadyReason.LUNCH)
        desk.fail("sato", end)
        assert desk.reason("sato") is NotReadyReason.LUNCH
        desk.pass_time(100.0)
        assert desk.reason("sato") is NotReadyReason.LUNCH


def test_picked_up_and_never_connected_the_lease_ends_it() -> None:
    desk = Desk(plan(person("sato"), offer_lease_s=8.0), "sato")
    desk.call("1")
    desk.pick_up("sato")
    desk.pass_time(7.9)
    assert desk.rings("sato") == "1"
    desk.pass_time(0.1)
    assert desk.event(e.OfferEnded).result is OfferResult.EXPIRED
    assert desk.event(e.AlertRaised).kind is AlertKind.LEASE_EXPIRED
    assert desk.has(CancelOffer)
    assert desk.state("sato") is AgentState.READY
    desk.pass_time(2.0)
    assert desk.rings("sato") == "1", "the call rested for a moment and is offered again"


def test_a_device_that_fails_by_itself_does_not_take_every_call_from_the_others() -> None:
    desk = Desk(TWO, "sato")
    desk.pass_time(1.0)
    desk.ready("suzuki")
    desk.pass_time(1.0)
    desk.call("1")
    desk.fail("sato", OfferFailure.ERROR)
    desk.pass_time(2.0)
    assert desk.rings("suzuki") == "1"


def test_a_ring_that_was_cancelled_is_answered_after_all_and_the_caller_waits_on() -> None:
    desk = Desk(TWO, "sato")
    desk.call("1")
    desk.pass_time(15.0)
    desk.connect("sato")
    assert desk.events == []
    assert desk.command(HoldCaller).call == "1"
    assert desk.command(HangUpLeg).offer == desk.latest_offer["sato"]
    desk.ready("suzuki")
    assert desk.rings("suzuki") == "1"


def test_a_cancelled_ring_answered_during_the_talk_with_another_is_hung_up() -> None:
    desk = Desk(TWO, "sato", "suzuki")
    desk.call("1")
    desk.pass_time(15.0)
    desk.connect("suzuki")
    desk.connect("sato")
    assert desk.commands == [HangUpLeg(desk.latest_offer["sato"], SwitchId("a"))]
    assert desk.state("suzuki") is AgentState.TALKING


def test_a_connection_told_again_after_the_talk_disturbs_nobody() -> None:
    desk = Desk(plan(queue(), queue("waste"), person("sato")), "sato")
    desk.call("1")
    desk.connect("sato")
    desk.transfer("sato", Target(TargetKind.QUEUE, "waste"))
    desk.connect("sato")
    assert (desk.events, desk.commands) == ([], [])


def test_after_too_many_failed_offers_a_known_number_is_called_back() -> None:
    desk = Desk(plan(queue(max_offers=2), person("sato"), person("suzuki")), "sato", "suzuki")
    desk.call("1", number="0312345678")
    desk.fail("sato", OfferFailure.REJECTED)
    desk.fail("suzuki", OfferFailure.REJECTED)
    assert desk.event(e.CallBackRecorded).queue == "tax"
    assert desk.command(PlayAnnouncement).announcement == "call_back_taken"
    desk.hang_up("1")
    assert desk.outcome("1") is CallOutcome.CALL_BACK


def test_after_too_many_failed_offers_an_unknown_number_hears_that_we_are_sorry() -> None:
    desk = Desk(plan(queue(max_offers=1), person("sato")), "sato")
    desk.call("1")
    desk.fail("sato", OfferFailure.REJECTED)
    assert desk.command(PlayAnnouncement).announcement == "congestion"
    desk.hang_up("1")
    assert desk.outcome("1") is CallOutcome.BLOCKED


def test_the_last_offer_counts_even_when_the_caller_waited_for_that_operator() -> None:
    one = queue(max_offers=1, prefer_last_agent_s=60.0)
    desk = Desk(plan(one, person("sato"), person("suzuki")), "sato", "suzuki")
    desk.call("1", prefer_agent="suzuki")
    assert desk.rings("suzuki") == "1"
    desk.fail("suzuki", OfferFailure.REJECTED)
    assert desk.rings("sato") is None
    assert desk.has(PlayAnnouncement)


def test_an_overflow_rule_may_say_what_happens_after_failed_offers() -> None:
    rule = OverflowRule(OverflowKind.OFFERS, Target(TargetKind.QUEUE, "waste"), 1)
    desk = Desk(plan(queue(overflow=(rule,)), queue("waste"), person("sato")), "sato")
    desk.call("1")
    desk.fail("sato", OfferFailure.REJECTED)
    assert desk.queue_of("1") == "waste"
    assert desk.event(e.VisitEnded).rule is OverflowKind.OFFERS


def test_late_and_doubled_inputs_about_an_ended_ring_change_nothing() -> None:
    desk = Desk(TWO, "sato")
    desk.call("1")
    desk.fail("sato", OfferFailure.REJECTED)
    before = desk.engine.snapshot()
    offer = desk.latest_offer["sato"]
    late: tuple[i.Input, ...] = (
        i.OfferAnswered(offer),
        i.OfferFailed(offer, OfferFailure.BUSY),
        i.LegEnded(offer),
        i.HoldStarted(offer),
    )
    for happened in late:
        desk.tell(happened)
        assert (desk.events, desk.commands) == ([], [])
    assert desk.engine.snapshot() == before


def test_an_arrival_told_again_after_the_call_is_over_opens_nothing() -> None:
    desk = Desk(TWO, "sato")
    desk.call("1")
    desk.hang_up("1")
    desk.arrive("1")
    assert desk.events == []
