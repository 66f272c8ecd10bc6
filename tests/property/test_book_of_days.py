"""Days of the real engine under chance: the book's rows, the balance, the replay."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from acd.app.ledger_check import Refold, check_calls, check_visits
from acd.app.replay import Replay
from acd.core.cdr import Book
from acd.core.cdr_types import CallRecord, LegRecord, Record, Segment, SegmentKind, VisitRecord
from acd.core.engine import Engine
from acd.core.inputs import AgentLoggedIn, AgentLoggedOut, AgentReadied, CallerHungUp, Input
from acd.ports import Step
from tests.engine_plans import draw_plan
from tests.engine_world import JST, World, agent_input, call_input, stale_timer

CALLER_KINDS = (
    SegmentKind.MENU,
    SegmentKind.WAIT,
    SegmentKind.TALK,
    SegmentKind.HOLD,
    SegmentKind.AFTER,
)


class Recorded(World):
    """A world that remembers its steps as the controller journals them."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(draw_plan(chance))
        self.start = self.engine.snapshot()
        self.steps: list[Step] = []

    def tell(self, happened: Input) -> None:
        shadow = Engine.restore(self.engine.snapshot(), JST)
        outcome = shadow.handle(happened, self.now)
        if outcome.events or outcome.commands:
            self.steps.append(Step(self.now, happened, outcome.events))
        super().tell(happened)


def play(seed: int, length: int) -> Recorded:
    """A day in which everybody does anything."""
    chance = random.Random(seed)
    world = Recorded(chance)
    for agent in list(world.engine.agents):
        world.tell(AgentLoggedIn(agent))
        world.tell(AgentReadied(agent))
    for _ in range(length):
        world.pass_time(chance.choice([0.0, 0.001, 0.5, 3.0, 20.0]))
        what = chance.random()
        if what < 0.2:
            world.ask_queue(world.arrive(chance), chance)
        elif what < 0.25:
            world.arrive(chance)
        elif what < 0.65:
            world.tell(call_input(world, chance))
        elif what < 0.85:
            world.tell(agent_input(world, chance))
        elif what < 0.9:
            world.tell(stale_timer(world, chance))
        else:
            world.next_timer()
    return world


def fold(book: Book, steps: list[Step]) -> list[Record]:
    return [row for step in steps for event in step.events for row in book.fold(step.at_s, event)]


@pytest.mark.requirement("M10")
@hypothesis_settings(max_examples=25)
@given(seed=st.integers(0, 2**32), length=st.integers(10, 250))
def test_one_row_per_call_and_visit_with_the_engines_outcome(seed: int, length: int) -> None:
    world = play(seed, length)
    book = Book()
    rows = fold(book, world.steps)
    calls = [row for row in rows if isinstance(row, CallRecord)]
    visits = [row for row in rows if isinstance(row, VisitRecord)]
    assert {row.call: row.outcome for row in calls} == world.fold.outcomes
    assert len(calls) == len(world.fold.outcomes), "no call has two rows"
    assert list(book.calls) == list(world.engine.calls)
    keys = {row.visit for row in visits}
    waiting = {call.visit.visit for call in book.calls.values() if call.visit is not None}
    assert len(keys) == len(visits), "no visit has two rows"
    assert keys | waiting == world.fold.visits
    assert not keys & waiting
    _rows_hold_together(rows, calls)


def _rows_hold_together(rows: list[Record], calls: list[CallRecord]) -> None:
    segments = [row for row in rows if isinstance(row, Segment)]
    assert len({(row.call, row.number) for row in segments}) == len(segments)
    for call in calls:
        spent = call.menu_ms + call.wait_ms + call.talk_ms + call.hold_ms + call.after_ms
        assert spent == call.closed_ms - call.offered_ms
        at = call.offered_ms
        own = [row for row in segments if row.call == call.call and row.kind in CALLER_KINDS]
        for row in sorted(own, key=lambda row: (row.start_ms, row.start_ms + row.duration_ms)):
            assert row.start_ms == at, "the caller's stretches follow without gap"
            at += row.duration_ms
        assert at == call.closed_ms
    for leg in (row for row in rows if isinstance(row, LegRecord)):
        assert min(leg.ring_ms, leg.talk_ms, leg.hold_ms, leg.wrap_up_ms) >= 0
        if leg.result is None and leg.ended_ms is not None:
            whole = leg.ring_ms + leg.talk_ms + leg.hold_ms
            assert whole == leg.ended_ms - leg.offered_ms


@pytest.mark.requirement("M10")
@hypothesis_settings(max_examples=15)
@given(seed=st.integers(0, 2**32), length=st.integers(10, 200), cut=st.floats(0, 1))
def test_a_restart_of_the_book_changes_no_row(seed: int, length: int, cut: float) -> None:
    world = play(seed, length)
    whole = fold(Book(), world.steps)
    at = int(len(world.steps) * cut)
    first = Book()
    rows = fold(first, world.steps[:at])
    rows += fold(Book.restore(first.snapshot()), world.steps[at:])
    assert rows == whole


@pytest.mark.requirement("M10")
@hypothesis_settings(max_examples=15)
@given(seed=st.integers(0, 2**32), length=st.integers(10, 200))
def test_deciding_the_recorded_inputs_again_gives_no_difference(seed: int, length: int) -> None:
    world = play(seed, length)
    again = Replay(world.start, lambda data: Engine.restore(data, JST), 0)
    found = again.take_all(enumerate(world.steps, 1))
    assert (found.differing, found.gap_at, found.shown) == (0, None, [])
    assert found.steps == len(world.steps)


@hypothesis_settings(max_examples=15)
@given(seed=st.integers(0, 2**32), length=st.integers(30, 200), which=st.integers(0, 10**6))
def test_the_check_finds_a_row_that_is_missing_changed_or_made_up(
    seed: int, length: int, which: int
) -> None:
    world = play(seed, length)
    rows = fold(Book(), world.steps)
    refold = Refold()
    for step in world.steps:
        refold.take(step)
    refold.end_of_log()
    calls = [row for row in rows if isinstance(row, CallRecord)]
    visits = [row for row in rows if isinstance(row, VisitRecord)]
    balance = check_calls(refold, calls)
    assert balance.balances
    assert balance.in_progress == len(world.engine.calls)
    assert check_visits(refold, visits, set()).balances
    if calls:
        without = [row for row in calls if row is not calls[which % len(calls)]]
        assert check_calls(refold, without).lost == [calls[which % len(calls)].call]
    if visits:
        without_visit = [row for row in visits if row is not visits[which % len(visits)]]
        assert not check_visits(refold, without_visit, set()).balances


@hypothesis_settings(max_examples=15)
@given(seed=st.integers(0, 2**32), length=st.integers(10, 250))
def test_when_everybody_has_gone_the_book_holds_nothing(seed: int, length: int) -> None:
    world = play(seed, length)
    for call in list(world.engine.calls):
        world.tell(CallerHungUp(call))
    world.pass_time(100_000.0)
    for agent in list(world.engine.agents):
        world.tell(AgentLoggedOut(agent, "boss"))
    book = Book()
    rows = fold(book, world.steps)
    assert (book.calls, book.legs, book.wrapping) == ({}, {}, {})
    talks = sum(row.legs for row in rows if isinstance(row, CallRecord))
    assert talks == sum(isinstance(row, LegRecord) and row.result is None for row in rows)
