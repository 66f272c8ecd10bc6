"""The mouth and the ear of a phone: sends one sound without end, keeps all that it hears.

G.711 µ-law in packets of 20 ms (RFC 3551), written here from the standard so that what the product
plays is held against something else.
"""

from __future__ import annotations

import asyncio
import math
import re
import statistics
import struct
from collections import Counter
from collections.abc import Sequence
from typing import Self

PACKET_S, SAMPLES, RATE_HZ, PCMU = 0.02, 160, 8000, 0


class Voice(asyncio.DatagramProtocol):
    """One RTP socket. ``kinds`` counts packets heard by payload type."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.kinds: Counter[int] = Counter()
        self.port = 0
        self._transport: asyncio.DatagramTransport
        self._speaking: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, host: str = "127.0.0.1") -> Self:
        """Listen on a free port of an address of this machine."""
        loop = asyncio.get_running_loop()
        transport, voice = await loop.create_datagram_endpoint(cls, local_addr=(host, 0))
        voice._transport = transport
        voice.port = transport.get_extra_info("sockname")[1]
        return voice

    def close(self) -> None:
        """Fall silent and deaf."""
        self.hush()
        self._transport.close()

    def speak(self, packet: bytes, sdp: str) -> None:
        """Send this packet again and again to where the other's SDP says."""
        self.hush()
        self._speaking = asyncio.create_task(self._speak(packet, address(sdp)))

    def hush(self) -> None:
        """Send nothing more."""
        if self._speaking is not None:
            self._speaking.cancel()

    async def _speak(self, packet: bytes, to: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        for number in range(1_000_000):
            head = struct.pack("!BBHII", 0x80, PCMU, number & 0xFFFF, number * SAMPLES, self.port)
            self._transport.sendto(head + packet, to)
            await asyncio.sleep(began_s + (number + 1) * PACKET_S - loop.time())

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) > 12:
            self.kinds[data[1] & 0x7F] += 1
            self.heard += data[12:]


def address(sdp: str) -> tuple[str, int]:
    """Where an SDP wants its sound."""
    host = re.search(r"^c=IN IP4 (\S+)", sdp, re.MULTILINE)
    port = re.search(r"^m=audio (\d+) ", sdp, re.MULTILINE)
    assert host is not None
    assert port is not None
    return host[1], int(port[1])


def linear(byte: int) -> int:
    """A µ-law byte as a 16-bit sample (ITU-T G.711, table 2)."""
    inverted = ~byte & 0xFF
    magnitude = (((inverted & 0x0F) << 3) + 132 << ((inverted >> 4) & 7)) - 132
    return -magnitude if inverted & 0x80 else magnitude


def level(sound: bytes, hz: int) -> float:
    """How loud a tone is in a sound of the line, 0..1 of full scale."""
    return loudness([linear(byte) for byte in sound], hz)


def typical(samples: Sequence[int], hz: int) -> float:
    """How loud a tone is in most of the sound, by parts of 200 ms: a packet that came late on a
    busy machine breaks a tone's phase, and with it a measure over the whole."""
    size = RATE_HZ // 5
    starts = range(0, max(1, len(samples) - size + 1), size)
    return statistics.median(loudness(samples[start : start + size], hz) for start in starts)


def loudness(samples: Sequence[int], hz: int) -> float:
    """How loud a tone is in 16-bit samples, 0..1 of full scale (Goertzel)."""
    step = 2 * math.cos(2 * math.pi * hz / RATE_HZ)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample / 32768 + step * last - before
    power = before * before + last * last - step * before * last
    return 2 * math.sqrt(max(0.0, power)) / max(1, len(samples))
