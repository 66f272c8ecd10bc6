"""The judge of a chaos run: what callers saw against the ledger, case by case."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from acd.core.cdr_types import CallRecord, LegRecord, Source
from acd.core.events import CallOutcome
from acd.core.ids import AgentId, CallId, OfferId, Personal, QueueId, SwitchId, VisitId
from acd.core.inputs import CallerKind
from sim.load.counts import Fact
from tools.chaos.judge import Death, Verdict, judge
from tools.chaos.load import Arriving, Caller, Ring, number, shared, stories

T0_S = 1_000_000.0


def caller(end: str = "was_hung_up", talk: tuple[float, float] | None = (2.0, 6.0)) -> Caller:
    """Caller 1: met at once, a talk from second 2 to 6, the end at 7."""
    rings = []
    if talk is not None:
        rings = [Ring("op1", number(1), T0_S + 1, T0_S + talk[0], T0_S + talk[1])]
    return Caller(1, T0_S, T0_S + 0.1, end, T0_S + 7.0, rings, "a")


def row(outcome: CallOutcome = CallOutcome.ANSWERED) -> CallRecord:
    return CallRecord(
        CallId("1"),
        SwitchId("a"),
        "carrier",
        "0466001111",
        CallerKind.NUMBER,
        Personal(number(1)),
        listed=True,
        adopted=False,
        source=Source.CONTROLLER,
        offered_ms=round(1000 * T0_S),
        closed_ms=round(1000 * T0_S) + 7_000,
        outcome=outcome,
        cause=16,
    )


def leg(agent: str = "op1") -> LegRecord:
    offer, queue = OfferId("o1"), QueueId("tax")
    return LegRecord(CallId("1"), offer, VisitId("v1"), queue, AgentId(agent), 0, 1_000)


def ms(at_s: float) -> int:
    """So many seconds after the begin, as the ledger has it."""
    return round(1000 * (T0_S + at_s))


def held(seen: Caller, *rows: CallRecord, legs: tuple[LegRecord, ...] = (leg(),)) -> Verdict:
    return judge([seen], rows, legs, [])


def test_both_sides_say_the_same() -> None:
    verdict = held(caller(), row())
    assert verdict.agrees
    assert (verdict.callers, verdict.talked) == (1, 1)
    verdict = held(caller("hung_up", None), row(CallOutcome.ABANDONED), legs=())
    assert verdict.agrees
    assert verdict.left == 1


@pytest.mark.parametrize(
    ("seen", "rows", "legs", "wrong"),
    [
        (caller(), (), (leg(),), "has 0 rows"),
        (caller(), (row(), row()), (leg(),), "has 2 rows"),
        (caller(), (row(CallOutcome.ABANDONED),), (leg(),), "ledger says abandoned"),
        (caller(), (row(CallOutcome.LOST),), (leg(),), "its switch never died"),
        (caller(), (row(),), (leg("op2"),), "talked with ['op1']"),
        (caller("hung_up", None), (row(),), (), "talked with nobody"),
        (caller("hung_up", None), (row(CallOutcome.BLOCKED),), (), "gave up"),
        (caller("was_hung_up", None), (row(CallOutcome.ABANDONED),), (), "without an operator"),
        (caller(""), (row(),), (leg(),), "never ended"),
    ],
)
def test_a_difference_is_found_and_tells_both_stories(
    seen: Caller, rows: tuple[CallRecord, ...], legs: tuple[LegRecord, ...], wrong: str
) -> None:
    [miss] = held(seen, *rows, legs=legs).misses
    assert wrong in miss.wrong
    assert "dialled at 1000000.00" in miss.caller_says
    assert miss.ledger_says == "no row" or "1000000.00" in miss.ledger_says


def test_a_row_that_nobody_dialled_is_a_difference() -> None:
    strange = msgspec.structs.replace(row(), caller_number=Personal("0466999999"))
    [miss] = held(caller(), row(), strange).misses
    assert miss.number == "0466999999"


def test_who_was_on_a_switch_when_it_died_is_named_and_is_no_difference() -> None:
    death = Death("a", T0_S + 3.0, T0_S + 5.0)
    verdict = judge([caller("hung_up", None)], [row(CallOutcome.LOST)], [], [death])
    assert verdict.agrees
    assert verdict.died == {number(1): "lost"}
    verdict = judge([caller()], [row(), row()], [leg()], [death])
    assert "several rows" in verdict.misses[0].wrong


def test_a_row_of_the_switchs_own_record_is_the_callers_who_came_and_left_then() -> None:
    taken = msgspec.structs.replace(row(), caller_number=Personal(""), source=Source.SWITCH)
    verdict = held(caller(), taken)
    assert verdict.agrees
    assert verdict.away == 1
    late = msgspec.structs.replace(taken, offered_ms=taken.offered_ms + 60_000)
    assert [miss.wrong for miss in held(caller(), late).misses] == [
        "in the ledger, dialled by nobody",
        "has 0 rows",
    ]


def test_rows_without_numbers_go_to_callers_so_that_all_moments_fit() -> None:
    """Callers are met at once when a switch is back, and one of them leaves at once: the nearest
    row in turn would take that caller's place."""
    taken = msgspec.structs.replace(row(), caller_number=Personal(""), source=Source.SWITCH)
    seen = [
        Caller(1, T0_S - 1.0, T0_S + 0.02, "was_hung_up", T0_S + 7.0, switch="a"),
        Caller(2, T0_S + 0.01, T0_S + 0.03, "hung_up", T0_S + 0.2, switch="a"),
    ]
    rows = [
        msgspec.structs.replace(taken, call=CallId(call), offered_ms=ms(from_s), closed_ms=ms(to_s))
        for call, from_s, to_s in (("long", 0.012, 7.0), ("short", 0.014, 0.2))
    ]
    rows[1] = msgspec.structs.replace(rows[1], outcome=CallOutcome.ABANDONED)
    seen[0].rings = [Ring("op1", number(1), T0_S + 1, T0_S + 2, T0_S + 7)]
    for order in (rows, rows[::-1]):
        assert judge(seen, order, [], []).misses == []
    assert [miss.number for miss in judge(seen, [*rows, rows[0]], [], []).misses] == ["-"]


