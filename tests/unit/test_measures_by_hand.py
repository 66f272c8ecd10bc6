"""A dozen calls of one morning, and every figure of theirs worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from acd.core.cdr_types import AgentSpan
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import AgentId, QueueId
from acd.core.plan import QueuePlan, TargetKind
from agents.state import AgentState, NotReadyReason
from metrics.cells import Cells, sums_of
from metrics.contract import Contract, standing, standings
from metrics.dimensions import Dim, Row
from metrics.intervals import Grain, Span, intervals, span_of
from metrics.measures import MEASURES, figure, worst
from metrics.opening import open_figure
from metrics.targets import Target
from tests.ledger_rows import JST, SHAPE, SWITCHBOARD, Visit, a_call, ms

A, B, X = VisitOutcome.ANSWERED, VisitOutcome.ABANDONED, VisitOutcome.OVERFLOWED
CALL = CallOutcome
NUMBER = TargetKind.NUMBER
# The day is 2026-11-20 in Japan. All callers are 4 s in the menu. "w" is the wait from the queue
# entry, talk + hold + wrap-up in seconds:
#
#  1 08:50 closed
#  2 09:00 tax       w  0    answered by sato   100 + 0 + 10   survey: asked, 5
#  3 09:05 tax       w 20    answered by sato   200 + 20 + 10  survey: asked, 4
#  4 09:10 tax       w 20.001 answered by mori  300 + 0 + 20   sent on to a department
#  5 09:20 tax       w  5    abandoned (short: at most 5 s)
#  6 09:30 tax       w 60    abandoned
#  7 09:59:58 tax    w 30    over to general, there w 40 answered by abe 100 + 0 + 0 (offered at 9!)
#  8 10:00 board     w  8    answered by abe     40 + 0 + 0    switchboard, sent on twice, came back
#                            (mori did not answer before: one more offer, 3 s)
#  9 10:05 left in the menu after 4 s
# 10 10:10 blocked (no line), never in a queue
# 11 10:20 general   w 12    abandoned, in English, on the other number and line
# 12 10:30 tax       w 10    answered by sato   100 + 0 + 10   survey: asked, no key
# 13 10:40 a drill: counts nowhere
D = "2026-11-20T"
MORNING: list[Row] = [
    *a_call(1, ms(f"{D}08:50"), CALL.CLOSED),
    *a_call(2, ms(f"{D}09:00"), CALL.ANSWERED, Visit("tax", 0, A, "sato", 100, 0, 10),
            survey_asked=True, survey=5),
    *a_call(3, ms(f"{D}09:05"), CALL.ANSWERED, Visit("tax", 20, A, "sato", 200, 20, 10),
            survey_asked=True, survey=4),
    *a_call(4, ms(f"{D}09:10"), CALL.ANSWERED,
            Visit("tax", 20.001, A, "mori", 300, 0, 20, sent_on=NUMBER), forwarded=1),
    *a_call(5, ms(f"{D}09:20"), CALL.ABANDONED, Visit("tax", 5, B)),
    *a_call(6, ms(f"{D}09:30"), CALL.ABANDONED, Visit("tax", 60, B)),
    *a_call(7, ms(f"{D}09:59:58"), CALL.ANSWERED, Visit("tax", 30, X),
            Visit("general", 40, A, "abe", 100)),
    *a_call(8, ms(f"{D}10:00"), CALL.ANSWERED,
            Visit("board", 8, A, "abe", 40, missed=["mori"], sent_on=NUMBER),
            call_type=SWITCHBOARD, forwarded=1, returned=1),
    *a_call(9, ms(f"{D}10:05"), CALL.LEFT_IN_MENU),
    *a_call(10, ms(f"{D}10:10"), CALL.BLOCKED),
    *a_call(11, ms(f"{D}10:20"), CALL.ABANDONED, Visit("general", 12, B), language="en",
            dialled="0466002222", trunk="second"),
    *a_call(12, ms(f"{D}10:30"), CALL.ANSWERED, Visit("tax", 10, A, "sato", 100, 0, 10),
            survey_asked=True),
    *a_call(13, ms(f"{D}10:40"), CALL.ANSWERED, Visit("tax", 1, A, "sato", 9), drill=True),
    # Sato's morning: ready 8:50 to 9:00, in calls 9:00 to 9:10, lunch 9:10 to 9:20.
    AgentSpan(AgentId("sato"), ms(f"{D}08:50"), ms(f"{D}09:00"), AgentState.READY),
    AgentSpan(AgentId("sato"), ms(f"{D}09:00"), ms(f"{D}09:08"), AgentState.TALKING),
    AgentSpan(AgentId("sato"), ms(f"{D}09:08"), ms(f"{D}09:10"), AgentState.WRAP_UP),
    AgentSpan(AgentId("sato"), ms(f"{D}09:10"), ms(f"{D}09:20"), AgentState.NOT_READY,
              NotReadyReason.LUNCH),
]  # fmt: skip
DAY = span_of(date(2026, 11, 20), Grain.DAY, JST)


@pytest.fixture(scope="module")
def cells() -> Cells:
    cells = Cells(SHAPE)
    cells.fold(MORNING)
    return cells


# Calls: 12 offered (13 is a drill), 1 closed: 11 in hours. Answered 2 3 4 7 8 12 = 6; abandoned
# 5 6 11 = 3; menu 9; blocked 10: 6 + 3 + 1 + 1 + 1 closed = 12. Queued 2-8, 11, 12 = 9.
# Visits: 10 (call 7 has two): A = 6, B = 3, X = 1, O = 10. Waits of A: 0 8 10 20 20.001 40 (call 7
# waited 40 in general); caller-paid, 4 s menu more, call 7 4 + 30 + 40: 4 12 14 24 24.001 74.
# Of B: 5 12 60; caller-paid 9 16 64. A_20 = 4 (0 8 10 20), B_20 = 2 (5 12), B_s = 1, K = 1.
# From our answer: A_20 = 3 (4 12 14), B_20 = 2 (9 16).
# Legs: 6 talks + 1 missed = 7 offers. Talk 100+200+300+100+40+100 = 840, hold 20, wrap-up
# 10+10+20+10 = 50. Rings: at most 2 s of each wait (0 2 2 2 2 2 = 10) + 3 = 13 s.
@pytest.mark.requirement("M11")
@pytest.mark.parametrize(
    ("key", "top", "bottom"),
    [
        ("offered", 12, None),
        ("offered_in_hours", 11, None),
        ("queued", 9, None),
        ("answered", 6, None),
        ("abandoned", 3, None),
        ("short_abandoned", 1, None),
        ("left_in_menu", 1, None),
        ("closed", 1, None),
        ("blocked", 1, None),
        ("self_served", 0, None),
        ("call_back", 0, None),
        ("message", 0, None),
        ("sent_elsewhere", 0, None),
        ("failed", 0, None),
        ("lost", 0, None),
        ("answer_rate_a", 6, 11),
        ("answer_rate_b", 6, 9),
        ("answer_rate_c", 6, 8),
        ("abandonment_in_hours", 3, 11),
        ("abandonment_in_hours_excl_short", 2, 10),
        ("abandonment_of_queued", 3, 9),
        ("abandonment_of_queued_excl_short", 2, 8),
        ("blocked_rate", 1, 11),
        ("lost_call_rate", 4, 11),
        ("resolved_in_centre", 4, 5),  # 8 is the switchboard's; of 2 3 4 7 12, 4 was sent on
        ("transfer_rate", 2, 6),
        ("mis_transfer_rate", 1, 2),
        ("sl_offered_20s", 4, 10),
        ("sl_offered_10s", 3, 10),
        ("sl_offered_20s_from_answer", 3, 10),
        ("sl_excl_early_abandons_20s", 4, 8),
        ("sl_excl_early_abandons_20s_from_answer", 3, 8),
        ("sl_abandons_count_20s", 6, 10),
        ("sl_answered_20s", 4, 6),
        ("sl_short_count_20s", 5, 10),
        ("sl_excl_short_20s", 4, 9),
        ("sl_genesys_20s", 4, 9),
        ("sl_genesys_no_short_20s", 4, 8),
        ("sl_genesys_no_abandons_20s", 4, 6),
        ("sl_genesys_left_20s", 4, 10),
        ("sl_genesys_left_no_short_20s", 4, 9),
        ("sl_genesys_left_no_abandons_20s", 4, 7),
        ("sl_incl_blocked_20s", 4, 11),
        ("asa", 98_001, 6),
        ("asa_from_answer", 152_001, 6),
        ("wait_p50", 10_000, None),  # rank 3 of 6
        ("wait_p90", 40_000, None),  # rank 6
        ("wait_p95", 40_000, None),
        ("wait_p50_from_answer", 14_000, None),
        ("wait_max", 40_000, None),
        ("wait_mean_all", 98_001 + 77_000, 9),
        ("wait_worst", 60_000, None),
        ("wait_worst_from_answer", 74_000, None),
        ("abandon_wait_mean", 77_000, 3),
        ("abandon_wait_median", 12_000, None),
        ("abandon_wait_p90", 60_000, None),
        ("abandon_wait_max", 60_000, None),
        ("handled", 6, None),
        ("transfers", 2, None),
        ("ring_mean", 13_000, 7),
        ("att", 840_000, 6),
        ("hold_mean", 20_000, 6),
        ("wrap_up_mean", 50_000, 6),
        ("aht", 910_000, 6),
        ("logged_in", 30 * 60_000, None),
        ("occupancy", 10 * 60_000, 20 * 60_000),
        ("utilisation", 10 * 60_000, 30 * 60_000),
        ("satisfaction", 9, 2),
        ("satisfaction_good", 2, 2),
        ("survey_answers", 2, None),
        ("survey_rate", 2, 3),
    ],
)
def test_the_day_of_the_centre(cells: Cells, key: str, top: int, bottom: int | None) -> None:
    found = figure(key, cells.sums(DAY))
    assert (found.part, found.whole) == (top, bottom)


# By queue, visits count: tax has 2 3 4 5 6 7 12 = 7 entered, answered 2 3 4 12 = 4, abandoned 2.
@pytest.mark.requirement("M2")
@pytest.mark.parametrize(
    ("dim", "value", "key", "top", "bottom"),
    [
        (Dim.QUEUE, "tax", "answer_rate_b", 4, 7),
        (Dim.QUEUE, "tax", "answer_rate_a", 4, 7),
        (Dim.QUEUE, "tax", "answer_rate_c", 4, 6),
        (Dim.QUEUE, "general", "answer_rate_b", 1, 2),
        (Dim.QUEUE, "board", "sl_offered_10s", 1, 1),
        # Talk 100 + 200 + 300 + 100 (2 3 4 12), hold 20, wrap-up 50.
        (Dim.QUEUE, "tax", "aht", 770_000, 4),
        (Dim.QUEUE, "", "offered", 0, None),  # 1 9 10 never entered one
        (Dim.SKILL, "general", "answered", 2, None),  # general and board both need it
        (Dim.SKILL, "switchboard", "answered", 1, None),
        (Dim.NUMBER, "0466002222", "answer_rate_a", 0, 1),
        (Dim.NUMBER, "0466001111", "answer_rate_a", 6, 10),
        (Dim.TRUNK, "second", "abandoned", 1, None),
        (Dim.LANGUAGE, "en", "offered", 1, None),
        (Dim.CALL_TYPE, "switchboard", "transfer_rate", 1, 1),
        (Dim.CALL_TYPE, "enquiry", "answered", 5, None),
        (Dim.OPERATOR, "sato", "handled", 3, None),
        (Dim.OPERATOR, "sato", "aht", 450_000, 3),
        (Dim.OPERATOR, "abe", "transfers", 1, None),
        (Dim.OPERATOR, "sato", "occupancy", 600_000, 1_200_000),
        (Dim.TEAM, "early", "handled", 4, None),
        (Dim.TEAM, "late", "handled", 2, None),
        (Dim.TEAM, "early", "logged_in", 1_800_000, None),
    ],
)
def test_by_every_dimension(
    cells: Cells, dim: Dim, value: str, key: str, top: int, bottom: int | None
) -> None:
    sums = cells.sums(DAY, dim, value)
    found = figure(key, sums, Contract().params(dim, value))
    assert (found.part, found.whole) == (top, bottom)


# Hours: 8 has the closed call alone (no figure); 9 has 2 3 4 5 6 7: 4 of 6; 10 has 8 9 10 11 12:
# 2 of 5, the worst. Call 7 was answered after ten and belongs to nine.
def test_hours_and_the_worst_of_them(cells: Cells) -> None:
    hours = cells.series(intervals(DAY, Grain.HOUR, JST))
    assert len(hours) == 24
    rates = [figure("answer_rate_a", hour) for hour in hours]
    assert [rate.value for rate in rates[:9]] == [None] * 9
    assert [(rate.part, rate.whole) for rate in rates[9:11]] == [(4, 6), (2, 5)]
    found = worst("answer_rate_a", hours)
    assert found is not None
    assert (found.index, found.figure.value) == (10, 2 / 5)
    assert worst("answer_rate_a", hours, at_least=6).index == 9  # type: ignore[union-attr]


def test_time_is_cut_at_the_borders_and_kept_by_reason(cells: Cells) -> None:
    quarters = cells.series(intervals(DAY, Grain.QUARTER, JST), Dim.OPERATOR, "sato")
    assert quarters[35].time.states == {"ready": 600_000}
    assert quarters[36].time.states == {
        "talking": 480_000, "wrap_up": 120_000, "not_ready.lunch": 300_000
    }  # fmt: skip
    assert quarters[37].time.states == {"not_ready.lunch": 300_000}


def test_any_range_and_any_combination_from_rows() -> None:
    part = Span(ms(f"{D}09:04:59.999"), ms(f"{D}09:20:00.001"))
    sums = sums_of(MORNING, part, SHAPE, {Dim.QUEUE: "tax", Dim.OPERATOR: "sato"})
    assert (sums.calls.offered, sums.visits.entered, sums.legs.talks) == (1, 1, 1)
    both = sums_of(MORNING, DAY, SHAPE, {Dim.QUEUE: "general", Dim.LANGUAGE: "en"})
    assert figure("abandonment_in_hours", both).whole == 1


# -- a figure opened ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "part", "whole"),
    [
        ("sl_offered_20s", "c2 c3 c8 c12", "c2 c3 c4 c5 c6 c7 c7 c8 c11 c12"),
        ("sl_excl_early_abandons_20s", "c2 c3 c8 c12", "c2 c3 c4 c6 c7 c7 c8 c12"),
        ("answer_rate_c", "c2 c3 c4 c7 c8 c12", "c2 c3 c4 c6 c7 c8 c11 c12"),
        ("mis_transfer_rate", "c8", "c4 c8"),
        ("resolved_in_centre", "c2 c3 c7 c12", "c2 c3 c4 c7 c12"),
        ("blocked", "c10", "c10"),
        ("wait_worst", "c6", "c2 c3 c4 c5 c6 c7 c8 c11 c12"),
    ],
)
def test_a_figure_opened_down_to_its_calls(key: str, part: str, whole: str) -> None:
    opened = open_figure(key, MORNING, DAY, SHAPE)
    assert " ".join(opened.part) == part
    assert " ".join(opened.whole) == whole


def test_an_opened_figure_of_a_queue_counts_visits() -> None:
    params = Contract().params(Dim.QUEUE, "tax")
    opened = open_figure("answer_rate_b", MORNING, DAY, SHAPE, {Dim.QUEUE: "tax"}, params)
    assert (len(opened.part), len(opened.whole)) == (opened.figure.part, opened.figure.whole)
    assert opened.whole == ("c2", "c3", "c4", "c5", "c6", "c7", "c12")


# -- what is the contract's --------------------------------------------------------------------


def test_another_contract_changes_the_past(cells: Cells) -> None:
    sums = cells.sums(DAY)
    usual = Contract()
    assert usual.headline()[:2] == ("answer_rate_a", "sl_offered")
    strict = Contract(answer_rate="answer_rate_c", service_level="sl_answered", threshold_s=10.0,
                      short_abandon_s=12.0, from_answer=True)  # fmt: skip
    assert figure(usual.answer_rate, sums, usual.params()).value == 6 / 11
    assert figure(strict.answer_rate, sums, strict.params()).value == 6 / 7
    found = figure(strict.service_level, sums, strict.params())
    assert (found.key, found.part, found.whole) == ("sl_answered_10s_from_answer", 1, 6)


def test_thresholds_are_the_queues_own() -> None:
    queues = [QueuePlan(QueueId("board"), "代表", "Board", sl_threshold_s=7.5)]
    assert Contract().params(Dim.QUEUE, "board", queues).threshold_ms == 7_500
    assert Contract().params(Dim.QUEUE, "tax", queues).threshold_ms == 20_000


def test_both_target_columns(cells: Cells) -> None:
    hours = cells.series(intervals(DAY, Grain.HOUR, JST))
    targets = {
        target.key: target
        for target in (
            Target("answer_rate_a", 0.5, 0.6),
            Target("worst_hour.answer_rate_a", 0.4, 0.5),
            Target("sl_offered_20s", 0.41, 0.42),
            Target("sl_offered_10s", 0.1, 0.2),
            Target("abandonment_in_hours", 0.3, 0.2, at_least=False),
        )
    }
    contract = Contract(targets=targets)
    found = {one.target.key: one for one in
             standings(contract, cells.sums(DAY), contract.params(), hours)}  # fmt: skip
    assert {key: (one.met, one.kept) for key, one in found.items()} == {
        "answer_rate_a": (True, False),
        "worst_hour.answer_rate_a": (True, False),
        "sl_offered_20s": (False, False),
        "abandonment_in_hours": (True, False),
    }
    assert found["worst_hour.answer_rate_a"].hour == 10
    empty = standing(contract, "worst_hour.answer_rate_a", Cells().sums(DAY), contract.params())
    assert empty is not None
    assert (empty.met, empty.figure.value) == (None, None)
    assert standing(contract, "satisfaction", cells.sums(DAY), contract.params()) is None


def test_the_morning_uses_every_measure_of_the_rows() -> None:
    marks = test_the_day_of_the_centre.pytestmark  # type: ignore[attr-defined]
    rows = next(mark for mark in marks if mark.name == "parametrize").args[1]
    used = {row[0].split("_from_answer")[0].removesuffix("_20s") for row in rows}
    of_others = {"occupancy_of_paid", "adherence", "shrinkage", "availability"}
    assert set(MEASURES) - used == of_others
