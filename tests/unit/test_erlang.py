"""The closed forms: worked examples, known traps, and numbers that make naive ones overflow."""

from __future__ import annotations

import doctest
import importlib
import math

import pytest

from acd.errors import Refused
from sim.erlang.delay import erlang_c
from sim.erlang.heavy_traffic import square_root_staffing
from sim.erlang.lines import erlang_b, extended_erlang_b, lines_for
from sim.erlang.offered_load import busy_mean, busy_means
from sim.erlang.redial import redial
from sim.erlang.waiting import mmn_g, mmn_g_lines
from sim.inputs.distributions import (
    Distribution,
    Kind,
    deterministic,
    exponential,
    lognormal,
    weibull,
)

HYPER = Distribution(Kind.HYPEREXPONENTIAL, 120, weights=(0.3, 0.7), means_s=(30.0, 1110 / 7))
STEPS = Distribution(
    Kind.EMPIRICAL, 60, times_s=(10.0, 30.0, 90.0, 200.0), survival_at=(0.9, 0.6, 0.3, 0.0)
)
EVERY_KIND = [
    exponential(120),
    deterministic(60),
    lognormal(120, 1.5),
    weibull(120, 0.7),
    weibull(120, 2.0),
    Distribution(Kind.GAMMA, 120, shape=0.6),
    HYPER,
    STEPS,
]
FILES = (
    "checks delay heavy_traffic levels lines offered_load patience quadrature redial special "
    "waiting"
).split()


@pytest.mark.parametrize("name", FILES)
def test_the_worked_examples_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"sim.erlang.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("patience", EVERY_KIND, ids=lambda each: f"{each.kind}")
@pytest.mark.parametrize("places", [None, 0, 3, 40])
@pytest.mark.parametrize("agents", [1, 12, 25])
def test_every_call_is_answered_given_up_or_blocked(
    patience: Distribution, places: int | None, agents: int
) -> None:
    state = mmn_g(0.1, 180, agents, patience, places)
    assert state.answered + state.abandoned + state.blocked == pytest.approx(1, abs=1e-11)
    within, early = state.by(20)
    assert within <= state.answered + 1e-12
    assert early <= state.abandoned + 1e-12
    numbers = [*state.busy_numbers(), *state.waiting_numbers(120)]
    assert math.fsum(numbers) == pytest.approx(1, abs=1e-9)
    busy = math.fsum(min(n, agents) * p for n, p in enumerate(numbers))
    assert busy / agents == pytest.approx(state.occupancy, rel=1e-8)


@pytest.mark.parametrize("patience", EVERY_KIND, ids=lambda each: f"{each.kind}")
def test_how_long_patience_lasts_is_the_integral_of_its_survival(patience: Distribution) -> None:
    from scipy.integrate import quad

    from sim.erlang.patience import patience_of

    functions = patience_of(patience)
    for upto in (5.0, 47.0, 300.0):
        kinks = [kink for kink in functions.kinks_s if kink < upto]
        area, _ = quad(patience.survival, 0, upto, points=kinks or None, epsabs=1e-11, limit=200)
        assert functions.lasting(upto) == pytest.approx(area, rel=1e-8)
        assert functions.survival(upto) == pytest.approx(patience.survival(upto), rel=1e-9)
        assert functions.gone(upto) + functions.survival(upto) == pytest.approx(1, abs=1e-14)


def test_thousands_of_seats_do_not_overflow() -> None:
    half = mmn_g(1e6 / 3600, 300, 83_000, exponential(120))
    assert half.answered + half.abandoned == pytest.approx(1, abs=1e-9)
    assert half.abandoned > 1 - 83_000 / (1e6 / 3600 * 300)
    assert mmn_g(1.0, 100.0, 1, exponential(120)).answered == pytest.approx(0.01)
    assert mmn_g(1.0, 100.0, 1_000_000, exponential(120)).answered == 1.0
    assert erlang_b(19_990.0, 20_001) == pytest.approx(erlang_b(19_990.0, 20_000), rel=0.01)
    assert erlang_b(1.0, 1000) == 0.0


def test_the_two_ways_to_many_lines_agree() -> None:
    from sim.erlang.lines import log_inverse_erlang_b

    below = log_inverse_erlang_b(19_950.0, 20_000)
    step = math.log(1 + 20_001 / 19_950.0 * math.exp(below))
    assert log_inverse_erlang_b(19_950.0, 20_001) == pytest.approx(step, rel=1e-10)


