"""The measures: published values, worked examples, and hand-made rows."""

from __future__ import annotations

import doctest
import importlib
import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from acd.core.cdr import Book
from acd.core.cdr_types import CallRecord, VisitRecord
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import CallId, QueueId
from acd.core.plan import CallType, Plan, QueuePlan
from acd.errors import NotFound
from metrics.measure import Params, percentile_ms
from metrics.measures import CHAPTERS, MEASURES, figure, parsed, worst
from metrics.sample import calls_of
from metrics.tally import CallTally, QueueTally, Sums, Tally
from tests.call_stories import T0_S, TAX, abandoned_call, answered_call

ORACLES = json.loads(
    (Path(__file__).parent.parent / "data" / "service_level.json").read_text("utf-8")
)
PLAN = Plan("v1", (QueuePlan(TAX, "税", "Tax"), QueuePlan(QueueId("waste"), "ごみ", "Waste")), ())


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle["id"])
@pytest.mark.requirement("M11")
def test_published_service_levels(oracle: dict[str, dict[str, dict[str, float]]]) -> None:
    given = {name: int(number) for name, number in oracle["params"].items()}  # type: ignore[call-overload]
    late = given["abandoned"] - given["abandoned_in_T"]
    early = given["abandoned_in_T"] - given["short_abandoned"]
    answered = {20_000: given["answered_in_T"], 20_001: given["answered"] - given["answered_in_T"]}
    abandoned = {5_000: given["short_abandoned"], 20_000: early, 20_001: late}
    sums = Sums(visits=QueueTally(answered_waits=answered, abandoned_waits=abandoned))
    for key, expected in oracle["expect"].items():
        assert figure(f"{key}_20s", sums).value == pytest.approx(
            expected["value"], rel=expected["rtol"]
        ), key


MODULES = ("measure", "sample", "measures", "targets", "intervals", "tally", "contract", "forecast")


@pytest.mark.parametrize("name", [*MODULES, *(one.__name__[8:] for one in CHAPTERS)])
def test_worked_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"metrics.{name}"))
    assert result.attempted > 0 or name == "tally"
    assert result.failed == 0


def test_every_measure_has_formulas_and_a_worked_example() -> None:
    assert len(MEASURES) > 60
    for one in MEASURES.values():
        assert ">>>" in one.example, one.key
        assert all((one.formula_en, one.formula_ja, one.ja, one.en)), one.key


@pytest.mark.parametrize(
    "key", ["", "sl", "asa_20s", "offered_from_answer", "sl_offered_s", "x" * 99]
)
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(NotFound):
        parsed(key)


def tally_of(*, answered: list[float], abandoned: list[float], others: int = 0) -> QueueTally:
    """Visits by their waits in seconds; callers were 4 s in the menu."""
    visit = VisitRecord(
        call="c", visit="v", number=1, queue=TAX, call_type=CallType.ENQUIRY, language="ja",  # type: ignore[arg-type]
        priority=None, entered_ms=0, ended_ms=0, outcome=VisitOutcome.ANSWERED, wait_ms=0,
        caller_ms=0,
    )  # fmt: skip
    tally = QueueTally()
    cases = [(VisitOutcome.ANSWERED, wait) for wait in answered]
    cases += [(VisitOutcome.ABANDONED, wait) for wait in abandoned]
    cases += [(VisitOutcome.OVERFLOWED, 60.0)] * others
    for outcome, wait_s in cases:
        wait_ms = round(wait_s * 1000)
        tally.add(replace(visit, outcome=outcome, wait_ms=wait_ms, caller_ms=wait_ms + 4000))
    return tally


#: Ten visits: five answered (of them 20 s exactly), three abandoned (one short), two overflowed.
TEN = tally_of(answered=[0, 5, 20, 20.001, 45], abandoned=[4.9, 12, 70], others=2)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("sl_offered", 3 / 10),
        ("sl_excl_early_abandons", 3 / 8),
        ("sl_abandons_count", 5 / 10),
        ("sl_answered", 3 / 5),
        ("sl_short_count", 4 / 10),
        ("sl_excl_short", 3 / 9),
        ("sl_genesys", 3 / 8),
        ("sl_incl_blocked", 3 / 12),
    ],
)
def test_each_variant_by_hand(key: str, expected: float) -> None:
    sums = Sums(CallTally(blocked_unqueued=2), TEN)
    assert figure(f"{key}_20s", sums).value == pytest.approx(expected)


