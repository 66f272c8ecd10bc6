"""What a caller sends: one RTP stream with a tone and RFC 4733 digits in it, as a pcap file.

SIPp replays the file packet by packet from the caller's media port. One file holds audio and
digits with one source, one running sequence number and one clock, as a real phone sends them.
Everything here is a function of its arguments; the caller writes the bytes.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence

PACKET_S = 0.02
RATE_HZ = 8000
SAMPLES = int(PACKET_S * RATE_HZ)
PCMU = 0
TELEPHONE_EVENT = 101
KEYS = "0123456789*#"

_SSRC = 0x6D646775
_PORT = 6000
#: pcap time starts above zero: a zero time stamp makes SIPp send without pauses.
_FIRST_S = 1
_DIGIT_PACKETS = 5
_END_PACKETS = 3


def mulaw(sample: int) -> int:
    """One signed 16-bit sample as a µ-law byte (ITU-T G.711)."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return ~(sign | (exponent << 4) | mantissa) & 0xFF


def tone(hz: int, level: float = 0.2) -> bytes:
    """One packet (20 ms) of a tone; multiples of 50 Hz join without a click."""
    return bytes(
        mulaw(round(32767 * level * math.sin(2 * math.pi * hz * n / RATE_HZ)))
        for n in range(SAMPLES)
    )


def stream(keys: Sequence[tuple[float, str]], length_s: float, hz: int = 400) -> bytes:
    """A pcap file: a tone of ``length_s`` seconds in which each ``(at_s, key)`` is pressed.

    Keys are held for 100 ms; their times must rise and lie at least 0.2 s apart.
    """
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    spoken = packets(list(keys), length_s, [tone(hz)])
    frames = (_record(tick, _frame(rtp)) for tick, rtp in spoken)
    return header + b"".join(frames)


def packets(
    keys: list[tuple[float, str]], length_s: float, audio: Sequence[bytes]
) -> Iterator[tuple[int, bytes]]:
    """(tick of 20 ms, RTP packet): ``audio``'s packets over and over, digits taking their place
    while they last."""
    sequence = 0
    tick = 0
    while tick * PACKET_S < length_s:
        if keys and tick * PACKET_S >= keys[0][0]:
            for offset, payload, marked in _digit(keys.pop(0)[1]):
                header = _rtp(sequence, tick * SAMPLES, TELEPHONE_EVENT, marked)
                yield tick + offset, header + payload
                sequence += 1
            tick += _DIGIT_PACKETS
        else:
            yield tick, _rtp(sequence, tick * SAMPLES, PCMU, tick == 0) + audio[tick % len(audio)]
            sequence += 1
            tick += 1


def _digit(key: str) -> Iterator[tuple[int, bytes, bool]]:
    """(tick, payload, marker) of one key: growing durations, the end sent three times."""
    event = KEYS.index(key)
    for n in range(_DIGIT_PACKETS):
        yield n, struct.pack("!BBH", event, 10, (n + 1) * SAMPLES), n == 0
    for _ in range(_END_PACKETS):
        yield _DIGIT_PACKETS, struct.pack("!BBH", event, 0x80 | 10, _DIGIT_PACKETS * SAMPLES), False


def _rtp(sequence: int, clock: int, payload_type: int, marked: bool) -> bytes:
    return struct.pack(
        "!BBHII", 0x80, (0x80 if marked else 0) | payload_type, sequence & 0xFFFF,
        clock & 0xFFFFFFFF, _SSRC,
    )  # fmt: skip


def _frame(rtp: bytes) -> bytes:
    """The packet in UDP, IPv4 and Ethernet; SIPp sets addresses, ports and check sums itself."""
    udp = struct.pack("!HHHH", _PORT, _PORT, 8 + len(rtp), 0) + rtp
    loopback = b"\x7f\x00\x00\x01"
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + loopback * 2
    return b"\x00" * 12 + b"\x08\x00" + ip + udp


def _record(tick: int, frame: bytes) -> bytes:
    micros = round(tick * PACKET_S * 1_000_000)
    second, rest = divmod(micros, 1_000_000)
    return struct.pack("<IIII", _FIRST_S + second, rest, len(frame), len(frame)) + frame
