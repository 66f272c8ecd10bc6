"""The real controller through hundreds of bad days in virtual time, each decided by its seed."""

from __future__ import annotations

from collections import Counter

import pytest

from acd.core.events import CallOutcome, VisitOutcome
from agents.state import AgentState
from tests.fakes.switch import Faults
from tests.simulation.centre import SimulatedCentre
from tests.simulation.virtual_time import run_virtually

CALLS = 25
#: What may be left of an operator when the day is over.
AT_REST = (AgentState.READY, AgentState.NOT_READY, AgentState.LOGGED_OUT)


def faults(seed: int, kind: str) -> Faults:
    """One kind of trouble, or all of it."""
    every = kind == "everything"
    return Faults(
        seed=seed,
        delay_max_s=0.5 if kind == "delays" or every else 0.0,
        drop=0.1 if kind == "drops" or every else 0.0,
        double=0.3 if kind == "doubles" or every else 0.0,
        reorder=0.3 if kind == "reorders" or every else 0.0,
        time_out=0.1 if kind == "time_outs" or every else 0.0,
    )


def a_day(seed: int, kind: str) -> SimulatedCentre:
    """Played to its end."""

    async def day() -> SimulatedCentre:
        every = kind == "everything"
        centre = SimulatedCentre(
            seed,
            faults(seed, kind),
            crashes=4 if kind == "crashes" or every else 0,
            cuts=4 if kind == "cuts" or every else 0,
        )
        await centre.play(CALLS)
        return centre

    return run_virtually(day())


def check(centre: SimulatedCentre, seed: int) -> None:
    """Nothing was ever wrong, each call has one outcome, nobody is left or stuck."""
    assert centre.wrong == [], (seed, centre.wrong[:3])
    assert centre.process is not None
    controller = centre.process.controller
    assert centre.rebuilt + controller.rebuilt == 0, seed
    assert list(controller.engine.calls) == [], seed
    assert not controller.engine.state.offers, seed
    states = {agent.id: agent.state for agent in controller.engine.agents.values()}
    assert all(state in AT_REST for state in states.values()), (seed, states)
    assert centre.switch.callers == {}, seed
    assert not any(phone.legs for phone in centre.switch.phones.values()), seed
    calls, visits = centre.records()
    each = Counter(call.call for call in calls)
    assert max(each.values(), default=1) == 1, seed
    came = {caller.call for caller in centre.callers}
    assert centre.queued <= set(each) <= came, seed
    answered = {visit.call for visit in visits if visit.outcome is VisitOutcome.ANSWERED}
    assert answered == {call.call for call in calls if call.outcome is CallOutcome.ANSWERED}, seed
    assert all(call.visits == sum(v.call == call.call for v in visits) for call in calls), seed


KINDS = ["nothing", "delays", "drops", "doubles", "reorders", "time_outs", "cuts", "crashes"]


@pytest.mark.requirement("M10")
@pytest.mark.parametrize("kind", [*KINDS, "everything"])
def test_whatever_goes_wrong_each_call_has_one_outcome_and_nobody_is_stuck(kind: str) -> None:
    for seed in range(200 if kind == "everything" else 25):
        check(a_day(seed, kind), seed)


@pytest.mark.requirement("M4")
@pytest.mark.parametrize("kind", ["nothing", "delays", "drops", "doubles", "reorders"])
def test_no_phone_ever_rings_for_two(kind: str) -> None:
    """Where every command arrives (one that is lost leaves a phone ringing until it rings out)."""
    for seed in range(100, 115):
        assert all(phone.most_legs <= 1 for phone in a_day(seed, kind).switch.phones.values()), seed


@pytest.mark.parametrize("kind", ["nothing", "doubles"])
def test_who_talked_is_on_record_as_answered(kind: str) -> None:
    for seed in range(25):
        centre = a_day(seed, kind)
        answered = {c.call for c in centre.records()[0] if c.outcome is CallOutcome.ANSWERED}
        assert centre.talked <= answered, seed


def test_a_day_can_be_played_again_to_the_byte() -> None:
    first, second = a_day(7, "everything"), a_day(7, "everything")
    assert first.disk.frames == second.disk.frames
    assert len(first.disk.frames) > 100
