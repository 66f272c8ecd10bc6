"""Taking a talk over: operator and caller go on talking until the supervisor picks up."""

from __future__ import annotations

import pytest

from acd.core import events as e
from acd.core import events_floor as f
from acd.core import inputs as i
from acd.core.commands import CancelOffer, HangUpLeg, HoldCaller, OfferCall
from acd.core.commands_floor import StopSpying
from acd.core.events import RefusalReason
from acd.core.ids import AgentId, CallId
from acd.core.inputs_floor import SpyMode, SpyRequested, TakeOverRequested, TakingResult
from acd.core.inputs_talk import ConsultCompleted, ConsultRequested, HoldRequested
from acd.core.plan import Target, TargetKind
from agents.state import AgentState, NotReadyReason
from tests.desk import Desk, person, plan, queue

BOSS = "supervisor:boss"
GUEST = "@phone-boss"


def take_over(desk: Desk, call: str = "1", device: str = "phone-boss") -> None:
    desk.tell(TakeOverRequested(CallId(call), device, BOSS))


def refusal(desk: Desk) -> RefusalReason:
    return desk.event(e.RequestRefused).reason


@pytest.fixture
def desk() -> Desk:
    """Sato talks with a caller, for a minute now."""
    made = Desk(plan(queue(), person("sato")), "sato")
    made.call("1")
    made.connect("sato")
    made.pass_time(60.0)
    return made


def test_the_talk_goes_on_while_the_supervisors_phone_rings(desk: Desk) -> None:
    take_over(desk)
    assert not desk.has(e.LegClosed)
    assert not desk.has(HoldCaller)
    ring = desk.command(OfferCall)
    assert (ring.device, ring.in_talk, ring.announce) == ("phone-boss", True, "")
    assert desk.state("sato") is AgentState.TALKING
    assert desk.rings("sato") == "1"


def test_the_caller_changes_over_when_the_phone_is_answered(desk: Desk) -> None:
    take_over(desk)
    desk.pass_time(5.0)
    desk.restart()
    desk.pick_up(GUEST)
    assert desk.state("sato") is AgentState.TALKING
    desk.connect(GUEST)
    assert desk.event(e.LegClosed).by is i.EndedBy.TAKEN_OVER
    assert desk.event(f.CallTakenOver).by == BOSS
    assert not desk.has(HoldCaller)
    assert desk.state("sato") is AgentState.WRAP_UP
    assert desk.rings(GUEST) == "1"
    desk.hang_up("1")
    assert AgentId(GUEST) not in desk.engine.agents
    assert desk.outcome("1") is e.CallOutcome.ANSWERED


@pytest.mark.parametrize("how", [i.OfferFailure.BUSY, i.OfferFailure.UNREACHABLE, None])
def test_nobody_answers_and_nothing_has_changed(desk: Desk, how: i.OfferFailure | None) -> None:
    take_over(desk)
    if how is None:
        desk.pass_time(16.0)
    else:
        desk.fail(GUEST, how)
    assert desk.has(f.TakingEnded)
    assert desk.command(CancelOffer).in_talk
    assert desk.state("sato") is AgentState.TALKING
    desk.hang_up("1")
    assert desk.state("sato") is AgentState.WRAP_UP
    take_over(desk)
    assert refusal(desk) is RefusalReason.UNKNOWN_CALL


def test_the_callers_hang_up_ends_the_ring(desk: Desk) -> None:
    take_over(desk)
    desk.hang_up("1")
    assert desk.event(f.TakingEnded).result is TakingResult.CALLER_GONE
    assert desk.has(CancelOffer)


def test_an_operator_who_hangs_up_leaves_the_caller_to_the_phone_that_rings(desk: Desk) -> None:
    desk.call("2")
    take_over(desk)
    desk.end_talk("sato")
    assert desk.state("sato") is AgentState.WRAP_UP
    assert not desk.command(OfferCall).in_talk
    assert desk.state(GUEST) is AgentState.RINGING
    desk.connect(GUEST)
    assert desk.rings(GUEST) == "1"


def test_whoever_waits_for_a_phone_that_nobody_answers_waits_on_at_the_old_age(desk: Desk) -> None:
    desk.call("2")
    take_over(desk)
    desk.end_talk("sato")
    desk.fail(GUEST, i.OfferFailure.NO_ANSWER)
    desk.tell(i.AgentReadied(AgentId("sato")))
    assert desk.rings("sato") == "1"


