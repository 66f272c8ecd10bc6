"""The mouth and the ear of a test call: real RTP out, and what came back, measured.

G.711 µ-law in packets of 20 ms (RFC 3551), keys as RFC 4733 events.
"""

from __future__ import annotations

import asyncio
import math
import re
import socket
from collections.abc import Sequence

from msgspec import Struct

from sim.load.sound import PACKET_S, PCMU, RATE_HZ, SAMPLES, packets

_HEADER = 12
#: The µ-law byte of silence.
SILENCE = b"\xff" * SAMPLES
#: What is kept of one call: two minutes of packets.
_KEPT = 6_000
#: A packet in which any sample is louder than this (of 32768) is sound, not silence.
_SOUND = 200


class Heard(Struct, frozen=True):
    """One packet of sound: when it came (event loop's time), its number, its bytes."""

    at_s: float
    sequence: int
    sound: bytes


class Line(asyncio.DatagramProtocol):
    """One RTP socket. ``spoke`` counts packets sent, ``began_s`` is when the first went out."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.port = self.spoke = 0
        self.began_s = 0.0
        self._transport: asyncio.DatagramTransport
        self._speaking: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, host: str) -> Line:
        """Listen on a free port of an address of this machine."""
        loop = asyncio.get_running_loop()
        transport, line = await loop.create_datagram_endpoint(
            cls, local_addr=(host, 0), family=socket.AF_INET
        )
        line._transport = transport
        line.port = transport.get_extra_info("sockname")[1]
        return line

    def close(self) -> None:
        """Fall silent and deaf."""
        if self._speaking is not None:
            self._speaking.cancel()
        self._transport.close()

    def speak(
        self,
        sdp: str,
        audio: Sequence[bytes],
        keys: Sequence[tuple[float, str]] = (),
        length_s: float = 60.0,
    ) -> None:
        """Send ``audio``'s packets over and over to where the other's SDP says, keys at their
        times; at once, in the background, for ``length_s`` at most."""
        where = destination(sdp)
        if where is not None:
            spoken = self._speak(where, audio, keys, length_s)
            self._speaking = asyncio.create_task(spoken, name="test call's voice")

    async def _speak(
        self,
        to: tuple[str, int],
        audio: Sequence[bytes],
        keys: Sequence[tuple[float, str]],
        length_s: float,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.began_s = loop.time()
        for tick, packet in packets(list(keys), length_s, audio):
            await asyncio.sleep(max(0.0, self.began_s + tick * PACKET_S - loop.time()))
            self._transport.sendto(packet, to)
            self.spoke += 1

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Keep a packet of sound; whatever else comes is dropped."""
        if len(data) > _HEADER and data[1] & 0x7F == PCMU and len(self.heard) < _KEPT:
            at_s = asyncio.get_running_loop().time()
            number = int.from_bytes(data[2:4], "big")
            self.heard.append(Heard(at_s, number, data[_HEADER:]))

    def first_sound_s(self) -> float | None:
        """When the first packet came that is not silence (event loop's time)."""
        return next((each.at_s for each in self.heard if is_sound(each.sound)), None)

    def lost(self) -> int:
        """Packets that are missing between the first and the last that came."""
        numbers = {each.sequence for each in self.heard}
        if not numbers:
            return 0
        first = self.heard[0].sequence
        span = max((number - first) & 0xFFFF for number in numbers) + 1
        return max(0, span - len(numbers))

    def level(self, hz: int) -> float:
        """How loud a tone is in what was heard, 0..1 of full scale: the median over packets."""
        levels = sorted(loudness(each.sound, hz) for each in self.heard)
        return levels[len(levels) // 2] if levels else 0.0


def destination(sdp: str) -> tuple[str, int] | None:
    """Where an SDP wants its sound, or None when it names no place."""
    host = re.search(r"^c=IN IP4 ([0-9.]{7,15})", sdp, re.MULTILINE)
    port = re.search(r"^m=audio (\d{1,5}) ", sdp, re.MULTILINE)
    return (host[1], int(port[1])) if host and port and int(port[1]) else None


def linear(byte: int) -> int:
    """A µ-law byte as a 16-bit sample (ITU-T G.711)."""
    inverted = ~byte & 0xFF
    magnitude = (((inverted & 0x0F) << 3) + 132 << ((inverted >> 4) & 7)) - 132
    return -magnitude if inverted & 0x80 else magnitude


def is_sound(sound: bytes) -> bool:
    """Whether a packet holds anything but silence."""
    return any(abs(linear(byte)) > _SOUND for byte in sound)


def loudness(sound: bytes, hz: int) -> float:
    """How loud a tone is in a sound of the line, 0..1 of full scale (Goertzel's algorithm)."""
    step = 2 * math.cos(2 * math.pi * hz / RATE_HZ)
    before = last = 0.0
    for byte in sound:
        before, last = last, linear(byte) / 32768 + step * last - before
    power = before * before + last * last - step * before * last
    return 2 * math.sqrt(max(0.0, power)) / max(1, len(sound))
