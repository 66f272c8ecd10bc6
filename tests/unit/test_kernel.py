"""The kernel on cases worked out by hand, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from acd.errors import Refused
from sim.inputs.distributions import deterministic, exponential
from sim.inputs.draws import Draws, draw
from sim.inputs.scenario import CallClass, Group, Rule, Scenario
from sim.kernel import simulate
from sim.records import Outcome, Records

TALK = deterministic(60.0)
A = CallClass("A", (0.01,), TALK, (None,))
B = CallClass("B", (0.01,), TALK, (None,))
BOTH = Group("both", (1,), ("A", "B"))
DAY = Scenario("by hand", 3600.0, (A, B), (BOTH,))
ANSWERED, ABANDONED, BLOCKED, _ = Outcome


def calls(*rows: tuple[float, int, float, float], wrap_s: float = 0.0) -> Draws:
    """Calls as (came, skill, talk, patience)."""
    came, skill, talk, patience = (np.array(column, float) for column in zip(*rows, strict=True))
    wrap = np.full(len(rows), wrap_s)
    none, first = np.zeros(0, np.int32), np.zeros(0, np.int64)
    return Draws(
        came, skill.astype(np.int16), talk, wrap, patience, none, first, np.zeros(0), np.zeros(0)
    )


def played(scenario: Scenario, draws: Draws) -> Records:
    """The records of the plain and of the compiled kernel, which are the same bytes."""
    plain = simulate(scenario, draws, compiled=False)
    fast = simulate(scenario, draws, compiled=True)
    for name in Records.__dataclass_fields__:
        one, other = getattr(plain, name), getattr(fast, name)
        if one is other is None:  # the kernel knows no menu
            continue
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes(), name
    return plain


INF = np.inf


def test_the_longest_wait_goes_first_and_who_gave_up_is_passed_over() -> None:
    found = played(
        DAY, calls((0, 0, 100, INF), (10, 1, 10, 50), (20, 0, 10, INF), (30, 1, 10, INF))
    )
    assert list(found.outcome) == [ANSWERED, ABANDONED, ANSWERED, ANSWERED]
    assert list(found.wait_s) == [0, 50, 80, 80]


def test_who_is_reached_at_the_last_instant_is_served() -> None:
    found = played(DAY, calls((0, 0, 100, INF), (40, 0, 10, 60), (41, 0, 10, 59)))
    assert list(found.outcome) == [ANSWERED, ANSWERED, ABANDONED]
    assert list(found.wait_s) == [0, 60, 59]


def test_priority_is_a_head_start_of_a_minute_a_step() -> None:
    urgent = replace(DAY, classes=(A, replace(B, priority=1)))
    came = calls((0, 0, 200, INF), (10, 0, 10, INF), (60, 1, 10, INF), (71, 1, 10, INF))
    assert list(played(urgent, came).wait_s) == [0, 200, 140, 149]
    assert list(played(DAY, came).wait_s) == [0, 190, 150, 149]


def test_the_rules_differ() -> None:
    # Two of A wait and one of B that came first; then the operator frees.
    came = calls((0, 0, 100, INF), (10, 1, 10, INF), (20, 0, 10, INF), (30, 0, 10, INF))
    longest = played(DAY, came)
    assert list(longest.wait_s) == [0, 90, 90, 90]
    by_skill = replace(DAY, rule=Rule.SKILL_ORDER, order=("A", "B"))
    assert list(played(by_skill, came).wait_s) == [0, 110, 80, 80]
    by_length = replace(DAY, rule=Rule.LONGEST_QUEUE, order=("B", "A"))
    # Two against one: A; then one each: the tie goes to B.
    assert list(played(by_length, came).wait_s) == [0, 100, 80, 90]


def test_the_preferred_tier_first_and_in_it_the_longest_idle() -> None:
    groups = (Group("x", (1,), ("A",)), Group("y", (1,), ("A",)), Group("z", (1,), ("A",)))
    prefers = (("z",), ("x", "y"))
    scenario = Scenario("tiers", 3600.0, (replace(A, prefers=prefers),), groups)
    came = calls((0, 0, 100, INF), (1, 0, 5, INF), (2, 0, 1, INF), (8, 0, 1, INF))
    # z; then x before y; y is free at 3, x at 6: so y has been idle longer.
    assert list(played(scenario, came).group) == [2, 0, 1, 1]


def test_room_and_lines() -> None:
    one_place = replace(DAY, waiting_places=1)
    came = calls((0, 0, 100, INF), (10, 0, 10, 20), (20, 0, 10, INF), (31, 0, 10, INF))
    found = played(one_place, came)
    assert list(found.outcome) == [ANSWERED, ABANDONED, BLOCKED, ANSWERED]
    assert list(found.wait_s) == [0, 20, 0, 69]
    # A line is free when the talk ends, though the operator writes up; waiting holds one.
    lines = replace(DAY, lines=1, classes=(replace(A, wrap_up=TALK), B))
    came = calls((0, 0, 10, INF), (5, 0, 10, INF), (10, 0, 10, INF), (20, 0, 10, INF), wrap_s=30)
    found = played(lines, came)
    assert list(found.outcome) == [ANSWERED, BLOCKED, ANSWERED, BLOCKED]
    assert list(found.wait_s) == [0, 0, 30, 0]


def test_another_group_helps_out_after_a_while() -> None:
    groups = (Group("own", (1,), ("A",)), Group("help", (1,), ("B",)))
    helped = replace(A, prefers=(("own",),), overflow=((30.0, "help"),))
    scenario = Scenario("overflow", 3600.0, (helped, replace(B, prefers=(("help",),))), groups)
    came = calls((0, 0, 100, INF), (10, 0, 10, INF), (20, 0, 10, 29), (25, 0, 10, INF))
    found = played(scenario, came)
    assert list(found.wait_s) == [0, 30, 29, 30]
    assert list(found.group) == [0, 1, -1, 1]


def test_staff_leave_when_they_finish_and_others_come_to_who_waits() -> None:
    group = Group("both", (2, 1, 2), ("A",))
    endless = replace(A, arrivals_per_s=(0.01,) * 3, patience=(None,) * 3)
    scenario = Scenario("borders", 100.0, (endless,), (group,))
    came = calls((0, 0, 150, INF), (1, 0, 120, INF), (101, 0, 90, INF), (102, 0, 10, INF))
    found = played(scenario, came)
    # At 121 the second of two has finished and goes home; the first serves on at 150; at 200 the
    # other is back.
    assert list(found.wait_s) == [0, 0, 49, 98]
    assert list(found.agent) == [0, 1, 0, 1]


def test_redials_come_with_their_tries_in_order_of_arrival() -> None:
    redial = replace(DAY, redial=0.5, redial_after=exponential(10))
    draws = calls((0, 0, 100, INF), (10, 0, 10, 20), (50, 0, 10, INF))
    again = replace(
        draws,
        redials=np.array([0, 2, 0], np.int32),
        again_first=np.array([0, 0, 2]),
        again_after_s=np.array([15.0, 30.0]),
        again_patience_s=np.array([5.0, 70.0]),
    )
    found = played(redial, again)
    assert list(found.came_s) == [0, 10, 45, 50, 80]
    assert list(found.tries) == [0, 0, 1, 0, 2]
    assert list(found.outcome) == [ANSWERED, ABANDONED, ABANDONED, ANSWERED, ANSWERED]
    assert list(found.wait_s) == [0, 20, 5, 50, 30]


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("limits", [{}, {"lines": 9}, {"waiting_places": 2}, {"redial": 0.5}])
def test_compiled_and_plain_are_the_same_bytes(rule: Rule, limits: dict[str, Any]) -> None:
    patience = (exponential(40.0),) * 2
    classes = (
        replace(A, arrivals_per_s=(0.05, 0.1), patience=patience, talk=exponential(80)),
        replace(
            B, arrivals_per_s=(0.1, 0.02), patience=patience, wrap_up=exponential(20), priority=2,
            overflow=((10.0, "own"),), prefers=(("both",),),
        ),
    )  # fmt: skip
    groups = (Group("own", (4, 3), ("A",)), Group("both", (5, 9), ("A", "B")))
    scenario = replace(
        Scenario("mixed", 1800.0, classes, groups, rule=rule, redial_after=exponential(60)),
        **limits,
    )
    found = played(scenario, draw(scenario, 3))
    assert set(found.outcome) >= {ANSWERED, ABANDONED}


def test_a_million_operators_answer_at_once() -> None:
    crowd = replace(DAY, groups=(replace(BOTH, agents=(1_000_000,)),))
    found = simulate(crowd, draw(crowd, 1))
    assert set(found.outcome) == {ANSWERED}
    assert list(found.agent) == list(range(len(found)))


def test_nobody_calls_and_nobody_works() -> None:
    silent = replace(DAY, classes=(replace(A, arrivals_per_s=(0.0,)),))
    assert len(played(silent, draw(silent, 1))) == 0
    alone = replace(DAY, groups=(replace(BOTH, agents=(0,)),))
    found = played(alone, calls((0, 0, 10, 30), (5, 1, 10, 0)))
    assert list(found.outcome) == [ABANDONED, ABANDONED]
    assert list(found.wait_s) == [30, 0]


def test_who_would_wait_for_ever_is_an_error() -> None:
    alone = replace(DAY, groups=(replace(BOTH, agents=(0,)),))
    for scenario in (alone, replace(alone, waiting_places=5)):
        with pytest.raises(Refused, match="wait for ever") as told:
            simulate(scenario, calls((0, 0, 10, INF)))
        assert "待ち続け" in told.value.ja


def test_all_that_is_wrong_is_named_at_once() -> None:
    wrong = replace(
        DAY,
        classes=(replace(A, arrivals_per_s=(-1.0,), prefers=(("nobody",),)), B),
        groups=(replace(BOTH, agents=(-3,)),),
        order=("C",),
        lines=-1,
    )
    with pytest.raises(Refused) as told:
        simulate(wrong, calls((0, 0, 10, INF)))
    for part in ("a rate is negative", '"nobody"', "number of operators", "C", "number of lines"):
        assert part in told.value.message
