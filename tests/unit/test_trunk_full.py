"""A trunk with no channel left: the attempt is counted, an alert raised, nobody named wrongly."""

from __future__ import annotations

import pytest

from acd.adapters.asterisk.codec import Message
from acd.adapters.asterisk.unmet import with_arrival
from acd.app.refusals import Refusals
from acd.core import events as e
from acd.core.events import AlertKind, CallOutcome
from acd.core.ids import CallId, SwitchId
from acd.core.inputs import CallArrived, Caller, CallerHungUp, CallerKind, FlowEnded, FlowEnding
from tests.desk import Desk, person, plan
from tests.fakes.ami_events import whole

PBX, CALL = SwitchId("a"), CallId("1700000000.5")
CHANNEL = "PJSIP/carrier-0000001f"


def hang_up(context: str, **more: str) -> Message:
    return Message(whole("Hangup", Uniqueid=CALL, Channel=CHANNEL, Context=context, **more))


def test_refusals_are_counted_by_trunk() -> None:
    refusals = Refusals()
    full = e.AlertRaised(AlertKind.TRUNK_FULL, "carrier")
    refusals.publish(1, 0.0, [full, e.AlertRaised(AlertKind.SWITCH_DOWN, "a"), full])
    assert refusals.by_trunk == {"carrier": 2}


@pytest.mark.requirement("M10")
def test_a_refused_call_is_in_the_ledger_with_one_outcome_and_an_alert() -> None:
    desk = Desk(plan(person("sato")), "sato")
    message = hang_up("full", AccountCode="0466001111", CallerIDNum="0312345678")
    told = with_arrival(message, [CallerHungUp(CALL, 34)], PBX)
    seen: list[e.Event] = []
    for happened in told:
        desk.tell(happened)
        seen += desk.events
    alerts = [(each.kind, each.subject) for each in seen if isinstance(each, e.AlertRaised)]
    assert alerts == [(AlertKind.TRUNK_FULL, "carrier")]
    [closed] = [each for each in seen if isinstance(each, e.CallClosed)]
    assert (closed.outcome, closed.cause) == (CallOutcome.BLOCKED, 34)
    assert desk.commands == []


def test_who_is_gone_before_the_menu_has_the_number_that_the_dialplan_let_through() -> None:
    message = hang_up("arrived", AccountCode="0466001111", CallerIDNum="0312345678")
    [arrived, _] = with_arrival(message, [CallerHungUp(CALL, 16)], PBX)
    who = Caller(CallerKind.NUMBER, "0312345678")
    assert arrived == CallArrived(CALL, PBX, CHANNEL, "carrier", "0466001111", who)


@pytest.mark.requirement("M7")
def test_a_number_that_the_dialplan_has_not_looked_at_is_not_taken() -> None:
    message = hang_up("arrived", AccountCode="", CallerIDNum="0312345678")
    [arrived, _] = with_arrival(message, [CallerHungUp(CALL, 16)], PBX)
    assert isinstance(arrived, CallArrived)
    assert (arrived.caller, arrived.dialled) == (Caller(CallerKind.UNAVAILABLE), "")


@pytest.mark.requirement("M7")
def test_a_withheld_number_stays_withheld() -> None:
    message = hang_up("arrived", AccountCode="0466001111", CallerIDNum="", CallerIDName="Anonymous")
    [arrived, _] = with_arrival(message, [CallerHungUp(CALL, 16)], PBX)
    assert isinstance(arrived, CallArrived)
    assert arrived.caller == Caller(CallerKind.WITHHELD)


def test_an_account_code_that_is_no_number_is_not_believed() -> None:
    message = hang_up("arrived", AccountCode="x; y", CallerIDNum="0312345678")
    [arrived, _] = with_arrival(message, [CallerHungUp(CALL, 16)], PBX)
    assert isinstance(arrived, CallArrived)
    assert arrived.dialled == ""


def test_refused_twice_is_counted_once() -> None:
    desk = Desk(plan(person("sato")))
    told = with_arrival(hang_up("full"), [CallerHungUp(CALL, 34)], PBX)
    for happened in [*told, *told]:
        desk.tell(happened)
        assert not isinstance(happened, FlowEnded) or happened.ending is FlowEnding.TRUNK_FULL
    assert desk.fold.outcomes == {CALL: CallOutcome.BLOCKED}