def test_the_news_of_the_operators_leg_may_come_first(desk: Desk) -> None:
    take_over(desk)
    desk.pick_up(GUEST)
    desk.tell(i.LegEnded(desk.latest_offer["sato"], i.EndedBy.TAKEN_OVER))
    desk.connect(GUEST)
    assert desk.rings(GUEST) == "1"
    assert desk.state("sato") is AgentState.WRAP_UP


def test_a_caller_who_hangs_up_is_not_kept_for_the_phone(desk: Desk) -> None:
    take_over(desk)
    desk.tell(i.LegEnded(desk.latest_offer["sato"], i.EndedBy.CALLER))
    assert desk.has(CancelOffer)
    assert desk.event(f.TakingEnded).result is TakingResult.DROPPED
    desk.hang_up("1")
    assert desk.outcome("1") is e.CallOutcome.ANSWERED


def test_a_talk_on_hold_is_taken_over_and_whoever_was_asked_is_let_go(desk: Desk) -> None:
    hall = Target(TargetKind.NUMBER, "city-hall")
    desk.tell(ConsultRequested(AgentId("sato"), hall))
    take_over(desk)
    desk.connect(GUEST)
    assert desk.has(HangUpLeg)
    assert not desk.engine.state.parties
    assert desk.rings(GUEST) == "1"


def test_the_operator_may_hold_meanwhile_and_hand_over(desk: Desk) -> None:
    take_over(desk)
    desk.tell(HoldRequested(AgentId("sato")))
    assert desk.state("sato") is AgentState.HOLD
    desk.tell(ConsultRequested(AgentId("sato"), Target(TargetKind.NUMBER, "city-hall")))
    desk.tell(i.OfferAnswered(desk.latest_party))
    desk.tell(ConsultCompleted(AgentId("sato")))
    assert desk.event(f.TakingEnded).result is TakingResult.DROPPED


def test_a_transfer_ends_the_ring(desk: Desk) -> None:
    take_over(desk)
    desk.transfer("sato", Target(TargetKind.QUEUE, "tax"))
    assert desk.event(f.TakingEnded).result is TakingResult.DROPPED
    assert desk.command(CancelOffer).in_talk


def test_one_phone_for_one_talk(desk: Desk) -> None:
    take_over(desk)
    take_over(desk, device="phone-other")
    assert refusal(desk) is RefusalReason.ANOTHER_PARTY
    desk.tell(SpyRequested(CallId("1"), "phone-boss", SpyMode.LISTEN, BOSS))
    assert refusal(desk) is RefusalReason.DEVICE_BUSY
    desk.call("2")
    take_over(desk, "2")
    assert refusal(desk) is RefusalReason.DEVICE_BUSY


def test_a_phone_that_hears_the_talk_stops_hearing_and_rings(desk: Desk) -> None:
    desk.tell(SpyRequested(CallId("1"), "phone-boss", SpyMode.LISTEN, BOSS))
    take_over(desk)
    assert desk.has(StopSpying)
    assert desk.command(OfferCall).in_talk


@pytest.mark.parametrize("answered", [True, False])
def test_a_supervisor_who_is_an_operator_is_reserved_and_away_again_after(answered: bool) -> None:
    desk = Desk(plan(queue(wrap_up_s=0.0), person("sato"), person("boss", "lead")), "sato")
    desk.tell(i.AgentLoggedIn(AgentId("boss")))
    desk.pause("boss", NotReadyReason.MEETING)
    desk.call("1")
    desk.connect("sato")
    take_over(desk)
    assert desk.state("boss") is AgentState.RINGING
    if answered:
        desk.connect("boss")
        assert desk.rings("boss") == "1"
        desk.hang_up("1")
    else:
        desk.pass_time(16.0)
    assert (desk.state("boss"), desk.reason("boss")) == (
        AgentState.NOT_READY,
        NotReadyReason.MEETING,
    )


def test_nobody_else_rings_whoever_takes_a_talk_over_nor_keeps_them_from_going_home() -> None:
    desk = Desk(plan(queue(), person("sato"), person("boss", "tax:9")), "sato")
    desk.call("1")
    desk.connect("sato")
    desk.ready("boss")
    take_over(desk)
    desk.call("2")
    assert desk.engine.calls[CallId("2")].offer is None
    desk.log_out("boss")
    assert desk.state("boss") is AgentState.LOGGED_OUT
    assert desk.has(CancelOffer)
    assert desk.state("sato") is AgentState.TALKING
