"""What must hold of any study, whatever the scenario."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.experiment.comparing import compared
from sim.experiment.study import Asked, Studies
from sim.experiment.workers import Here
from sim.inputs.distributions import Distribution, exponential, lognormal, stretched, weibull
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.results import StudyResult
from sim.scenario_file.study_file import StudyFile
from sim.what_if import WhatIf

pytestmark = pytest.mark.requirement("M14")
DAYS = Asked(days=25)


@st.composite
def centres(draw: st.DrawFn) -> StudyFile:
    """A small centre with one or two kinds of calls, neither idle nor drowned."""
    form = st.sampled_from([exponential(150.0), lognormal(200.0, 0.6), weibull(120.0, 1.5)])
    two = draw(st.booleans())
    names = ("A", "B") if two else ("A",)
    seats = draw(st.integers(3, 9))
    classes = tuple(
        CallClass(
            name,
            tuple(draw(st.floats(0.3, 1.1)) * seats / 160 / len(names) for _ in range(3)),
            draw(form),
            (draw(form),) * 3,
            draw(st.sampled_from([None, exponential(20.0)])),
        )
        for name in names
    )
    groups: tuple[Group, ...] = (Group("both", (seats,) * 3, names),)
    if two:
        groups += (Group("one", (draw(st.integers(1, 3)),) * 3, ("B",)),)
    lines = draw(st.sampled_from([None, 30]))
    return StudyFile(Scenario("any", 1200.0, classes, groups, lines=lines))


def run(of: StudyFile) -> StudyResult:
    return Studies(Here()).run(of, DAYS)


@settings(max_examples=12, deadline=None)
@given(centres(), st.integers(1, 3))
def test_more_seats_answer_no_fewer_in_the_mean(of: StudyFile, more: int) -> None:
    seats = of.scenario.groups[0].agents[0] + more
    found = compared(Studies(Here()), of, WhatIf(seats=f"both={seats}").applied(of), DAYS)
    change = found.differences["answer_rate_a"]
    assert change.mean is not None
    assert change.half is not None
    assert change.mean >= -3 * change.half  # far outside of what chance does


@settings(max_examples=12, deadline=None)
@given(centres())
def test_the_sums_balance(of: StudyFile) -> None:
    found = run(of)
    means = {key: found.figure(key).mean or 0.0 for key in
             ("offered", "answered", "abandoned", "blocked", "answer_rate_a", "p_abandon",
              "p_block", "sl_offered", "sl_excl_early_abandons")}  # fmt: skip
    assert means["offered"] == pytest.approx(
        means["answered"] + means["abandoned"] + means["blocked"]
    )
    assert means["answer_rate_a"] + means["p_abandon"] + means["p_block"] == pytest.approx(1)
    assert means["sl_offered"] <= means["sl_excl_early_abandons"] + 1e-12
    by_hour = sum(hour.figures["offered"].mean or 0.0 for hour in found.hours)
    assert by_hour == pytest.approx(means["offered"])
    assert sum(found.lines.busiest) == pytest.approx(1)
    assert 0 <= (found.figure("occupancy").mean or 0) <= 1


def slower(of: StudyFile, times: float) -> StudyFile:
    """The same film at another speed."""

    def other(length: Distribution | None) -> Distribution | None:
        return stretched(length, times) if length else None

    classes = tuple(
        replace(
            each,
            arrivals_per_s=tuple(rate / times for rate in each.arrivals_per_s),
            talk=stretched(each.talk, times),
            wrap_up=other(each.wrap_up),
            patience=tuple(other(length) for length in each.patience),
            threshold_s=each.threshold_s * times,
        )
        for each in of.scenario.classes
    )
    period_s = of.scenario.period_s * times
    return replace(of, scenario=replace(of.scenario, classes=classes, period_s=period_s))


@settings(max_examples=12, deadline=None)
@given(centres(), st.sampled_from([0.5, 2.0, 4.0]))
def test_the_speed_of_the_film_changes_no_share(of: StudyFile, times: float) -> None:
    one, other = run(of), run(slower(of, times))
    for key in ("offered", "answered", "abandoned", "blocked"):
        assert one.figure(key) == other.figure(key)
    # Waits are counted in whole milliseconds, so a wait may fall on the other side of T.
    assert one.figure("sl_offered").mean == pytest.approx(other.figure("sl_offered").mean, abs=2e-3)
    assert other.figure("asa_s").mean == pytest.approx(
        times * (one.figure("asa_s").mean or 0.0), rel=1e-3, abs=1e-3
    )
