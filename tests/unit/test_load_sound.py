"""The callers' sound is one well-formed RTP stream with RFC 4733 digits in it."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path

import pytest

from acd.errors import LimitExceeded, NotFound
from sim.load import scenario, sound
from sim.load.sipp import Load, Sipp, find_sipp


def packets(data: bytes) -> list[tuple[float, bytes]]:
    """(time, RTP) of a pcap, read by its published format alone."""
    assert struct.unpack("<I", data[:4]) == (0xA1B2C3D4,)
    assert struct.unpack("<I", data[20:24]) == (1,)
    found = []
    at = 24
    while at < len(data):
        second, micro, kept, length = struct.unpack("<IIII", data[at : at + 16])
        assert kept == length
        found.append((second + micro / 1e6, data[at + 16 + 42 : at + 16 + kept]))
        at += 16 + kept
    return found


def test_one_stream_with_one_clock() -> None:
    stream = packets(sound.stream([(0.5, "1"), (1.0, "#")], 2.0))
    times = [at for at, _ in stream]
    assert times == sorted(times)
    assert times[0] >= 1.0, "a zero time stamp makes SIPp send without pauses"
    assert times[-1] - times[0] == pytest.approx(1.98)
    heads = [struct.unpack("!BBHII", rtp[:12]) for _, rtp in stream]
    assert [head[2] for head in heads] == list(range(len(heads)))
    assert len({head[4] for head in heads}) == 1
    audio = [head for head in heads if head[1] & 0x7F == sound.PCMU]
    assert {(b[3] - a[3]) % 160 for a, b in itertools.pairwise(audio)} == {0}


def test_a_digit_is_held_and_its_end_is_sent_three_times() -> None:
    stream = [rtp for _, rtp in packets(sound.stream([(0.5, "#")], 1.0))]
    digits = [rtp for rtp in stream if rtp[1] & 0x7F == sound.TELEPHONE_EVENT]
    events = [struct.unpack("!BBH", rtp[12:]) for rtp in digits]
    assert {event for event, _, _ in events} == {11}
    assert [flags >> 7 for _, flags, _ in events] == [0] * 5 + [1] * 3
    assert [held for _, _, held in events] == [160, 320, 480, 640, 800, 800, 800, 800]
    assert [rtp[1] >> 7 for rtp in digits] == [1] + [0] * 7
    assert len({rtp[4:8] for rtp in digits}) == 1, "one event keeps one time stamp"


def test_mulaw_matches_the_standard_at_its_corners() -> None:
    known = {0: 0xFF, 32767: 0x80, -32767: 0x00, 8: 0xFE, 1000: 0xCE}
    assert {value: sound.mulaw(value) for value in known} == known


def test_each_sound_has_its_branch_in_the_scenario() -> None:
    text = scenario.caller([Path("a.pcap"), Path("b.pcap")])
    assert 'play_pcap_audio="a.pcap"' in text
    assert 'play_pcap_audio="b.pcap"' in text
    assert "<!-- SOUNDS -->" not in text
    assert "<!-- REFUSALS -->" not in scenario.phone()
    assert "{{" not in scenario.phone() + scenario.plain_phone(3.0)


@pytest.mark.parametrize(
    "load",
    [
        Load("x", "", 1, 2, calls=0, limit_s=1),
        Load("x", "", 1, 2, calls=10**6, limit_s=1),
        Load("x", "", 1, 2, calls=1, limit_s=10**6),
        Load("x", "", 1, 2, calls=1, limit_s=1, rate=10_000),
        Load("x", "", 1, 2, calls=1, limit_s=1, rows=[["a;b"]]),
        Load("x", "", 1, 2, calls=1, limit_s=1, rows=[["a\r\nVia: b"]]),
    ],
    ids=["no calls", "too many", "too long", "too fast", "a cell too many", "a header too many"],
)
async def test_a_load_beyond_its_bounds_is_refused(load: Load, tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded):
        await Sipp.start(load, tmp_path)


def test_without_sipp_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_SIPP", "/nowhere/sipp")
    with pytest.raises(NotFound, match="make setup"):
        find_sipp()
