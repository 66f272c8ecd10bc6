"""Carriers on loopback for tests: each an address of its own that does as it is told."""

from __future__ import annotations

from enum import Enum

from tests.e2e.raw_sip import RawCall, RawSip, header


class Does(Enum):
    """What a carrier does with a call: takes it, lets it ring, or says nothing (at all, or after
    the word that it came)."""

    TAKE = "take"
    RING = "ring"
    NOTHING = "nothing"
    TRYING = "trying"


class Carrier(RawSip):
    """Answers OPTIONS while ``alive``; ``does`` is what it does with a call, or a status with which
    it turns every call away."""

    alive = True
    does: Does | int = Does.TAKE

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """As its parent, but for what it is told to do otherwise."""
        text = data.decode("utf-8", "replace")
        method = text.partition(" ")[0]
        if method == "OPTIONS" and not self.alive:
            return
        if method != "INVITE" or self.does is Does.TAKE:
            super().datagram_received(data, addr)
            return
        self.received.append(text)
        if header(text, "Call-ID") in self.calls:
            return
        self._came(text)
        if self.does is Does.TRYING:
            self._respond(text, 100)
        elif self.does is Does.RING:
            self._respond(text, 180)
        elif isinstance(self.does, int):
            self._respond(text, self.does)

    def _came(self, text: str) -> None:
        self.invites.append(text)
        self.calls[header(text, "Call-ID")] = RawCall(header(text, "Call-ID"), answer=text)
