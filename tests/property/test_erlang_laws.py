"""Laws of waiting that hold for any numbers: monotony, scaling, and the ends that are known."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from acd.errors import Refused
from sim.erlang.delay import erlang_c
from sim.erlang.lines import engset, erlang_b, erlang_b_inverse
from sim.erlang.waiting import Waiting, mmn_g, mmn_g_lines
from sim.inputs.distributions import (
    Distribution,
    Kind,
    deterministic,
    exponential,
    lognormal,
    weibull,
)

AHT_S = 180.0
LOADS = st.floats(0.2, 60.0)
SEATS = st.integers(1, 70)
MEANS = st.floats(1.0, 1000.0)
PLACES = st.none() | st.integers(0, 60)
PATIENCE = st.one_of(
    MEANS.map(exponential),
    MEANS.map(deterministic),
    st.builds(lognormal, MEANS, st.floats(0.2, 4.0)),
    st.builds(weibull, MEANS, st.floats(0.4, 3.0)),
    st.builds(
        lambda mean_s, shape: Distribution(Kind.GAMMA, mean_s, shape=shape), MEANS,
        st.floats(0.4, 4.0),
    ),
)  # fmt: skip
LAWS = settings(max_examples=40, deadline=None)


def state(load: float, seats: int, patience: Distribution, places: int | None = None) -> Waiting:
    return mmn_g(load / AHT_S, AHT_S, seats, patience, places)


@LAWS
@given(LOADS, SEATS, PATIENCE, PLACES)
def test_one_more_seat_never_lowers_the_answer_rate(
    load: float, seats: int, patience: Distribution, places: int | None
) -> None:
    few, more = state(load, seats, patience, places), state(load, seats + 1, patience, places)
    assert more.answered >= few.answered - 1e-10
    assert more.by(20)[0] >= few.by(20)[0] - 1e-10
    assert few.answered + few.abandoned + few.blocked == pytest.approx(1, abs=1e-9)


@LAWS
@given(LOADS, SEATS, PATIENCE, st.floats(1.01, 3.0))
def test_more_calls_never_raise_the_answer_rate(
    load: float, seats: int, patience: Distribution, more: float
) -> None:
    assert state(load * more, seats, patience).answered <= (
        state(load, seats, patience).answered + 1e-10
    )


@LAWS
@given(LOADS, SEATS, MEANS, st.floats(0.01, 100.0))
def test_in_another_unit_of_time_it_is_the_same(
    load: float, seats: int, mean_s: float, scale: float
) -> None:
    one = mmn_g(load / AHT_S, AHT_S, seats, exponential(mean_s))
    two = mmn_g(load / AHT_S / scale, AHT_S * scale, seats, exponential(mean_s * scale))
    assert two.answered == pytest.approx(one.answered, rel=1e-9)
    assert two.asa_s == pytest.approx(one.asa_s * scale, rel=1e-7, abs=1e-12)


@LAWS
@given(LOADS, SEATS, PATIENCE)
def test_together_is_never_worse_than_apart(
    load: float, seats: int, patience: Distribution
) -> None:
    assert state(2 * load, 2 * seats, patience).answered >= (
        state(load, seats, patience).answered - 1e-10
    )


@LAWS
@given(st.floats(0.2, 40.0), st.integers(1, 60))
def test_endless_patience_is_erlang_c(load: float, seats: int) -> None:
    assume(load < 0.98 * seats)
    never, known = mmn_g(load, 1.0, seats, None), erlang_c(load, 1.0, seats)
    assert never.p_wait == pytest.approx(known.p_wait, rel=1e-9)
    assert never.asa_s == pytest.approx(known.asa_s, rel=1e-9)
    assert never.by(0.5)[0] == pytest.approx(known.within(0.5), rel=1e-9)
    nearly = mmn_g(load, 1.0, seats, exponential(1e9))
    assert nearly.p_wait == pytest.approx(known.p_wait, rel=1e-4)


@LAWS
@given(LOADS, SEATS, PATIENCE)
def test_without_a_place_to_wait_it_is_erlang_b(
    load: float, seats: int, patience: Distribution
) -> None:
    known = erlang_b(load, seats)
    assert state(load, seats, patience, 0).blocked == pytest.approx(known, rel=1e-9)
    at_once = state(load, seats, exponential(1e-9))
    assert at_once.abandoned == pytest.approx(known, rel=1e-6)


@LAWS
@given(LOADS, SEATS, PATIENCE, st.integers(0, 40))
def test_many_places_are_as_good_as_endless_ones(
    load: float, seats: int, patience: Distribution, places: int
) -> None:
    some, more = (state(load, seats, patience, n) for n in (places, places + 1))
    assert more.blocked <= some.blocked + 1e-12
    assert state(load, seats, patience, 2000).answered == pytest.approx(
        state(load, seats, patience).answered, rel=1e-6, abs=1e-9
    )


@LAWS
@given(LOADS, st.integers(1, 200))
def test_the_inverse_of_erlang_b_leads_back(load: float, lines: int) -> None:
    lost = erlang_b(load, lines)
    assume(1e-12 < lost < 1 - 1e-9)
    assert erlang_b_inverse(lines, lost) == pytest.approx(load, rel=1e-6)


@LAWS
@given(st.integers(2, 60), st.integers(1, 59), st.floats(0.01, 5.0))
def test_few_sources_lose_less_than_their_lines_would(
    sources: int, lines: int, alpha: float
) -> None:
    call, time = engset(sources, lines, alpha)
    assert 0 <= call <= time <= 1
    assert call <= erlang_b(sources * alpha, lines) + 1e-12


WILD = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-9, 9).map(lambda x: 10**x)


@settings(max_examples=150, deadline=None)
@given(WILD, WILD, st.integers(-5, 10**7), WILD, st.integers(-2, 10**7))
@example(1.0, 6.8e-176, 3, 1.0, 3)
def test_any_number_gets_an_answer_or_a_clear_no(
    rate: float, aht_s: float, seats: int, mean_s: float, lines: int
) -> None:
    figures: tuple[float, ...] = ()
    try:
        found = mmn_g_lines(rate, aht_s, seats, lines, exponential(mean_s))
        figures = (found.answered, found.abandoned, found.blocked, *found.by(20.0))
    except Refused as refused:
        said = refused.ja
    else:
        said = "answered"
    assert said
    assert all(math.isfinite(each) and -1e-9 <= each <= 1 + 1e-9 for each in figures)
