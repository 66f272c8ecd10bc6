"""The ear and the finger of a test caller: keeps the sound it is sent, and presses keys.

Sound is kept as the bytes of the line (G.711 µ-law); keys go out as RFC 4733 events, to where the
sound comes from. Between them silence is sent, as every telephone does: a switch takes one that
sends nothing for dead.
"""

from __future__ import annotations

import asyncio
import struct

PCMU, EVENTS = 0, 101
_KEYS = "0123456789*#"
#: A packet of it, 20 ms.
_SILENCE = b"\xff" * 160


class Ear(asyncio.DatagramProtocol):
    """One RTP socket."""

    def __init__(self) -> None:
        self.sound = bytearray()
        self.port = 0
        self._hears = asyncio.Event()
        self._from: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport
        self._seq = 1
        self._clock = 160
        self._presses = False

    @classmethod
    async def open(cls, host: str = "127.0.0.1") -> Ear:
        """Listen on a free port of an address of this machine."""
        loop = asyncio.get_running_loop()
        transport, ear = await loop.create_datagram_endpoint(cls, local_addr=(host, 0))
        ear._transport = transport
        ear.port = transport.get_extra_info("sockname")[1]
        return ear

    def close(self) -> None:
        self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) > 12 and data[1] & 0x7F == PCMU:
            if self._from is None:
                self._from = addr
                self._hears.set()
                self._say_nothing()
            self.sound += data[12:]

    def _say_nothing(self) -> None:
        if self._transport.is_closing():
            return
        if not self._presses:
            self._send(PCMU, self._clock, _SILENCE, first=False)
            self._clock += len(_SILENCE)
        asyncio.get_running_loop().call_later(0.02, self._say_nothing)

    async def press(self, key: str) -> None:
        """Hold a key for a tenth of a second."""
        await self._hears.wait()
        self._presses = True
        code, start = _KEYS.index(key), self._clock
        for step in range(1, 9):
            held = min(step, 5) * 160
            event = struct.pack("!BBH", code, (step > 5) << 7 | 10, held)
            self._send(EVENTS, start, event, first=step == 1)
            if step <= 5:
                await asyncio.sleep(0.02)
        self._clock += 1600
        self._presses = False

    def _send(self, kind: int, at: int, payload: bytes, *, first: bool) -> None:
        head = struct.pack("!BBHII", 0x80, kind | first << 7, self._seq, at, 0x6D64672D)
        self._seq += 1
        self._transport.sendto(head + payload, self._from)
