"""Live = recomputed from the ledger, to the last digit, after any random day of the real engine."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from msgspec.structs import replace

from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.records import SqlRecords
from acd.app.frames import encode
from acd.core.apply_floor import GUEST
from acd.core.cdr import Book
from acd.core.cdr_types import (
    AgentSpan,
    CallRecord,
    DispositionRecord,
    OutsideRecord,
    Record,
    VisitRecord,
)
from acd.core.events import CallOutcome, DispositionRecorded
from acd.core.ids import AgentId
from acd.core.inputs import AgentReadied
from acd.core.plan import CallType
from acd.errors import StoreCorrupt
from acd.ports import Frame, Step
from agents.state import AgentState
from metrics.cells import Cells
from metrics.dimensions import Dim, shape_of
from metrics.intervals import QUARTER_MS, Span
from metrics.measure import Params
from metrics.measures import MEASURES
from metrics.opening import open_figure
from metrics.realtime import Live, now_of
from tests.ledger_rows import SHAPE, drawn_day, ms
from tests.property.test_book_of_days import Recorded, fold, play

_OUTCOMES = (CallRecord, VisitRecord, DispositionRecord, OutsideRecord)
EVER = Span(0, 4_000_000_000 * 1000 // QUARTER_MS * QUARTER_MS)


def late_classifications(world: Recorded) -> list[Step]:
    """Operators classify calls that are over, some twice."""
    chance = random.Random(len(world.steps))
    over = list(world.fold.outcomes)
    return [
        Step(
            world.now + turn,
            AgentReadied(AgentId("sato")),
            [
                DispositionRecorded(
                    AgentId("sato"), chance.choice(over), "other", True,
                    chance.choice([None, *CallType]),
                )
            ],
        )
        for turn in range(min(20, len(over)))
    ]  # fmt: skip


@pytest.mark.requirement("M15")
@pytest.mark.parametrize("seed", range(6))
async def test_live_is_what_the_ledger_gives_again(seed: int, tmp_path: Path) -> None:
    world = play(seed, 500)
    shape = shape_of(world.engine.plan)
    live, book = Live(shape), Book()
    frames: list[Frame] = []
    for seq, step in enumerate([*world.steps, *late_classifications(world)], 1):
        rows: list[Record] = [row for event in step.events for row in book.fold(step.at_s, event)]
        live.take(rows)
        outcomes = [row for row in rows if isinstance(row, _OUTCOMES)]
        details = [row for row in rows if not isinstance(row, _OUTCOMES)]
        frames.append(encode(seq, step, outcomes, details))
        if seq % 100 == 0:
            live = Live.restore(live.snapshot(), shape)
    url = sqlite_url(tmp_path / "ledger.sqlite")
    store = SqlRecords(url)
    await store.store("log", frames)
    await store.close()
    reader = LedgerReader(url)
    again = Cells(shape)
    again.fold(await reader.figure_rows(EVER.from_ms, EVER.to_ms))
    await reader.close()
    assert live.cells.quarters == again.quarters
    assert again.sums(EVER).calls.offered > 10


@hypothesis_settings(max_examples=10)
@given(seed=st.integers(0, 2**32), length=st.integers(10, 200))
def test_operators_time_adds_up_to_the_time_that_passed(seed: int, length: int) -> None:
    world = play(seed, length)
    book = Book()
    rows = fold(book, world.steps)
    spans: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        if isinstance(row, AgentSpan):
            spans.setdefault(row.agent, []).append((row.start_ms, row.end_ms))
    for times in spans.values():
        assert all(one[1] <= two[0] for one, two in pairwise(times))
        assert all(start < end for start, end in times)
    for agent in world.engine.agents.values():
        now = book.people.get(agent.id)  # type: ignore[call-overload]
        if agent.state is AgentState.LOGGED_OUT or agent.id.startswith(GUEST):
            assert now is None
        else:
            assert now is not None
            reason = agent.reason if agent.state is AgentState.NOT_READY else None
            assert (now.state, now.reason) == (agent.state, reason)


@hypothesis_settings(max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_rows_in_any_order_and_taken_back(seed: int) -> None:
    chance = random.Random(seed)
    rows = drawn_day(seed, 40, ms("2026-11-20T08:00"), ms("2026-11-20T18:00"))
    cells = Cells(SHAPE)
    cells.fold(rows)
    chance.shuffle(rows)
    again = Cells(SHAPE)
    again.fold(rows)
    assert again.quarters == cells.quarters
    gone = [row for row in rows if chance.random() < 0.5]
    again.fold(gone, -1)
    left = Cells(SHAPE)
    left.fold([row for row in rows if not any(row is each for each in gone)])
    for dim in Dim:
        assert again.by(EVER, dim) == left.by(EVER, dim)


@hypothesis_settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_any_figure_opens_to_as_many_calls_as_it_says(seed: int) -> None:
    day = Span(ms("2026-11-20T00:00"), ms("2026-11-21T00:00"))
    rows = drawn_day(seed, 40, day.from_ms, day.to_ms)
    for key, one in MEASURES.items():
        if one.unit.value not in ("share", "count") or one.family.value == "work":
            continue
        opened = open_figure(key, rows, day, SHAPE, {}, Params())
        assert len(opened.part) == opened.figure.part, key
        if opened.figure.whole is not None:
            assert len(opened.whole) == opened.figure.whole, key


def test_at_midnight_yesterday_is_forgotten_and_late_rows_of_it_too() -> None:
    midnight = ms("2026-11-21T00:00")
    rows = drawn_day(3, 200, midnight - 7_200_000, midnight + 7_200_000)
    live = Live(SHAPE)
    live.take(rows[:150])
    live.begin(midnight)
    live.take(rows[150:])
    whole = Cells(SHAPE)
    whole.fold(rows)
    today = Span(midnight, midnight + 86_400_000)
    for dim in Dim:
        assert live.cells.by(today, dim) == whole.by(today, dim)
    assert min(live.cells.quarters) >= midnight


def test_a_snapshot_of_another_kind_is_refused() -> None:
    with pytest.raises(StoreCorrupt):
        Live.restore(b"\x93nonsense")


def test_now_says_what_the_engine_says() -> None:
    world = play(11, 300)
    state = world.engine.state
    now = now_of(state, world.now)
    assert {name: one.waiting for name, one in now.queues.items()} == state.waiting_in
    assert now.in_progress == len(state.calls) == sum(now.lines.values())
    there = [a for a in state.agents.values() if a.state is not AgentState.LOGGED_OUT]
    assert sum(now.operators.values()) == len(there)


@hypothesis_settings(max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_a_call_given_up_as_lost_and_found_again_counts_once(seed: int) -> None:
    """Its switch was out of reach for long: the ledger keeps the last of its rows."""
    chance = random.Random(seed)
    rows = drawn_day(seed, 40, ms("2026-11-20T08:00"), ms("2026-11-20T18:00"))
    found = [row for row in rows if isinstance(row, CallRecord) and chance.random() < 0.3]
    lost = [replace(row, outcome=CallOutcome.LOST, talk_ms=0, queue="") for row in found]
    live = Live(SHAPE)
    live.take([row for row in rows if row not in found])
    live.take(lost)
    moved = [replace(row, offered_ms=row.offered_ms + QUARTER_MS) for row in lost]
    came = {row.offered_ms // QUARTER_MS * QUARTER_MS for row in (*found, *moved)}
    assert live.take(moved) == came == live.take(found)
    again = Cells(SHAPE)
    again.fold(rows)
    for dim in Dim:
        assert live.cells.by(EVER, dim) == again.by(EVER, dim)
