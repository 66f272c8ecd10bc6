"""The AGI wire protocol: what is understood, in whatever pieces it comes, and what is refused."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.adapters.asterisk.agi_info import call_info, caller_of
from acd.adapters.asterisk.agi_protocol import (
    MAX_ANSWER_LINES,
    MAX_HEADERS,
    MAX_LINE_BYTES,
    AgiFault,
    AgiReader,
    Answer,
    Begun,
    HangupSeen,
    Seen,
    command,
)
from acd.core.ids import SwitchId
from acd.core.inputs import Caller, CallerKind
from acd.errors import LimitExceeded

HEADERS = {
    "agi_network": "yes",
    "agi_network_script": "ivr",
    "agi_request": "agi://127.0.0.1:4573/ivr",
    "agi_channel": "PJSIP/carrier-line-0000001f",
    "agi_uniqueid": "1795362024.31",
    "agi_callerid": "0466112233",
    "agi_calleridname": "",
    "agi_callingpres": "0",
    "agi_arg_1": "0466501111",
}


def begun(headers: dict[str, str] | None = None) -> bytes:
    lines = [f"{name}: {value}\n" for name, value in (headers or HEADERS).items()]
    return "".join(lines).encode() + b"\n"


def reader() -> AgiReader:
    """A reader past its headers."""
    made = AgiReader()
    assert made.feed(begun()) == [Begun(HEADERS)]
    return made


CONVERSATION = (
    begun()
    + b"200 result=1\n200 result=49 endpos=8000\n"
    + b"510 Invalid or unknown command\n520-Invalid command syntax.  Proper usage follows:\n"
    + b"Usage: STREAM FILE\n  more\n520 End of proper usage.\n200 result=1 (ja)\nHANGUP\n"
)
MEANING: list[Seen] = [
    Begun(HEADERS),
    Answer(200, 1),
    Answer(200, 49),
    Answer(510, -1),
    Answer(520, -1),
    Answer(200, 1, "ja"),
    HangupSeen(),
]


@given(st.lists(st.integers(0, len(CONVERSATION)), max_size=40))
def test_pieces_make_no_difference(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(CONVERSATION)]
    made = AgiReader()
    seen = [
        each
        for start, end in itertools.pairwise(edges)
        for each in made.feed(CONVERSATION[start:end])
    ]
    assert seen == MEANING


@given(st.binary(max_size=6000), st.booleans())
def test_whatever_comes_is_understood_or_refused_in_bounded_memory(
    data: bytes, after_headers: bool
) -> None:
    made = reader() if after_headers else AgiReader()
    with contextlib.suppress(AgiFault, LimitExceeded):
        for start in range(0, len(data), 97):
            made.feed(data[start : start + 97])
    assert len(made._rest) <= MAX_LINE_BYTES + 97


@pytest.mark.parametrize(
    "hostile",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"agi_channel: a\nagi_channel: b\n",
        b"not_agi: x\n",
        b"agi_" + b"x" * 50 + b": y\n",
        b"\x16\x03\x01\x02\x00\n",
    ],
)
def test_what_is_no_header_is_refused(hostile: bytes) -> None:
    with pytest.raises(AgiFault):
        AgiReader().feed(hostile)


@pytest.mark.parametrize("answer", [b"200 ok\n", b"yes\n", b"\n", b"2000 result=1\n", b"hangup\n"])
def test_what_is_no_answer_is_refused(answer: bytes) -> None:
    with pytest.raises(AgiFault):
        reader().feed(answer)


def test_limits_hold() -> None:
    with pytest.raises(LimitExceeded):
        AgiReader().feed(b"agi_x: " + b"y" * MAX_LINE_BYTES)
    with pytest.raises(LimitExceeded):
        AgiReader().feed(b"agi_x: " + b"y" * MAX_LINE_BYTES + b"\n")
    with pytest.raises(LimitExceeded):
        AgiReader().feed(b"".join(b"agi_%d: x\n" % n for n in range(MAX_HEADERS + 1)))
    with pytest.raises(LimitExceeded):
        reader().feed(b"520-Usage\n" + b"more\n" * (MAX_ANSWER_LINES + 1))


def test_an_empty_session_begins_with_no_headers() -> None:
    assert AgiReader().feed(b"\n") == [Begun({})]


def test_words_of_a_command_stay_words() -> None:
    assert command("STREAM", "FILE", "a/b", "") == b'STREAM FILE a/b ""\n'
    assert command("X", 'say "no"\\') == b'X "say \\"no\\"\\\\"\n'


@pytest.mark.parametrize("word", ["a\nb", "a\rb", "\x00", "\x7f", "a\tb"])
def test_a_command_is_one_line(word: str) -> None:
    with pytest.raises(AgiFault):
        command("SET", "VARIABLE", "MDG_NEXT", word)


def test_a_command_has_a_length() -> None:
    with pytest.raises(LimitExceeded):
        command("X", "y" * MAX_LINE_BYTES)


def test_headers_tell_the_call() -> None:
    info = call_info(HEADERS, SwitchId("a"))
    assert (info.call, info.switch, info.trunk) == ("1795362024.31", "a", "carrier-line")
    assert info.channel == "PJSIP/carrier-line-0000001f"
    assert info.dialled == "0466501111"
    assert info.caller == Caller(CallerKind.NUMBER, "0466112233")


def test_a_number_dialled_that_no_network_has_is_cut() -> None:
    info = call_info({**HEADERS, "agi_arg_1": "1" * 300}, SwitchId("a"))
    assert info.dialled == "1" * 40


@pytest.mark.requirement("M25")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("agi_uniqueid", ""),
        ("agi_uniqueid", "1 or 1=1"),
        ("agi_uniqueid", "x" * 200),
        ("agi_channel", ""),
        ("agi_channel", "PJSIP/a b"),
        ("agi_channel", "PJSIP/a&PJSIP/b"),
        ("agi_arg_1", "${SHELL(id)}"),
        ("agi_arg_1", "0466<script>"),
    ],
)
def test_headers_that_are_not_the_switchs_are_refused(name: str, value: str) -> None:
    with pytest.raises(AgiFault):
        call_info({**HEADERS, name: value}, SwitchId("a"))


@pytest.mark.requirement("M7")
@pytest.mark.parametrize(
    ("number", "name", "presentation", "expected"),
    [
        ("0466112233", "", "0", Caller(CallerKind.NUMBER, "0466112233")),
        ("+81466112233", "Taro", "3", Caller(CallerKind.NUMBER, "+81466112233")),
        ("0466112233", "Taro", "32", Caller(CallerKind.WITHHELD)),
        ("0466112233", "Taro", "35", Caller(CallerKind.WITHHELD)),
        ("0466112233", "Anonymous", "0", Caller(CallerKind.WITHHELD)),
        ("", "anonymous ", "0", Caller(CallerKind.WITHHELD)),
        ("0466112233", "Coin line/payphone", "0", Caller(CallerKind.PAYPHONE)),
        ("", "Interaction with other service", "0", Caller(CallerKind.UNAVAILABLE)),
        ("", "Unavailable", "67", Caller(CallerKind.UNAVAILABLE)),
        ("unknown", "unknown", "67", Caller(CallerKind.UNAVAILABLE)),
        ("", "", "", Caller(CallerKind.UNAVAILABLE)),
        ("1" * 21, "", "0", Caller(CallerKind.UNAVAILABLE)),
        ("0466 112", "", "0", Caller(CallerKind.UNAVAILABLE)),
        ("٠٤٦٦", "", "0", Caller(CallerKind.UNAVAILABLE)),
    ],
)
def test_a_number_is_kept_only_where_it_may_be_shown(
    number: str, name: str, presentation: str, expected: Caller
) -> None:
    assert caller_of(number, name, presentation) == expected