def test_callers_are_shared_among_the_switches_and_each_has_a_number_of_its_own() -> None:
    found = shared({"a": "127.0.0.11:5060", "b": "127.0.0.12:5060"}, 11, 4.0)
    assert [(each.switch, each.first, each.calls, each.rate) for each in found] == [
        ("a", 1, 6, 2.0),
        ("b", 7, 5, 2.0),
    ]
    seen = stories([(found[1], [Fact("call", "2", "dialled", T0_S)])], [])
    assert [(each.row, each.switch) for each in seen] == [(8, "b")]


def test_a_ring_over_a_switch_that_was_gone_around_the_answer_says_nothing_of_the_caller() -> None:
    seen = caller("hung_up")
    gone = [Death("b", T0_S + 2.5, T0_S + 4.0), Death("b", T0_S + 2.5, T0_S + 4.0, True)]
    left = row(CallOutcome.ABANDONED)
    for death in gone:
        assert judge([seen], [left], [], [death], {"op1": "b"}).unclear == 1
        assert judge([seen], [left], [], [death], {"op1": "b"}).agrees
        # Its own switch rang, or the other one was gone at another time: the talk was one.
        assert not judge([seen], [left], [], [death], {"op1": "a"}).agrees
        later = replace(death, from_s=T0_S + 60.0, to_s=T0_S + 61.0)
        assert not judge([seen], [left], [], [later], {"op1": "b"}).agrees


