"""The balance finds each kind of difference between the ledger and SIPp's notes."""

from __future__ import annotations

import msgspec
import pytest

from acd.core.cdr_types import CallRecord, LegRecord, Source
from acd.core.events import CallOutcome, OfferResult
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId, VisitId
from acd.core.inputs import CallerKind
from sim.load.balance import Balance, Known, compare
from sim.load.counts import Fact

KNOWN = {"1": Known("0466000001"), "2": Known("0466000002"), "3": Known("")}
CALLERS = [
    Fact("call", "1", "dialled", 100.0),
    Fact("call", "1", "up", 100.1),
    Fact("call", "2", "dialled", 101.0),
    Fact("call", "2", "up", 101.1),
    Fact("call", "3", "dialled", 102.0),
    Fact("call", "3", "up", 102.1),
    Fact("call", "2", "hung_up", 105.0),
    Fact("call", "1", "was_hung_up", 110.0),
    Fact("call", "3", "was_hung_up", 120.0),
]
PHONES = [
    Fact("phone", "op01", "rang", 103.0),
    Fact("phone", "op02", "rang", 103.5),
    Fact("phone", "op01", "answered", 104.0),
    Fact("phone", "op02", "cancelled", 107.5),
    Fact("phone", "op03", "rang", 107.6),
    Fact("phone", "op03", "answered", 108.0),
    Fact("phone", "op01", "hung_up", 109.9),
    Fact("phone", "op03", "hung_up", 119.9),
]


def call(
    n: int, number: str, offered_s: float, closed_s: float, outcome: CallOutcome
) -> CallRecord:
    return CallRecord(
        call=CallId(f"c{n}"),
        switch=SwitchId("a"),
        trunk="carrier",
        dialled="0466001111",
        caller_kind=CallerKind.NUMBER if number else CallerKind.WITHHELD,
        caller_number=number,
        listed=True,
        adopted=False,
        source=Source.CONTROLLER,
        offered_ms=round(offered_s * 1000),
        closed_ms=round(closed_s * 1000),
        outcome=outcome,
        cause=16,
    )


def leg(
    n: int, agent: str, offered_s: float, ring_s: float, result: OfferResult | None
) -> LegRecord:
    return LegRecord(
        call=CallId("c1"),
        offer=OfferId(f"o{n}"),
        visit=VisitId("v1"),
        queue=QueueId("tax"),
        agent=AgentId(agent),
        offered_ms=round(offered_s * 1000),
        ring_ms=round(ring_s * 1000),
        result=result,
    )


CALLS = [
    call(1, "0466000001", 100.02, 110.01, CallOutcome.ANSWERED),
    call(2, "0466000002", 101.02, 105.01, CallOutcome.ABANDONED),
    call(3, "", 102.02, 120.01, CallOutcome.ANSWERED),
]
LEGS = [
    leg(1, "op01", 102.99, 1.02, None),
    leg(2, "op02", 103.49, 4.0, OfferResult.NO_ANSWER),
    leg(3, "op03", 107.59, 0.5, None),
    leg(4, "op12", 103.0, 0.01, OfferResult.UNREACHABLE),
]


def balance(
    calls: list[CallRecord] | None = None,
    legs: list[LegRecord] | None = None,
    callers: list[Fact] | None = None,
    phones: list[Fact] | None = None,
) -> Balance:
    return compare(callers or CALLERS, KNOWN, phones or PHONES, calls or CALLS, legs or LEGS)


def test_what_agrees_balances() -> None:
    found = balance()
    assert found.differences == []
    assert found.balances
    assert {line.name: line.ledger for line in found.lines} == {
        "calls": 3,
        "calls ended": 3,
        "refused by the switch": 0,
        "talks": 2,
        "withheld numbers": 1,
        "rings": 3,
    }


def test_a_call_missing_in_the_ledger() -> None:
    assert balance(calls=CALLS[1:]).differences == ["caller 1: dialled, not in the ledger"]


def test_a_call_that_nobody_made() -> None:
    extra = call(9, "0466999999", 103.0, 104.0, CallOutcome.ABANDONED)
    assert balance(calls=[*CALLS, extra]).differences == [
        "call c9: in the ledger, dialled by nobody"
    ]


