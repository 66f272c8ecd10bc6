"""Whatever scenario is written, the same one is read back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.inputs.distributions import Distribution, Kind
from sim.inputs.scenario import CallClass, Group, Habits, Rule, Scenario
from sim.results import Targets
from sim.scenario_file.read import read_text, scenario_hash
from sim.scenario_file.study_file import Breaks, StudyFile
from sim.scenario_file.write import written

SECONDS = st.floats(0.001, 86_400, allow_subnormal=False)
SHARES = st.floats(0, 1, allow_subnormal=False)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,9}", fullmatch=True)
PLAIN = st.sampled_from([Kind.EXPONENTIAL, Kind.DETERMINISTIC])


@st.composite
def lengths(draw: st.DrawFn) -> Distribution:
    """Of any kind but those whose mean is computed from parts."""
    kind = draw(st.sampled_from(list(Kind)))
    mean_s = draw(SECONDS)
    form = draw(st.floats(0.05, 50))
    if kind in (Kind.WEIBULL, Kind.GAMMA):
        return Distribution(kind, mean_s, shape=form)
    if kind is Kind.LOGNORMAL:
        return Distribution(kind, mean_s, scv=form)
    if kind is Kind.HYPEREXPONENTIAL:
        means = (mean_s, mean_s / 2)
        return Distribution(kind, 0.25 * means[0] + 0.75 * means[1], weights=(0.25, 0.75),
                            means_s=means)  # fmt: skip
    if kind is Kind.EMPIRICAL:
        times = tuple(sorted(draw(st.sets(SECONDS, min_size=1, max_size=4))))
        shares = tuple(sorted((draw(SHARES) for _ in times), reverse=True))
        return Distribution(kind, mean_s, times_s=times, survival_at=shares)
    return Distribution(kind, mean_s)


@st.composite
def habits(draw: st.DrawFn) -> Habits:
    """A menu, ringing or both; breaks are beside the scenario in the file."""
    menu = draw(st.none() | lengths())
    return Habits(menu, draw(SHARES) if menu else 0.0, draw(st.none() | lengths()), draw(SHARES),
                  draw(SECONDS), draw(SECONDS))  # fmt: skip


@st.composite
def studies(draw: st.DrawFn) -> StudyFile:
    """Any study that the checks let through."""
    periods = draw(st.integers(1, 4))
    classes = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    groups = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    rule = draw(st.sampled_from(list(Rule)))
    # The first group serves everybody, so that nobody calls in vain.
    skills = [tuple(classes), *(tuple(draw(st.permutations(classes))[:1]) for _ in groups[1:])]
    scenario = Scenario(
        name=draw(st.text(st.characters(codec="utf-8", categories=["L", "N", "S", "P"]),
                          min_size=1, max_size=20)),
        period_s=draw(st.sampled_from([60.0, 900.0, 3600.0, 1234.5])),
        classes=tuple(
            CallClass(
                name,
                tuple(draw(st.floats(0, 10, allow_subnormal=False)) for _ in range(periods)),
                draw(lengths()),
                tuple(draw(st.none() | lengths()) for _ in range(periods)),
                draw(st.none() | lengths()),
                draw(st.integers(0, 9)),
                draw(st.sampled_from([(), ((groups[0],),)])),
                draw(st.sampled_from([(), ((30.0, groups[-1]),)])),
                draw(st.floats(0, 600)),
            )
            for name in classes
        ),
        groups=tuple(
            Group(name, tuple(draw(st.integers(0, 1_000_000)) for _ in range(periods)), has)
            for name, has in zip(groups, skills, strict=True)
        ),
        rule=rule,
        order=tuple(classes) if rule is not Rule.LONGEST_WAIT else (),
        priority_step_s=draw(st.floats(0, 1000)),
        lines=draw(st.none() | st.integers(1, 1_000_000)),
        waiting_places=draw(st.none() | st.integers(0, 1_000_000)),
        busyness=draw(st.none() | st.floats(0.01, 1e6)),
        warm_up_s=draw(st.floats(0, 1000)),
        redial=draw(SHARES),
        redial_after=draw(st.none() | lengths()),
        opens_s=float(draw(st.integers(0, 86_399))),
        habits=draw(st.none() | habits()),
    )  # fmt: skip
    targets = Targets(*(draw(st.none() | SHARES) for _ in range(4)))
    breaks = draw(st.none() | st.builds(Breaks, SECONDS, SECONDS))
    return StudyFile(scenario, targets, draw(SHARES), breaks)


@settings(max_examples=80, deadline=None)
@given(studies())
def test_written_and_read_is_the_same(study: StudyFile) -> None:
    again = read_text(written(study))
    assert again == study
    assert scenario_hash(again) == scenario_hash(study)
