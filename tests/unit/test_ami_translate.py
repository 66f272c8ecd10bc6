"""Manager events → core inputs: scenario tables as recorded from a real switch (ids shortened).

A table in ``tests/scenarios/ami`` is a list of events, one a line, each followed by the inputs that
it must give (``->``) and nothing else; other lines do or ask what telephony does or asks.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.adapters.asterisk.codec import Message
from acd.adapters.asterisk.genuine import is_genuine
from acd.adapters.asterisk.translate import REQUIRED_EVENTS, Translator
from acd.core.ids import CallId, OfferId
from acd.core.inputs import (
    CallConnected,
    Caller,
    CallerHungUp,
    CallerKind,
    Input,
    LegEnded,
    OfferAnswered,
    OfferFailed,
)
from acd.ports import ChannelSeen
from tests.fakes.ami_events import from_line

TABLES = sorted((Path(__file__).parents[1] / "scenarios" / "ami").glob("*.txt"))


def message(line: str) -> Message:
    made = Message(from_line(line))
    assert is_genuine(made)
    return made


def shown(happened: Input) -> str:
    values = [getattr(happened, name) for name in happened.__struct_fields__]
    words = [str(value.value if isinstance(value, Enum) else value) for value in values]
    return " ".join([type(happened).__name__, *words])


class Play:
    """Plays a table and writes down what really happens, in the table's own form."""

    def __init__(self) -> None:
        self.translator = Translator()

    def play(self, line: str) -> tuple[str, list[Input]]:
        word, *rest = line.split(" ")
        first = rest[0] if rest else ""
        match word:
            case "expect":
                self.translator.expect(OfferId(first), CallId(rest[1]))
            case "give_up":
                self.translator.give_up(OfferId(first))
            case "moved":
                self.translator.moved(CallId(first))
            case "settle":
                return line, self.translator.settle(OfferId(first))
            case "held":
                held = self.translator.is_held(CallId(first))
                return f"held {first} {'yes' if held else 'no'}", []
            case "hung_up":
                gone = self.translator.was_hung_up(CallId(first))
                return f"hung_up {first} {'yes' if gone else 'no'}", []
            case _:
                assert word in REQUIRED_EVENTS
                return line, self.translator.feed(message(line))
        return line, []


def played(lines: list[str]) -> list[str]:
    play, out = Play(), []
    for line in lines:
        if line.startswith("  ->"):
            continue
        said, inputs = play.play(line)
        out += [said, *(f"  -> {shown(one)}" for one in inputs)]
    return out


@pytest.mark.parametrize("table", TABLES, ids=lambda path: str(path.stem))
def test_scenario(table: Path) -> None:
    text = table.read_text(encoding="utf-8").splitlines()
    lines = [line for line in text if not line.startswith("#")]
    assert played(lines) == lines


ANSWERED = [
    line
    for line in (TABLES[0].parent / "answered_caller_ends.txt").read_text("utf-8").splitlines()
    if not line.startswith(("#", "  ->", "expect"))
]


@given(st.lists(st.sampled_from(ANSWERED), max_size=30))
def test_events_in_any_order_and_number_give_each_input_at_most_once(lines: list[str]) -> None:
    translator = Translator()
    translator.expect(OfferId("o000000000001"), CallId("1700000000.5"))
    told = [one for line in lines for one in translator.feed(message(line))]
    for kind in (OfferAnswered, CallConnected, CallerHungUp):
        assert sum(isinstance(one, kind) for one in told) <= 1
    assert sum(isinstance(one, LegEnded | OfferFailed) for one in told) <= 1
    ends = [place for place, one in enumerate(told) if isinstance(one, LegEnded | OfferFailed)]
    starts = [place for place, one in enumerate(told) if isinstance(one, CallConnected)]
    assert not ends or not starts or starts[0] < ends[0]


def seen(unique_id: str, *, held: bool = False, bridge: str = "", offer: str = "") -> ChannelSeen:
    return ChannelSeen(
        channel=f"PJSIP/x-{unique_id}",
        unique_id=unique_id,
        call=None if offer else CallId(unique_id),
        offer=OfferId(offer) if offer else None,
        answered=True,
        held=held,
        bridge=bridge,
        age_s=1.0,
        where="hold",
        caller=Caller(CallerKind.NUMBER, "0312345678"),
    )


def test_after_a_sweep_talks_and_waiting_go_on() -> None:
    translator = Translator()
    translator.adopt(
        [
            seen("1700000000.1", held=True, bridge="w1"),
            seen("1700000000.2", bridge="t1"),
            seen("mdg-o000000000002", bridge="t1", offer="o000000000002"),
        ]
    )
    assert translator.is_held(CallId("1700000000.1"))
    assert not translator.is_held(CallId("1700000000.2"))
    assert translator.number_of(CallId("1700000000.1")) == "0312345678"
    told = [
        shown(one)
        for line in (
            "BridgeEnter | Uniqueid: mdg-o000000000002 | BridgeUniqueid: t1",
            "HangupRequest | Uniqueid: 1700000000.2",
            "Hangup | Uniqueid: mdg-o000000000002 | Cause: 16",
        )
        for one in translator.feed(message(line))
    ]
    assert told == ["LegEnded o000000000002 caller"]


def test_a_withheld_number_is_not_shown_even_if_one_slips_in() -> None:
    translator = Translator()
    for name, number, expected in (
        ("Anonymous", "0312345678", ""),
        ("<unknown>", "<unknown>", ""),
        ("", "0312345678", "0312345678"),
        ("", "0312; evil", ""),
    ):
        translator.feed(
            message(
                "BridgeEnter | Uniqueid: 1.1 | BridgeUniqueid: w | BridgeTechnology: holding_bridge"
                f" | CallerIDNum: {number} | CallerIDName: {name}"
            )
        )
        assert translator.number_of(CallId("1.1")) == expected


@pytest.mark.parametrize("linked", ["mdg-o000000000001", "1700000000.1"])
def test_who_is_called_from_here_is_no_caller(linked: str) -> None:
    """By an operator who calls outside, or by a caller who is sent on through a trunk."""
    picture = Translator()
    picture.expect(OfferId("o000000000001"), None)
    leg = "BridgeEnter | Uniqueid: mdg-o000000000001 | BridgeUniqueid: b1"
    assert picture.feed(message(leg)) == []
    callee = f"Uniqueid: 1700000000.9 | Linkedid: {linked}"
    told = picture.feed(message(f"BridgeEnter | {callee} | BridgeUniqueid: b1"))
    assert CallConnected(OfferId("o000000000001")) in told
    assert picture.feed(message(f"Hangup | {callee} | Context: from-trunk")) == []
    assert not picture.was_hung_up(CallId("1700000000.1"))


def test_the_memory_of_what_is_over_is_bounded() -> None:
    translator = Translator(remembered=10)
    for number in range(100):
        translator.feed(message(f"Hangup | Uniqueid: 1.{number} | Linkedid: 1.{number}"))
    assert not translator.was_hung_up(CallId("1.0"))
    assert translator.was_hung_up(CallId("1.99"))


@given(st.text(max_size=200))
def test_no_text_breaks_the_translator(text: str) -> None:
    translator = Translator()
    for kind in REQUIRED_EVENTS:
        translator.feed(Message(f"Event: {kind}\r\nUniqueid: mdg-x\r\n{text}"))
        translator.feed(Message(f"Event: {kind}\r\nUniqueid: {text}\r\nCause: {text}"))