def test_a_switch_that_stood_still_or_another_one_that_died_excuses_nobody() -> None:
    for death in (Death("a", T0_S + 3, T0_S + 5, True), Death("b", T0_S + 3, T0_S + 5)):
        verdict = judge([caller("hung_up", None)], [row(CallOutcome.LOST)], [], [death])
        assert not verdict.agrees
        assert verdict.died == {}


def test_a_call_is_recorded_at_the_switch_where_it_came() -> None:
    [miss] = held(caller(), msgspec.structs.replace(row(), switch=SwitchId("b"))).misses
    assert miss.wrong == "came to switch a, and the ledger says b"


def test_an_operator_who_comes_when_the_caller_has_just_hung_up_finds_nobody() -> None:
    """The farewell and the answer cross in a switch that has much to do."""
    seen = caller("hung_up", (7.2, 7.9))
    late = msgspec.structs.replace(row(), answered_ms=ms(7.5), closed_ms=ms(8.0))
    assert held(seen, late).agrees
    early = msgspec.structs.replace(late, answered_ms=ms(3.0))
    assert not held(seen, early).agrees
    assert not held(seen, msgspec.structs.replace(late, closed_ms=ms(30.0))).agrees
    assert not held(caller("was_hung_up", (7.2, 7.9)), late).agrees


def test_whose_row_it_is_the_answer_says_where_begin_and_end_do_not() -> None:
    taken = msgspec.structs.replace(row(), caller_number=Personal(""), source=Source.SWITCH)
    seen = [
        Caller(1, T0_S, T0_S + 0.1, "hung_up", T0_S + 7.0, switch="a"),
        Caller(2, T0_S, T0_S + 0.1, "hung_up", T0_S + 7.01, switch="a"),
    ]
    seen[1].rings = [Ring("op1", number(2), T0_S + 1, T0_S + 2, T0_S + 7)]
    rows = [
        msgspec.structs.replace(taken, call=CallId("1"), closed_ms=ms(7.0), answered_ms=ms(2.1)),
        msgspec.structs.replace(
            taken, call=CallId("2"), closed_ms=ms(7.01), outcome=CallOutcome.ABANDONED
        ),
    ]
    assert judge(seen, rows, [], []).misses == []
    # One answer too many can be given to nobody.
    assert len(judge(seen, [rows[0], rows[0]], [], []).misses) == 1


def test_stories_are_put_together_by_the_number_that_a_telephone_showed() -> None:
    callers = [Fact("call", "1", what, T0_S + n) for n, what in enumerate(("dialled", "up"))]
    phones = [
        Fact("op7", "3", "rang", T0_S + 1.0),
        Fact("shown", "3", number(1), T0_S + 1.0),
        Fact("op7", "3", "answered", T0_S + 2.0),
        Fact("op8", "4", "rang", T0_S + 1.0),
        Fact("op7", "3", "hung_up", T0_S + 4.0),
    ]
    [seen] = stories([(Arriving("a", "", 1, 1, 1.0), callers)], phones)
    assert (seen.dialled_s, seen.up_s, seen.end) == (T0_S, T0_S + 1.0, "")
    assert seen.rings == [Ring("op7", number(1), T0_S + 1.0, T0_S + 2.0, T0_S + 4.0)]


def test_a_telephone_that_lost_its_story_neither_proves_nor_denies_a_talk() -> None:
    seen = caller("was_hung_up", None)
    seen.rings = [Ring("op1", number(1), T0_S + 1)]
    verdict = held(seen, row())
    assert verdict.agrees
    assert verdict.unclear == 1
    assert not held(seen, row(CallOutcome.LOST)).agrees


def test_a_switch_that_stood_still_ends_a_call_later_than_the_caller() -> None:
    taken = msgspec.structs.replace(row(), caller_number=Personal(""), source=Source.SWITCH)
    late = msgspec.structs.replace(taken, closed_ms=taken.closed_ms + 5_000)
    assert held(caller(), late).agrees
    assert not held(caller(), msgspec.structs.replace(taken, closed_ms=10)).agrees
