"""Arrays and rows fill the same sums."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from acd.core.cdr_types import AgentSpan, LegRecord
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import AgentId
from agents.state import AgentState
from metrics.columns import (
    CallColumns,
    Ints,
    TalkColumns,
    both_numbers,
    filled,
    filled_time,
    params_by_cell,
)
from metrics.measure import Params
from metrics.measures import MEASURES
from metrics.tally import Sums, TimeTally
from tests.ledger_rows import Visit, a_call

CELLS = 5


@st.composite
def some_calls(draw: st.DrawFn) -> list[tuple[int, int, float, float, float]]:
    """Cell, outcome, wait, talk and wrap-up (seconds) of some calls."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    calls = []
    for _ in range(draw(st.integers(0, 60))):
        outcome = rng.choice((0, 0, 0, 1, 2))
        wait = 0.0 if outcome == 2 else rng.choice((0.0, 5.0, 19.999, 20.0, rng.random() * 90))
        talk, wrap = (rng.random() * 300, rng.random() * 30) if outcome == 0 else (0.0, 0.0)
        calls.append((rng.randrange(CELLS), outcome, round(wait, 3), round(talk, 3),
                      round(wrap, 3)))  # fmt: skip
    return calls


def by_rows(calls: list[tuple[int, int, float, float, float]]) -> list[Sums]:
    """The sums that the ledger's rows of these calls make."""
    cells = [Sums() for _ in range(CELLS)]
    for number, (cell, outcome, wait, talk, wrap) in enumerate(calls):
        visits: list[Visit] = []
        if outcome == 0:
            visits = [Visit("q", wait, VisitOutcome.ANSWERED, "sato", talk, 0.0, wrap)]
        elif outcome == 1:
            visits = [Visit("q", wait, VisitOutcome.ABANDONED)]
        ended = (CallOutcome.ANSWERED, CallOutcome.ABANDONED, CallOutcome.BLOCKED)[outcome]
        for row in a_call(number, 1_000_000, ended, *visits, menu_s=0.0):
            if isinstance(row, LegRecord):
                row = replace(row, ring_ms=0)  # noqa: PLW2901 - simulated operators answer at once
            if not isinstance(row, AgentSpan):
                cells[cell].add(row)
    return cells


def ms(seconds: list[float]) -> Ints:
    whole: Ints = np.rint(np.array(seconds) * 1000).astype(np.int64)
    return whole


@settings(max_examples=60, deadline=None)
@given(some_calls())
@pytest.mark.requirement("M15")
def test_arrays_fill_the_sums_that_rows_fill(
    calls: list[tuple[int, int, float, float, float]],
) -> None:
    cell, outcome, wait, talk, wrap = ([call[n] for call in calls] for n in range(5))
    columns = CallColumns(
        np.array(cell, np.int64), np.array(outcome, np.int8), ms(wait), ms(talk), ms(wrap)
    )
    by_arrays, by_hand = filled(columns, CELLS), by_rows(calls)
    for params in (Params(), Params(5_000, by_visit=True), Params(5_000, from_answer=True)):
        for key, each in MEASURES.items():
            if each.additive:
                found = both_numbers(each.of, by_arrays, params, CELLS)
                parts = [each.of(sums, params) for sums in by_hand]
                assert found[0].tolist() == [part.top for part in parts], key
                assert found[1].tolist() == [part.bottom or 0 for part in parts], key


def test_every_cell_may_have_its_own_threshold() -> None:
    columns = CallColumns(
        np.array([0, 1]), np.zeros(2, np.int8), np.array([5_000, 5_000]), np.array([9, 9]),
        np.array([0, 0]),
    )  # fmt: skip
    own = params_by_cell(np.array([4_999, 5_000]), 2)
    top, bottom = both_numbers(MEASURES["sl_offered"].of, filled(columns, 2), own, 2)
    assert (top.tolist(), bottom.tolist()) == ([0, 1], [1, 1])


def arrays_of(time: TimeTally) -> dict[str, Any]:
    return dict(time.states)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-500, 4000), st.integers(0, 3000),
                          st.integers(0, 800)), max_size=20))  # fmt: skip
def test_talks_are_cut_at_borders_as_stretches_are(talks: list[tuple[int, int, int, int]]) -> None:
    owner, start, talk, wrap = (np.array([each[n] for each in talks], np.int64) for n in range(4))
    staffed = np.zeros((3, 4), np.int64)
    found = filled_time(TalkColumns(owner, start, talk, wrap), staffed, 1000)
    expected = [TimeTally() for _ in range(12)]
    for who, begins, talking, writing in talks:
        for state, first, last in (
            (AgentState.TALKING, begins, begins + talking),
            (AgentState.WRAP_UP, begins + talking, begins + talking + writing),
        ):
            span = AgentSpan(AgentId("a"), first, last, state)
            for hour in range(4):
                expected[who * 4 + hour].add(span, hour * 1000, (hour + 1) * 1000)
    for state in (AgentState.TALKING, AgentState.WRAP_UP):
        spent: Any = found.in_state(state)
        assert spent.tolist() == [each.in_state(state) for each in expected]


def test_what_is_left_of_the_staffed_time_is_ready() -> None:
    talks = TalkColumns(np.array([0]), np.array([500]), np.array([700]), np.array([100]))
    time = filled_time(talks, np.array([[2000, 0]]), 1000)
    spent = {state: each.tolist() for state, each in arrays_of(time).items()}
    assert spent == {"talking": [500, 200], "wrap_up": [0, 100], "ready": [1500, 0]}
    top, bottom = both_numbers(MEASURES["occupancy"].of, Sums(time=time), Params(), 2)
    assert (top.tolist(), bottom.tolist()) == ([500, 300], [2000, 300])
