"""AMI framing: any chunking gives the same messages; nothing unsafe leaves; sizes are bounded."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.adapters.asterisk.codec import (
    MAX_HEADERS,
    MAX_LINE_BYTES,
    Action,
    Decoder,
    Message,
    encode,
)
from acd.errors import ActionFailed, LimitExceeded

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
STREAM = (
    BANNER
    + (
        "Response: Success\r\nActionID: m1\r\nMessage: Authentication accepted\r\n\r\n"
        "Event: BridgeEnter\r\nCallerIDName: 山田太郎 🍀\r\nUniqueid: 1.2\r\n\r\n"
        "Event: Status\r\nVariable: A=1\r\nVariable: B=\r\nEmpty: \r\nUniqueid: 9.9\r\n\r\n"
    ).encode()
)


def shown(messages: list[Message]) -> list[list[tuple[str, str]]]:
    return [message.headers() for message in messages]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_chunking_gives_the_same_messages(cuts: list[int]) -> None:
    decoder = Decoder()
    edges = [0, *sorted(cuts), len(STREAM)]
    messages = [
        message
        for start, end in itertools.pairwise(edges)
        for message in decoder.feed(STREAM[start:end])
    ]
    assert shown(messages) == shown(Decoder().feed(STREAM))
    assert decoder.banner == "Asterisk Call Manager/11.0.0"


def test_a_name_cut_in_the_middle_of_a_character_stays_whole() -> None:
    decoder = Decoder()
    at = STREAM.index("田".encode()) + 1
    messages = decoder.feed(STREAM[:at]) + decoder.feed(STREAM[at:])
    assert messages[1].get("CallerIDName") == "山田太郎 🍀"


def test_headers_that_repeat_are_kept_in_order() -> None:
    message = Decoder().feed(STREAM)[2]
    assert message.event == "Status"
    assert message.all("Variable") == ["A=1", "B="]
    assert message.get("Empty", "absent") == ""
    assert message.get("Nothing", "absent") == "absent"


def test_a_header_is_found_by_its_whole_name_only() -> None:
    message = Message("Event: X\r\nDestUniqueid: wrong\r\nUniqueid: right\r\nNote: Uniqueid: no")
    assert message.get("Uniqueid") == "right"


def test_bytes_that_are_no_utf8_do_not_stop_the_stream() -> None:
    messages = Decoder().feed(BANNER + b"Event: A\r\nName: \xff\xfe\r\n\r\nEvent: B\r\n\r\n")
    assert [message.event for message in messages] == ["A", "B"]


def test_a_message_without_an_end_is_refused() -> None:
    decoder = Decoder(max_message_bytes=1000)
    decoder.feed(BANNER)
    for _ in range(10):
        decoder.feed(b"x" * 99)
    with pytest.raises(LimitExceeded):
        decoder.feed(b"x" * 99)


def test_a_greeting_without_an_end_is_refused() -> None:
    decoder = Decoder(max_message_bytes=1000)
    for _ in range(12):
        decoder.feed(b"SSH-2.0-" * 10)
    with pytest.raises(LimitExceeded):
        decoder.feed(b"SSH-2.0-" * 10)


def test_an_action_is_written_as_lines() -> None:
    data = encode(Action("Setvar", (("Variable", "A"), ("Value", "山"))), "m7")
    expected = "Action: Setvar\r\nActionID: m7\r\nVariable: A\r\nValue: 山\r\n\r\n"
    assert data == expected.encode()


@given(st.text(), st.sampled_from(["\r", "\n", "\r\n", "\0"]), st.text())
def test_a_line_break_in_any_value_is_refused_and_not_repeated(
    before: str, mark: str, after: str
) -> None:
    action = Action("Originate", (("CallerID", before + mark + after), ("Async", "true")))
    with pytest.raises(ActionFailed) as refused:
        encode(action, "m1")
    assert refused.value.code == "unsafe_value"
    assert "CallerID" in refused.value.message
    secret = before.strip()
    assert len(secret) < 8 or secret not in refused.value.message


@pytest.mark.parametrize(
    "action",
    [
        Action("Ping\r\nAction: Command"),
        Action("Ping", (("Variable\r\nAction", "x"),)),
    ],
)
def test_a_line_break_in_a_name_is_refused(action: Action) -> None:
    with pytest.raises(ActionFailed):
        encode(action, "m1")


@pytest.mark.parametrize("value", ["x" * MAX_LINE_BYTES, "山" * (MAX_LINE_BYTES // 3)])
def test_a_line_longer_than_the_switch_takes_is_refused(value: str) -> None:
    with pytest.raises(LimitExceeded) as refused:
        encode(Action("Setvar", (("Value", value),)), "m1")
    assert value not in refused.value.message


def test_the_longest_line_passes() -> None:
    value = "x" * (MAX_LINE_BYTES - len("Value: "))
    assert value.encode() in encode(Action("Setvar", (("Value", value), ("B", "2"))), "m1")


def test_too_many_headers_are_refused() -> None:
    with pytest.raises(LimitExceeded):
        encode(Action("Setvar", (("Variable", "A=1"),) * MAX_HEADERS), "m1")


def test_what_a_message_is_shown_as_in_logs_holds_no_values() -> None:
    message = Message("Event: Hangup\r\nCallerIDNum: 0312345678")
    assert "0312345678" not in repr(message)