def test_a_call_twice_in_the_ledger() -> None:
    assert not balance(calls=[*CALLS, CALLS[0]]).balances


def test_a_withheld_call_missing() -> None:
    assert not balance(calls=CALLS[:2]).balances


def test_an_abandoned_call_that_stayed_to_the_end() -> None:
    wrong = msgspec.structs.replace(CALLS[0], outcome=CallOutcome.ABANDONED)
    assert "stayed to the end" in balance(calls=[wrong, *CALLS[1:]]).differences[0]


@pytest.mark.parametrize("field", ["offered_ms", "closed_ms"])
def test_another_time(field: str) -> None:
    wrong = msgspec.structs.replace(CALLS[0], **{field: getattr(CALLS[0], field) + 4000})
    assert "another time" in balance(calls=[wrong, *CALLS[1:]]).differences[0]


def test_a_caller_who_never_ended() -> None:
    assert any("never ended" in text for text in balance(callers=CALLERS[:-1]).differences)


def test_a_talk_in_the_ledger_that_the_phone_did_not_have() -> None:
    wrong = [msgspec.structs.replace(LEGS[1], result=None), LEGS[0], *LEGS[2:]]
    assert balance(legs=wrong).differences == [
        "offer o2: the ledger says talk, the phone cancelled"
    ]


def test_a_ring_without_an_offer() -> None:
    assert balance(legs=[*LEGS[:2], LEGS[3]]).differences == ["phone op03: rang without an offer"]


def test_an_answer_in_vain_is_no_talk() -> None:
    phones = [*PHONES[:3], Fact("phone", "op02", "answered", 104.0), *PHONES[3:]]
    phones = [
        Fact(fact.kind, fact.who, "was_hung_up", fact.at_s) if fact.what == "cancelled" else fact
        for fact in phones
    ]
    legs = [LEGS[0], msgspec.structs.replace(LEGS[1], result=OfferResult.CALLER_GONE), *LEGS[2:]]
    assert balance(phones=phones, legs=legs).balances


def test_an_offer_taken_back_before_the_ring_leaves_the_next_offers_ring_alone() -> None:
    for before_s in (0.0, 0.1):
        gone = leg(5, "op01", 102.99 - before_s, before_s / 2, OfferResult.CALLER_GONE)
        assert balance(legs=[gone, *LEGS]).balances


@pytest.mark.parametrize(
    ("result", "saw", "balances"),
    [
        (OfferResult.BUSY, "refused", True),
        (OfferResult.CALLER_GONE, "refused", True),
        (OfferResult.CALLER_GONE, "cancelled", True),
        (OfferResult.CALLER_GONE, "rang", False),
        (OfferResult.BUSY, "cancelled", False),
        (OfferResult.UNREACHABLE, "rang", False),
        (OfferResult.NO_ANSWER, "refused", False),
    ],
)
def test_what_a_phone_may_have_seen_of_an_offer_that_led_to_no_talk(
    result: OfferResult, saw: str, balances: bool
) -> None:
    phones = [
        Fact(fact.kind, fact.who, saw, fact.at_s) if fact.what == "cancelled" else fact
        for fact in PHONES
    ]
    legs = [LEGS[0], msgspec.structs.replace(LEGS[1], result=result), *LEGS[2:]]
    assert balance(phones=phones, legs=legs).balances is balances


def test_a_caller_who_hung_up_before_the_first_word_is_known_by_the_moment_alone() -> None:
    callers = [*CALLERS, Fact("call", "4", "dialled", 130.0), Fact("call", "4", "hung_up", 130.4)]
    unmet = msgspec.structs.replace(
        call(4, "", 130.4, 130.41, CallOutcome.LEFT_IN_MENU),
        caller_kind=CallerKind.UNAVAILABLE,
        dialled="",
    )
    known = {**KNOWN, "4": Known("0466000004")}
    assert compare(callers, known, PHONES, [*CALLS, unmet], LEGS).balances
    late = msgspec.structs.replace(unmet, closed_ms=unmet.closed_ms + 1000)
    assert compare(callers, known, PHONES, [*CALLS, late], LEGS).differences == [
        "call c4: in the ledger, hung up by nobody",
        "caller 4: dialled, not in the ledger",
    ]
