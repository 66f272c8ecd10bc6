"""The production engine in virtual time: small days whose outcome can be worked out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from acd.core.engine import Engine
from acd.errors import Refused
from sim.inputs.distributions import deterministic, exponential
from sim.inputs.draws import Draws, draw
from sim.inputs.scenario import CallClass, Group, Rule, Scenario
from sim.records import Outcome, Records
from sim.twin.world import simulate

ANSWERED, ABANDONED, BLOCKED, _ = Outcome
NEVER = float("inf")


def a_class(name: str = "a", **other: object) -> CallClass:
    """Callers of one class; what chance decides is given with the day."""
    of = CallClass(name, (0.1,), deterministic(60.0), (None,))
    return dataclasses.replace(of, **other)  # type: ignore[arg-type]


def a_centre(*classes: CallClass, groups: tuple[Group, ...], **other: object) -> Scenario:
    """One period of an hour."""
    of = Scenario("hand", 3600.0, classes, groups)
    return dataclasses.replace(of, **other)  # type: ignore[arg-type]


def the_day(*calls: tuple[float, int, float, float, float]) -> Draws:
    """Calls as (came, class, talk, wrap-up, patience)."""
    came, skill, talk, wrap, patience = zip(*calls, strict=True)
    none = np.zeros(0)
    return Draws(
        np.array(came),
        np.array(skill, np.int16),
        np.array(talk),
        np.array(wrap),
        np.array(patience),
        none.astype(np.int32),
        none.astype(np.int64),
        none,
        none,
    )


def story(records: Records) -> list[tuple[str, float, int, int]]:
    """Each call in short: outcome, wait, group, number in the group."""
    names = [Outcome(each).name.lower() for each in records.outcome.tolist()]
    rest = (records.wait_s.tolist(), records.group.tolist(), records.agent.tolist())
    return list(zip(names, *rest, strict=True))


def test_one_operator_serves_one_after_the_other() -> None:
    centre = a_centre(a_class(), groups=(Group("g", (1,), ("a",)),))
    day = the_day(
        (10.0, 0, 60.0, 0.0, NEVER), (20.0, 0, 60.0, 0.0, NEVER), (30.0, 0, 60.0, 0.0, 25.0)
    )
    assert story(simulate(centre, day)) == [
        ("answered", 0.0, 0, 0),
        ("answered", 50.0, 0, 0),
        ("abandoned", 25.0, -1, -1),
    ]


def test_wrap_up_keeps_the_operator_but_not_the_line() -> None:
    groups = (Group("g", (1,), ("a",)),)
    centre = a_centre(a_class(wrap_up=exponential(30.0)), groups=groups, lines=1)
    day = the_day(
        (0.0, 0, 60.0, 30.0, NEVER), (59.0, 0, 60.0, 0.0, NEVER), (61.0, 0, 60.0, 0.0, NEVER)
    )
    assert story(simulate(centre, day)) == [
        ("answered", 0.0, 0, 0),
        ("blocked", 0.0, -1, -1),
        ("answered", 29.0, 0, 0),
    ]


def test_waiting_places_are_shared_by_all_classes() -> None:
    groups = (Group("g", (1,), ("a", "b")),)
    centre = a_centre(a_class(), a_class("b", priority=5), groups=groups, waiting_places=1)
    day = the_day(
        (0.0, 0, 60.0, 0.0, NEVER), (1.0, 1, 60.0, 0.0, NEVER), (2.0, 0, 60.0, 0.0, NEVER)
    )
    assert [each[0] for each in story(simulate(centre, day))] == ["answered", "answered", "blocked"]


def test_served_at_the_very_moment_of_giving_up_is_served() -> None:
    centre = a_centre(a_class(), groups=(Group("g", (1,), ("a",)),))
    day = the_day((0.0, 0, 60.0, 0.0, NEVER), (10.0, 0, 60.0, 0.0, 50.0))
    assert story(simulate(centre, day))[1] == ("answered", 50.0, 0, 0)


def test_preferred_groups_are_asked_first_then_the_longest_idle() -> None:
    groups = (Group("x", (1,), ("a",)), Group("y", (1,), ("a",)), Group("z", (1,), ("a",)))
    centre = a_centre(a_class(prefers=(("z",), ("x", "y"))), groups=groups)
    day = the_day(*((float(n), 0, 60.0, 0.0, NEVER) for n in range(3)))
    assert [each[2] for each in story(simulate(centre, day))] == [2, 0, 1]


def test_a_group_helps_out_after_a_while() -> None:
    groups = (Group("own", (1,), ("a",)), Group("help", (1,), ()))
    centre = a_centre(a_class(overflow=((20.0, "help"),)), groups=groups)
    day = the_day((0.0, 0, 60.0, 0.0, NEVER), (5.0, 0, 60.0, 0.0, NEVER))
    assert story(simulate(centre, day))[1] == ("answered", 20.0, 1, 0)


def test_a_higher_priority_goes_first_but_nobody_waits_for_ever() -> None:
    groups = (Group("g", (1,), ("a", "b")),)
    centre = a_centre(a_class(), a_class("b", priority=1), groups=groups)
    day = the_day(
        (0.0, 0, 100.0, 0.0, NEVER),
        (10.0, 0, 10.0, 0.0, NEVER),
        (30.0, 1, 10.0, 0.0, NEVER),
        (71.0, 1, 10.0, 0.0, NEVER),
    )
    # A step of priority is worth 60 s of waiting: 30 - 60 < 10 < 71 - 60.
    assert [each[1] for each in story(simulate(centre, day))] == [0.0, 100.0, 70.0, 49.0]


def test_operators_finish_their_call_before_they_leave() -> None:
    of = a_class(arrivals_per_s=(0.1, 0.1), patience=(None, None))
    centre = a_centre(of, groups=(Group("g", (2, 1), ("a",)),), period_s=100.0)
    day = the_day(
        (90.0, 0, 60.0, 0.0, NEVER), (95.0, 0, 30.0, 0.0, NEVER), (105.0, 0, 9.0, 0.0, NEVER)
    )
    # Both talk at the border: the first who finishes (at 125 s) leaves, the other takes the call.
    assert story(simulate(centre, day))[2] == ("answered", 45.0, 0, 0)


def test_a_ring_is_part_of_the_wait() -> None:
    centre = a_centre(a_class(), groups=(Group("g", (1,), ("a",)),))
    day = the_day((0.0, 0, 60.0, 0.0, NEVER), (10.0, 0, 60.0, 0.0, 2.0))
    assert story(simulate(centre, day, ring_s=4.0)) == [
        ("answered", 4.0, 0, 0),
        ("abandoned", 2.0, -1, -1),
    ]


def test_callers_who_were_not_served_call_again() -> None:
    of = a_class(patience=(deterministic(10.0),))
    groups = (Group("g", (1,), ("a",)),)
    centre = a_centre(of, groups=groups, redial=0.5, redial_after=deterministic(60.0))
    records = simulate(centre, draw(centre, 3))
    again = records.tries > 0
    lost = records.outcome == ABANDONED
    assert 0.3 < again.sum() / lost.sum() < 0.7
    assert (np.diff(records.came_s) >= 0).all()
    assert np.allclose(records.wait_s[lost], 10.0)


def test_timers_that_never_ring_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    classes = (
        a_class(
            "a", talk=exponential(60.0), patience=(exponential(30.0),), wrap_up=exponential(9.0)
        ),
        a_class("b", talk=exponential(90.0), patience=(exponential(30.0),), priority=1),
    )
    groups = (Group("both", (9,), ("a", "b")), Group("one", (4,), ("b",)))
    redial = {"redial": 0.5, "redial_after": exponential(60.0), "lines": 20, "waiting_places": 5}
    centre = a_centre(*classes, groups=groups, **redial)
    draws = draw(centre, 5)
    spared = simulate(centre, draws)
    monkeypatch.setattr("sim.twin.world.ClocklessEngine", Engine)
    kept = simulate(centre, draws)
    assert len({outcome for outcome, *_ in story(kept)}) == 3
    assert story(spared) == story(kept)
    assert spared.came_s.tolist() == kept.came_s.tolist()


def test_what_the_engine_cannot_do_is_refused_in_one_sentence() -> None:
    names = [f"g{n}" for n in range(10)]
    groups = tuple(Group(name, (1,), ("a",)) for name in names)
    centre = a_centre(
        a_class(prefers=tuple((name,) for name in names), overflow=((0.0, "g1"),)),
        groups=groups,
        rule=Rule.SKILL_ORDER,
    )
    with pytest.raises(Refused) as refused:
        simulate(centre, the_day((0.0, 0, 1.0, 0.0, NEVER)))
    for part in ("skill_order", "10 tiers", "overflows after 0 s"):
        assert part in refused.value.message
    assert "10段" in refused.value.ja


def test_a_steady_queue_waits_as_erlang_says() -> None:
    # M/M/2 at rho 0.75: P(wait) = 9/14, mean wait of all = P(wait) / (2/60 - 0.025) s.
    of = CallClass("a", (0.025,), exponential(60.0), (None,))
    centre = Scenario("mm2", 2_000_000.0, (of,), (Group("g", (2,), ("a",)),))
    records = simulate(centre, draw(centre, 5))
    assert (records.wait_s > 0).mean() == pytest.approx(9 / 14, abs=0.02)
    assert records.wait_s.mean() == pytest.approx(9 / 14 / (2 / 60 - 0.025), rel=0.06)