def test_the_callers_clock_counts_the_menu_too() -> None:
    assert figure("sl_offered_20s_from_answer", Sums(visits=TEN)).part == 2


def test_asa_is_over_the_answered_only() -> None:
    sums = Sums(visits=TEN)
    assert figure("asa", sums).value == pytest.approx(90_001 / 5)
    assert figure("wait_mean_all", sums).value == pytest.approx((90_001 + 86_900) / 8)
    assert figure("wait_worst", sums).value == 70_000


def test_nothing_divided_by_nothing_is_no_figure() -> None:
    for by_visit in (False, True):
        for key, one in MEASURES.items():
            empty = figure(key, Sums(), Params(by_visit=by_visit))
            counted = one.unit == "count" or key == "logged_in"
            assert empty.value == (0 if counted else None), key
    assert percentile_ms({}, 90) is None


def test_the_worst_hour_is_not_an_empty_one() -> None:
    hours = [calls_of(), calls_of(answered=9, abandoned=1), calls_of(answered=1, abandoned=2)]
    found = worst("answer_rate_a", hours)
    assert found is not None
    assert (found.index, found.figure.part, found.figure.whole) == (2, 1, 3)
    assert worst("answer_rate_a", hours, at_least=4).index == 1  # type: ignore[union-attr]
    assert worst("abandonment_in_hours", hours).index == 2  # type: ignore[union-attr]
    assert worst("answer_rate_a", [calls_of()]) is None


@pytest.mark.parametrize(
    ("percent_", "expected"), [(1, 10), (10, 10), (11, 20), (50, 50), (90, 90), (91, 100)]
)
def test_percentiles_are_nearest_rank(percent_: int, expected: int) -> None:
    waits = dict.fromkeys([70, 10, 50, 30, 100, 20, 90, 40, 80, 60], 1)
    assert percentile_ms(waits, percent_) == expected


def test_sums_of_tallies_are_the_tally_of_the_sum() -> None:
    parts = tally_of(answered=[1, 2], abandoned=[3], others=1) + tally_of(
        answered=[4], abandoned=[]
    )
    whole = tally_of(answered=[1, 2, 4], abandoned=[3], others=1)
    assert parts == whole


def example_tally() -> Tally:
    """Three answered calls (one after 30 s), one abandoned after 3 s, one closed, one forwarded
    enquiry among the answered."""
    tally, book = Tally(), Book()
    stories = [
        answered_call(1, wait_s=3),
        answered_call(2, T0_S + 1, wait_s=30),
        answered_call(3, T0_S + 2, wait_s=20),
        abandoned_call(4, T0_S + 3, wait_s=3),
    ]
    rows = [
        row
        for story in stories
        for step in story
        for event in step.events
        for row in book.fold(step.at_s, event)
    ]
    first = next(row for row in rows if isinstance(row, CallRecord))
    closed = CallId("closed")
    rows.append(replace(first, call=closed, outcome=CallOutcome.CLOSED, visits=0))
    rows = [replace(row, forwarded=1) if row is first else row for row in rows]
    tally.add(rows)
    return tally


def test_calls_told_by_hand_leave_closed_ones_out_of_hours() -> None:
    tally = example_tally()
    calls, tax = Sums(tally.calls), Sums(visits=tally.queues[TAX], legs=tally.legs[TAX])
    assert (tally.calls.offered, tally.calls.offered_in_hours, tally.calls.queued) == (5, 4, 4)
    assert figure("answer_rate_a", calls).value == pytest.approx(3 / 4)
    assert figure("resolved_in_centre", calls).value == pytest.approx(2 / 3)
    by_visit = Params(by_visit=True)
    assert figure("answer_rate_c", tax, by_visit).value == pytest.approx(1.0)
    assert figure("sl_offered_20s", tax, by_visit).value == pytest.approx(2 / 4)
    assert figure("asa", tax, by_visit).value == pytest.approx(53_000 / 3)
    assert figure("aht", tax, by_visit).value == pytest.approx(130_000)


def test_a_call_type_other_than_enquiry_is_not_in_the_resolved_share() -> None:
    tally = CallTally()
    book = Book()
    for step in answered_call(1):
        for event in step.events:
            for row in book.fold(step.at_s, event):
                if isinstance(row, CallRecord):
                    tally.add(replace(row, call_type=CallType.SWITCHBOARD))
    assert (tally.count(CallOutcome.ANSWERED), tally.answered_enquiries) == (1, 0)
    assert figure("resolved_in_centre", Sums(tally)).value is None