def test_trap_an_interval_sized_for_its_own_arrivals_forgets_the_lag() -> None:
    def per_s(t_s: float) -> float:
        return (100 + 50 * math.sin(2 * math.pi * t_s / 86_400)) / 3600

    at_peak = busy_mean(per_s, 3600, 6 * 3600)
    assert per_s(6 * 3600) * 3600 == pytest.approx(150)
    assert at_peak == pytest.approx(146.792867428, rel=1e-9)
    steps = [per_s(60.0 * minute) for minute in range(-3 * 1440, 361)]
    assert busy_means(steps, 60, 3600)[-1] == pytest.approx(at_peak, rel=1e-3)


@pytest.mark.parametrize(("share", "rule", "exact"), [(0.05, 118, 119), (0.01, 124, 125)])
def test_trap_the_square_root_rule_is_one_short(share: float, rule: int, exact: int) -> None:
    found = square_root_staffing(100, share)
    assert (found.agents, found.agents_exact) == (rule, exact)


def test_trap_patience_of_the_answered_taken_as_infinite() -> None:
    # Overloaded seats: a centre without patience has no steady state at all.
    with pytest.raises(Refused, match="without end"):
        erlang_c(0.1, 180, 17)
    with pytest.raises(Refused, match="without end"):
        mmn_g(0.1, 180, 17, None)
    assert 0.8 < mmn_g(0.1, 180, 17, exponential(120)).answered < 0.95


def test_trap_abandons_within_the_threshold_are_counted_once() -> None:
    state = mmn_g(0.1, 180, 17, exponential(120))
    within, early = state.by(20)
    assert within + early < 1
    assert within < within / (1 - early) < (within + early)


def test_trap_wrap_up_left_out_of_the_handling_time() -> None:
    seconds_of_talk, with_wrap_up = 180, 240
    assert (
        mmn_g(194 / 3600, seconds_of_talk, 12, exponential(120)).answered
        > mmn_g(194 / 3600, with_wrap_up, 12, exponential(120)).answered + 0.08
    )


def test_trap_lines_are_held_while_callers_wait() -> None:
    forgetful = lines_for(194 / 3600 * 240, 0.01)
    callers = mmn_g_lines(194 / 3600, 240, 12, forgetful, exponential(900))
    assert callers.blocked > 0.01


def test_trap_redials_are_not_fresh_demand() -> None:
    state = redial(0.1, 180, 15, exponential(120), 0.6)
    fresh = state.arrival_per_s * (1 - 0.6 * state.abandoned)
    assert fresh == pytest.approx(0.1)
    assert state.arrival_per_s > 0.11


def test_trap_the_mean_wait_of_all_is_not_the_speed_of_answer() -> None:
    state = mmn_g(0.1, 180, 15, deterministic(60))
    assert state.wait_mean_s > state.asa_s + 1


def test_callers_who_try_again_at_once() -> None:
    lost, total = extended_erlang_b(186.877290729, 200, 0.7)
    assert lost == pytest.approx(0.03)
    assert total == pytest.approx(190.885894513)
    with pytest.raises(Refused):
        extended_erlang_b(10, 5, 1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: mmn_g(-1, 180, 10, None),
        lambda: mmn_g(0.1, 0, 10, None),
        lambda: mmn_g(0.1, 180, 0, None),
        lambda: mmn_g(0.1, 180, 10**7, None),
        lambda: mmn_g(math.nan, 180, 10, None),
        lambda: mmn_g(math.inf, 180, 10, None),
        lambda: mmn_g(0.1, 180, 10, exponential(0)),
        lambda: mmn_g(0.1, 180, 10, exponential(-5)),
        lambda: mmn_g(0.1, 180, 10, None, -1),
        lambda: mmn_g(1e300, 1e300, 10, None),
        lambda: erlang_b(-1, 3),
        lambda: redial(0.1, 180, 15, None, 1.0),
        lambda: mmn_g(0.1, 180, 10, Distribution(Kind.EMPIRICAL, 1, times_s=(3, 2))),
    ],
)
def test_what_has_no_meaning_is_refused_in_both_languages(wrong: object) -> None:
    with pytest.raises(Refused) as refused:
        wrong()  # type: ignore[operator]
    assert refused.value.ja
