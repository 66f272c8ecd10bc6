"""Twin and kernel make the same decisions: each call's outcome, wait, group and operator.

On a thousand centres in every run of the tests, the same ones; with ``HYPOTHESIS_PROFILE=long`` on
others.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from acd.errors import Refused
from sim.inputs.distributions import Distribution, deterministic, exponential, lognormal
from sim.inputs.draws import draw
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.kernel.run import simulate as kernel
from sim.records import Records
from sim.twin.world import simulate as twin

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
EXAMPLES = 5_000 if LONG else 1_000
NAMES = ("tax", "general", "residents")
GROUPS = ("north", "south", "east", "west")


@st.composite
def lengths(draw_: st.DrawFn, least_s: float, most_s: float) -> Distribution:
    """How long something lasts."""
    mean_s = draw_(st.floats(least_s, most_s))
    kind = draw_(st.sampled_from((exponential, exponential, deterministic, lognormal)))
    return kind(mean_s, 0.7) if kind is lognormal else kind(mean_s)  # type: ignore[operator]


@st.composite
def tiers(draw_: st.DrawFn, names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Groups in order of preference: some of them, in tiers; or none named at all."""
    if draw_(st.booleans()):
        return ()
    order = draw_(st.permutations(names))
    kept = order[: draw_(st.integers(1, len(order)))]
    cut = draw_(st.integers(1, len(kept)))
    return tuple(part for part in (tuple(kept[:cut]), tuple(kept[cut:])) if part)


@st.composite
def classes(
    draw_: st.DrawFn, name: str, periods: int, groups: tuple[str, ...], *, overflows: bool
) -> CallClass:
    """Callers of one kind, with anything that both engines know."""
    endless = draw_(st.integers(0, 5)) == 0
    patience = tuple(None if endless else draw_(lengths(5.0, 300.0)) for _ in range(periods))
    times = st.tuples(st.floats(1.0, 120.0), st.sampled_from(groups))
    return CallClass(
        name,
        tuple(draw_(st.floats(0.0, 0.08)) for _ in range(periods)),
        draw_(lengths(5.0, 200.0)),
        patience,
        wrap_up=draw_(st.none() | lengths(1.0, 60.0)),
        priority=draw_(st.integers(0, 9)),
        prefers=draw_(tiers(groups)),
        overflow=tuple(draw_(st.lists(times, max_size=2))) if overflows else (),
    )


@st.composite
def centres(draw_: st.DrawFn) -> Scenario:
    """A small centre for an hour or so."""
    names = NAMES[: draw_(st.integers(1, 3))]
    places = draw_(st.none() | st.integers(0, 6))
    groups = GROUPS[: draw_(st.integers(1, 4))]
    periods = draw_(st.integers(1, 3))
    redial = draw_(st.sampled_from((0.0, 0.0, 0.5)))
    overflows = draw_(st.booleans()) and (places is None or len(names) == 1)
    return Scenario(
        "random",
        draw_(st.sampled_from((600.0, 1800.0))),
        tuple(draw_(classes(name, periods, groups, overflows=overflows)) for name in names),
        tuple(
            Group(
                name,
                tuple(draw_(st.integers(0, 5)) for _ in range(periods)),
                tuple(draw_(st.lists(st.sampled_from(names), unique=True))),
            )
            for name in groups
        ),
        priority_step_s=draw_(st.sampled_from((60.0, 0.0, 17.5))),
        lines=draw_(st.none() | st.integers(1, 20)),
        waiting_places=places,
        redial=redial,
        redial_after=exponential(60.0) if redial else None,
    )


def assert_same(one: Records, other: Records) -> None:
    """Bit for bit, naming the first call that differs."""
    assert len(one) == len(other)
    for field in ("came_s", "skill", "tries", "outcome", "wait_s", "group", "agent"):
        mine, theirs = getattr(one, field), getattr(other, field)
        differ = np.flatnonzero(mine != theirs)
        assert not len(differ), (field, int(differ[0]), mine[differ[0]], theirs[differ[0]])
    assert (one.talk_s == other.talk_s).all()
    assert (one.wrap_s == other.wrap_s).all()


@pytest.mark.requirement("M15")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(centre=centres(), seed=st.integers(0, 1_000_000))
def test_the_production_engine_and_the_kernel_decide_alike(centre: Scenario, seed: int) -> None:
    draws = draw(centre, seed)
    try:
        expected = kernel(centre, draws, compiled=False)
    except Refused as refused:
        if refused.code != "waits_for_ever":
            raise
        with pytest.raises(Refused, match="wait for ever"):
            twin(centre, draws)
        assume(False)
    assert_same(twin(centre, draws), expected)


def test_callers_whom_nobody_serves_call_again_in_both() -> None:
    of = CallClass("tax", (0.05,), exponential(5.0), (deterministic(273.0),))
    centre = Scenario(
        "nobody",
        600.0,
        (of,),
        (Group("north", (0,), ()),),
        redial=0.5,
        redial_after=exponential(60.0),
    )
    for seed in range(20):
        draws = draw(centre, seed)
        assert_same(twin(centre, draws), kernel(centre, draws, compiled=False))
