"""What the live view shows follows from the events alone."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from acd.cli.live_state import Happening, LiveState
from acd.cli.live_view import LiveView, Stage
from acd.core.events import (
    AgentChanged,
    AlertKind,
    AlertRaised,
    CallAnswered,
    CallClosed,
    CallOffered,
    CallOpened,
    CallOutcome,
    CallQueued,
    Event,
    LegClosed,
    OfferEnded,
    OfferResult,
    PlanAdopted,
    TalkHeld,
    VisitEnded,
    VisitOutcome,
)
from acd.core.ids import AgentId, CallId, QueueId, SwitchId, offer_id, visit_id
from acd.core.inputs import Caller, CallerKind, EndedBy
from acd.core.plan import AgentPlan, CallType, Plan, QueuePlan
from agents.state import AgentState, NotReadyReason

TAX = QueueId("tax")
ANN = AgentId("op01")
CALL = CallId("1.1")
PLAN = Plan(
    version="test",
    queues=(QueuePlan(TAX, "税", "Taxes", sl_threshold_s=5.0),),
    agents=(AgentPlan(ANN, "青木", "op01"),),
)


@pytest.fixture
def state() -> LiveState:
    found = LiveState(PLAN)
    found.publish(0, 90.0, [AgentChanged(ANN, AgentState.READY, idle_from_s=90.0)])
    return found


def arrive(state: LiveState, at_s: float, call: CallId = CALL) -> None:
    caller = Caller(CallerKind.NUMBER, "0466123456")
    opened = CallOpened(call, SwitchId("a"), "PJSIP/t-1", "t", "0466001111", caller, True, False)
    queued = CallQueued(call, visit_id(1), TAX, CallType.ENQUIRY, "ja", (), (), 0, at_s)
    state.publish(1, at_s, [opened])
    assert state.in_menu == {call}
    state.publish(2, at_s, [queued])


def test_a_call_from_the_menu_to_the_end(state: LiveState) -> None:
    arrive(state, 100.0)
    assert state.longest_wait_s(TAX, 103.0) == 3.0
    state.publish(3, 101.0, [CallOffered(offer_id(1), CALL, ANN)])
    assert state.seats[ANN].state is AgentState.RINGING
    state.publish(4, 104.0, [CallAnswered(offer_id(1), CALL, ANN, visit_id(1))])
    assert (state.seats[ANN].state, state.seats[ANN].since_s) == (AgentState.TALKING, 104.0)
    assert state.talking == {offer_id(1): TAX}
    state.publish(5, 105.0, [TalkHeld(offer_id(1), True)])
    assert state.seats[ANN].state is AgentState.HOLD
    ended: list[Event] = [
        LegClosed(offer_id(1), CALL, ANN, EndedBy.AGENT),
        CallClosed(CALL, CallOutcome.ANSWERED, 16),
    ]
    state.publish(6, 110.0, ended)
    assert state.seats[ANN].state is AgentState.WRAP_UP
    assert not state.waiting
    assert not state.talking
    tally = state.tallies[TAX]
    assert (tally.offered, tally.answered, tally.in_time, tally.abandoned) == (1, 1, 1, 0)
    assert tally.worst_wait_s == 4.0


def test_a_caller_who_gives_up(state: LiveState) -> None:
    arrive(state, 100.0)
    left = VisitEnded(CALL, visit_id(1), VisitOutcome.ABANDONED)
    state.publish(3, 107.0, [left, CallClosed(CALL, CallOutcome.ABANDONED, 16)])
    assert not state.waiting
    assert state.tallies[TAX].abandoned == 1
    assert [line.what for line in state.recent] == [Happening.ABANDONED]
    assert state.recent[0].seconds == 7.0


def test_a_missed_ring_is_told_and_a_caller_who_left_is_not(state: LiveState) -> None:
    arrive(state, 100.0)
    for number, result in enumerate((OfferResult.NO_ANSWER, OfferResult.CALLER_GONE), start=1):
        state.publish(3, 101.0, [CallOffered(offer_id(number), CALL, ANN)])
        state.publish(4, 105.0, [OfferEnded(offer_id(number), CALL, ANN, result)])
    assert [(line.what, line.detail) for line in state.recent] == [(Happening.MISSED, "no_answer")]


def test_the_number_behind_an_alert_stays_out_of_sight(state: LiveState) -> None:
    state.publish(3, 101.0, [AlertRaised(AlertKind.UNLISTED_NUMBER, "0466009999")])
    assert "0466009999" not in state.recent[-1].detail


def test_another_plan_is_shown_at_once(state: LiveState) -> None:
    arrive(state, 100.0)
    waste = QueuePlan(QueueId("waste"), "ごみ", "Waste")
    bob = AgentPlan(AgentId("op02"), "Bob", "op02")
    more = Plan("2", (*PLAN.queues, waste), (*PLAN.agents, bob))
    state.publish(5, 101.0, [PlanAdopted(more)])
    assert state.seats[ANN].state is AgentState.READY
    assert state.tallies[TAX].offered == 1
    out = io.StringIO()
    console = Console(file=out, width=100, color_system=None)
    console.print(LiveView(state, Stage("t"), console, lambda: 104.0).frame())
    assert "Waste" in out.getvalue()
    assert "Bob" in out.getvalue()


@pytest.mark.parametrize("language", ["ja_JP.UTF-8", "C"])
def test_every_alert_is_told_in_words(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", language)
    for kind in AlertKind:
        state = LiveState(PLAN)
        state.publish(1, 101.0, [AlertRaised(kind, "x")])
        out = io.StringIO()
        console = Console(file=out, width=100, color_system=None)
        console.print(LiveView(state, Stage("t"), console, lambda: 104.0).frame())
        assert ("お知らせ: " if language.startswith("ja") else "alert: ") in out.getvalue()
        assert kind.value not in out.getvalue()


@pytest.mark.parametrize(("language", "word"), [("ja_JP.UTF-8", "応答なし"), ("C", "no answer")])
@pytest.mark.parametrize("width", [80, 140])
def test_the_picture_in_both_languages_and_widths(
    state: LiveState, monkeypatch: pytest.MonkeyPatch, language: str, word: str, width: int
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", language)
    arrive(state, 100.0)
    changed = AgentChanged(ANN, AgentState.NOT_READY, NotReadyReason.NO_ANSWER)
    state.publish(3, 101.0, [changed])
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None)
    view = LiveView(state, Stage("t", 60.0), console, lambda: 104.0)
    console.print(view.frame())
    text = out.getvalue()
    assert word in text
    assert "4 s" in text
    assert "0466123456" not in text
    assert all(len(line.rstrip()) <= width for line in text.splitlines())
    assert "\n" not in view.plain_line()
