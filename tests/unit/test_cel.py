"""Asterisk's record read as calls, and held against the ledger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from acd.adapters.asterisk.cel import CelRecord, read_cel
from acd.app.ledger_check import STATIC_QUEUE, SwitchCall, compare_with_switch, taken_over
from acd.core.cdr_types import CallRecord, LegRecord, Source
from acd.core.events import CallOutcome
from acd.core.ids import CallId, OfferId, SwitchId
from acd.errors import NotFound
from tests.call_stories import T0_S, abandoned_call, answered_call, call_id
from tests.unit.test_cdr import calls, legs, rows_of_steps

CALLER, LEG = "PJSIP/carrier-00000001", "PJSIP/op01-00000002"


def line(event: str, at_s: float, unique: str, channel: str, context: str, **extra: object) -> str:
    text = json.dumps(extra, separators=(",", ":")) if extra else ""
    fields = (event, f"{T0_S + at_s:.6f}", unique, unique, channel, context, text)
    return ",".join('"' + field.replace('"', '""') + '"' for field in fields)


def bridge(name: str, *, holding: bool = False) -> dict[str, object]:
    tech = "holding_bridge" if holding else "simple_bridge"
    return {"bridge_id": name, "bridge_technology": tech}


def answered(number: int = 1, *, wait_s: float = 3.0, talk_s: float = 120.0) -> list[str]:
    """The same call as ``answered_call`` tells, as Asterisk writes it."""
    call, leg = call_id(number), f"mdg-o{number:012d}"
    up, end = 5 + wait_s, 5 + wait_s + talk_s
    talk = bridge(f"talk-{number}")
    return [
        line("CHAN_START", 0, call, CALLER, "from-trunk"),
        line("ANSWER", 0.01, call, CALLER, "arrived"),
        line("BRIDGE_ENTER", 5, call, CALLER, "hold", **bridge("wait", holding=True)),
        line("CHAN_START", 5, leg, LEG, "from-operator"),
        line("BRIDGE_EXIT", up, call, CALLER, "hold", **bridge("wait", holding=True)),
        line("BRIDGE_ENTER", up, call, CALLER, "hold", **talk),
        line("BRIDGE_ENTER", up, leg, LEG, "operator", **talk),
        line("BRIDGE_EXIT", end, call, CALLER, "hold", **talk),
        line("BRIDGE_EXIT", end, leg, LEG, "operator", **talk),
        line("HANGUP", end, leg, LEG, "operator", hangupcause=16),
        line("HANGUP", end, call, CALLER, "hold", hangupcause=16),
    ]


def abandoned(number: int, *, wait_s: float = 30.0) -> list[str]:
    call = call_id(number)
    return [
        line("CHAN_START", 0, call, CALLER, "from-trunk"),
        line("HANGUP", 5 + wait_s, call, CALLER, "hold", hangupcause=16),
    ]


def by_fallback(number: int) -> list[str]:
    """No controller: 4 s of ringing, 60 s with a member of the static queue."""
    call, member, talk = call_id(number), f"1800000000.9{number}", bridge(f"queue-{number}")
    return [
        line("CHAN_START", 0, call, CALLER, "from-trunk"),
        line("FALLBACK", 0.1, call, CALLER, "fallback", extra="0466001111"),
        line("BRIDGE_ENTER", 4, call, CALLER, "fallback", **talk),
        line("BRIDGE_ENTER", 4, member, "PJSIP/op02-00000009", "from-operator", **talk),
        line("BRIDGE_EXIT", 64, call, CALLER, "fallback", **talk),
        line("BRIDGE_EXIT", 64, member, "PJSIP/op02-00000009", "from-operator", **talk),
        line("HANGUP", 65, call, CALLER, "fallback", hangupcause=16),
    ]


def record(tmp_path: Path, *parts: list[str]) -> CelRecord:
    path = tmp_path / "cel.csv"
    path.write_text("\n".join(text for part in parts for text in part) + "\n", "utf-8")
    return read_cel([path])


def test_what_goes_out_through_a_trunk_is_no_call(tmp_path: Path) -> None:
    dialled = line("CHAN_START", 1, "1.9", CALLER, "from-trunk").replace(
        '"1.9","1.9"', '"1.9","1.1"'
    )
    rung = line("CHAN_START", 2, "mdg-o000000000009", CALLER, "from-trunk")
    record = tmp_path / "cel.csv"
    record.write_text("\n".join([*answered(), dialled, rung]) + "\n", encoding="utf-8")
    assert list(read_cel([record]).calls) == [call_id(1)]


def test_calls_and_talks(tmp_path: Path) -> None:
    found = record(tmp_path, answered(1), abandoned(2), by_fallback(3))
    first, second, third = found.calls.values()
    start_ms = round(T0_S * 1000)
    assert (first.trunk, first.started_ms, first.ended_ms) == (
        "carrier", start_ms, start_ms + 128_000,
    )  # fmt: skip
    [talk] = first.talks
    assert (talk.offer, talk.from_ms, talk.to_ms, talk.fallback) == (
        "o000000000001", start_ms + 8_000, start_ms + 128_000, False,
    )  # fmt: skip
    assert second.talks == []
    assert [(talk.offer, talk.fallback) for talk in third.talks] == [("", True)]
    assert found.unreadable == 0


def test_waiting_together_is_no_talk(tmp_path: Path) -> None:
    hall = bridge("hall", holding=True)
    lines = [
        line("CHAN_START", 0, call_id(1), CALLER, "from-trunk"),
        line("CHAN_START", 0, call_id(2), CALLER, "from-trunk"),
        line("BRIDGE_ENTER", 1, call_id(1), CALLER, "hold", **hall),
        line("BRIDGE_ENTER", 1, call_id(2), CALLER, "hold", **hall),
    ]
    found = record(tmp_path, lines)
    assert [call.talks for call in found.calls.values()] == [[], []]
    assert [call.ended_ms for call in found.calls.values()] == [None, None]


@pytest.mark.requirement("M25")
@given(junk=st.lists(st.text(max_size=80), max_size=20))
def test_hostile_lines_are_counted_and_left_out(
    junk: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("cel") / "cel.csv"
    path.write_text("\n".join([*junk, ""]), "utf-8", errors="replace")
    assert read_cel([path]).calls == {}


@pytest.mark.parametrize(
    "bad",
    [
        '"CHAN_START","not a time","1.1","1.1","PJSIP/x-1","from-trunk",""',
        '"CHAN_START","nan","1.1","1.1","PJSIP/x-1","from-trunk",""',
        '"CHAN_START","1e400","1.1","1.1","PJSIP/x-1","from-trunk",""',
        '"BRIDGE_ENTER","1.0","1.1","1.1","PJSIP/x-1","hold","{""bridge_id"":7}"',
        '"HANGUP","1.0","1.1"',
        '"HANGUP","1.0","1.1","1.1","PJSIP/x-1","hold","' + "x" * 20_000 + '"',
    ],
)
def test_a_line_that_is_wrong_costs_only_itself(tmp_path: Path, bad: str) -> None:
    found = record(tmp_path, [bad], abandoned(2))
    assert list(found.calls) == [call_id(2)]
    assert found.unreadable == 1


def test_no_record_is_an_error_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_cel([tmp_path / "missing.csv"])


# -- against the ledger ------------------------------------------------------------------------


def ledger(*numbers: int) -> tuple[list[CallRecord], list[LegRecord]]:
    rows = [row for number in numbers for row in rows_of_steps(answered_call(number))]
    return calls(rows), legs(rows)


def seen(tmp_path: Path, *parts: list[str]) -> dict[CallId, SwitchCall]:
    return record(tmp_path, *parts).calls


def test_both_say_the_same(tmp_path: Path) -> None:
    ours, our_legs = ledger(1, 2)
    found = compare_with_switch(seen(tmp_path, answered(1), answered(2)), ours, our_legs, set())
    assert found.none
    assert found.compared == 2


def test_each_kind_of_difference_is_named(tmp_path: Path) -> None:
    ours, our_legs = ledger(1, 2, 3)
    switch = seen(tmp_path, answered(1, talk_s=60), answered(2), answered(4))
    found = compare_with_switch(switch, ours, our_legs, set())
    assert found.only_switch == [call_id(4)]
    assert found.only_ledger == [call_id(3)]
    assert found.talk_length == [OfferId("o000000000001")]
    assert found.moments == [call_id(1)]
    assert not found.none
    without_leg = compare_with_switch(switch, ours, our_legs[:1], set())
    assert without_leg.talk_not_in_ledger == [OfferId("o000000000002")]
    no_talk = seen(tmp_path, answered(1), abandoned(2, wait_s=123))
    unseen = compare_with_switch(no_talk, ours[:2], our_legs[:2], set())
    assert unseen.talk_not_in_switch == [OfferId("o000000000002")]


def test_a_controller_that_learned_late_of_the_end_is_no_difference(tmp_path: Path) -> None:
    ours, our_legs = ledger(1)
    found = compare_with_switch(seen(tmp_path, answered(1, talk_s=110)), ours, our_legs, set())
    assert found.none
    assert (found.talk_length, found.moments) == ([OfferId("o000000000001")], [call_id(1)])


def test_a_caller_gone_in_the_moment_of_the_answer_is_no_difference(tmp_path: Path) -> None:
    ours = calls(rows_of_steps(abandoned_call(1, wait_s=3.2)))
    switch = seen(tmp_path, answered(1, talk_s=0.2))
    assert [len(call.talks) for call in switch.values()] == [1]
    assert compare_with_switch(switch, ours, [], set()).none


def test_a_talk_that_began_and_ended_without_a_controller_is_taken_over(tmp_path: Path) -> None:
    [ours] = calls(rows_of_steps(abandoned_call(1, wait_s=130)))
    switch = seen(tmp_path, answered(1))
    found = compare_with_switch(switch, [ours], [], set())
    assert (found.answered_unseen, found.talk_not_in_ledger) == ([call_id(1)], [])
    row = taken_over(switch[call_id(1)], SwitchId("a"), ours)
    assert (row.outcome, row.talk_ms) == (CallOutcome.ANSWERED, 120_000)
    assert compare_with_switch(switch, [row], [], set()).none


def test_calls_in_progress_and_from_before_the_record_are_no_difference(tmp_path: Path) -> None:
    ours, our_legs = ledger(1)
    early = replace(ours[0], call=CallId("old"), offered_ms=ours[0].offered_ms - 3_600_000)
    switch = seen(tmp_path, answered(1), answered(2))
    found = compare_with_switch(switch, [*ours, early], our_legs, {call_id(2)})
    assert found.none


def test_a_call_that_only_the_fallback_served_is_taken_over(tmp_path: Path) -> None:
    switch = seen(tmp_path, by_fallback(3), abandoned(4))
    found = compare_with_switch(switch, [], [], set())
    assert found.only_switch == [call_id(3), call_id(4)]
    row = taken_over(switch[call_id(3)], SwitchId("a"), None)
    assert (row.source, row.outcome, row.legs) == (Source.SWITCH, CallOutcome.ANSWERED, 1)
    assert (row.wait_ms, row.talk_ms, row.after_ms) == (4_000, 60_000, 1_000)
    assert row.wait_ms + row.talk_ms + row.after_ms == row.closed_ms - row.offered_ms
    assert (row.dialled, row.detail) == ("0466001111", STATIC_QUEUE)
    gave_up = taken_over(switch[call_id(4)], SwitchId("a"), None)
    assert (gave_up.outcome, gave_up.wait_ms) == (CallOutcome.ABANDONED, 35_000)
    assert (gave_up.dialled, gave_up.detail) == ("", "")
    assert compare_with_switch(switch, [row, gave_up], [], set()).none


@pytest.mark.parametrize("said", ["", "x", "1" * 41, "=1+1", "0466 001111"])
def test_what_is_no_number_is_not_taken_for_one(tmp_path: Path, said: str) -> None:
    lines = by_fallback(3)
    lines[1] = line("FALLBACK", 0.1, call_id(3), CALLER, "fallback", extra=said)
    assert seen(tmp_path, lines)[call_id(3)].dialled == ""


def test_a_call_that_we_lost_to_the_fallback_is_set_right(tmp_path: Path) -> None:
    [ours] = calls(rows_of_steps(abandoned_call(3, wait_s=60)))
    switch = seen(tmp_path, by_fallback(3))
    found = compare_with_switch(switch, [ours], [], set())
    assert found.answered_unseen == [call_id(3)]
    row = taken_over(switch[call_id(3)], SwitchId("a"), ours)
    assert (row.outcome, row.caller_number, row.dialled) == (
        CallOutcome.ANSWERED, ours.caller_number, ours.dialled,
    )  # fmt: skip
    assert compare_with_switch(switch, [row], [], set()).none
