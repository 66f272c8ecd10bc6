"""The invariants notice when they are broken: each is broken here, in one way or more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acd.core import apply, apply_people
from acd.core.call import CallState
from acd.core.events import CallOutcome
from acd.core.ids import AgentId, CallId, OfferId
from acd.core.inputs import OfferFailure
from acd.core.invariants import violations
from acd.core.state import State
from acd.core.timers import Timer, TimerKind
from agents.state import AgentState
from tests.desk import TAX, Desk, person, plan, queue


def busy() -> Desk:
    """One call is talked on, one rings, two wait; mori wraps up, kato is idle."""
    people = (person("sato"), person("suzuki"), person("mori"), person("kato", "waste"))
    desk = Desk(plan(queue(), queue("waste"), *people), "sato", "suzuki", "mori", "kato")
    for call in ("talks", "rings", "over"):
        desk.call(call)
    desk.connect("sato")
    desk.serve("mori", "over")
    desk.call("waits")
    desk.call("waits too")
    assert violations(desk.engine) == []
    return desk


def _lose_offer(state: State) -> None:
    state.calls[CallId("rings")].offer = None


def _reserve_twice(state: State) -> None:
    state.agents[AgentId("kato")].offer = state.agents[AgentId("sato")].offer


def _one_person_two_rings(state: State) -> None:
    first, second = state.offers.values()
    second.agent = first.agent


def _talk_without_answer(state: State) -> None:
    state.calls[CallId("talks")].outcome = CallOutcome.ABANDONED


def _leave_without_outcome(state: State) -> None:
    state.calls[CallId("talks")].state = CallState.LEAVING


def _miscount(state: State) -> None:
    state.waiting_in[TAX] += 1


def _count_nothing(state: State) -> None:
    del state.waiting_in[TAX]


def _step_out_of_line(state: State) -> None:
    state.room.remove(state.calls[CallId("waits")])


def _swap_places(state: State) -> None:
    state.room.placed[CallId("waits")][1][0].waiting.reverse()


def _grow_old(state: State) -> None:
    state.calls[CallId("waits")].age_from_s -= 100.0


def _gone_and_in_line(state: State) -> None:
    state.calls.pop(CallId("waits"))


def _learn_in_secret(state: State) -> None:
    state.room.levels["kato"]["tax"] = 9


def _idle_in_secret(state: State) -> None:
    state.agents[AgentId("mori")].available = True


def _forget_who_is_idle(state: State) -> None:
    state.agents[AgentId("kato")].available = False


def _leave_the_plan(state: State) -> None:
    state.agents[AgentId("kato")].retired = True


def _hold_without_telling(state: State) -> None:
    state.agents[AgentId("sato")].state = AgentState.HOLD


def _lose_timers(state: State) -> None:
    state.timers.pending.clear()


def _keep_a_timer(state: State) -> None:
    state.timers.arm(TimerKind.VISIT, "nobody", 0.0)


def _mix_up_timers(state: State) -> None:
    token, timer = next(iter(state.timers.pending.items()))
    state.timers.pending[token] = Timer(TimerKind.PARKED, timer.subject, timer.at_s)


def _visit_too_often(state: State) -> None:
    state.calls[CallId("waits")].visits = 99


def _park_a_talk(state: State) -> None:
    state.calls[CallId("talks")].parked = True


def _wait_for_somebody_who_went_home(state: State) -> None:
    state.agents[AgentId("mori")].state = AgentState.LOGGED_OUT
    state.calls[CallId("waits")].prefer_agent = AgentId("mori")


@pytest.mark.parametrize(
    "breaks",
    [
        _lose_offer,
        _reserve_twice,
        _one_person_two_rings,
        _talk_without_answer,
        _leave_without_outcome,
        _miscount,
        _count_nothing,
        _step_out_of_line,
        _swap_places,
        _grow_old,
        _gone_and_in_line,
        _learn_in_secret,
        _idle_in_secret,
        _forget_who_is_idle,
        _leave_the_plan,
        _hold_without_telling,
        _lose_timers,
        _keep_a_timer,
        _mix_up_timers,
        _visit_too_often,
        _park_a_talk,
        _wait_for_somebody_who_went_home,
    ],
)
def test_what_is_broken_is_found(breaks: Callable[[State], None]) -> None:
    desk = busy()
    breaks(desk.engine.state)
    assert violations(desk.engine) != []


def test_what_is_found_names_no_number() -> None:
    desk = Desk(plan(person("sato")), "sato")
    desk.call("1", number="0312345678")
    for call in desk.engine.calls.values():
        call.parked, call.visits, call.offer = True, 99, None
    found = violations(desk.engine)
    assert len(found) >= 3
    assert "0312345678" not in " ".join(found)


def test_the_engine_s_memory_of_the_past_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply_people, "LAST_AGENTS", 3)
    for limit in ("PAST_OFFERS", "PAST_CALLS"):
        monkeypatch.setattr(apply, limit, 3)
    desk = Desk(plan(queue(wrap_up_s=0.0), person("sato")), "sato")
    for number in range(10):
        desk.call(f"{number}", number=f"03000000{number:02d}")
        if number % 2:
            desk.fail("sato", OfferFailure.REJECTED)
            desk.ready("sato")
        desk.serve("sato", f"{number}")
    state = desk.engine.state
    assert list(state.past_calls) == ["7", "8", "9"]
    assert [number[-1] for number in state.last_agents] == ["7", "8", "9"]
    assert list(state.past_offers.values()) == ["5", "7", "9"]
    assert OfferId("o000000000001") not in state.past_offers
