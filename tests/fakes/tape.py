"""A switch that records, for tests without one: writes sound, is hushed."""

from __future__ import annotations

import math
import os
from array import array
from collections.abc import Sequence
from pathlib import Path

from acd.core.ids import OfferId
from acd.errors import SwitchUnavailable
from acd.ports_recording import Told

RATE = 8_000


def tone(hz: int, seconds: float) -> list[int]:
    """A sine of a quarter of full scale."""
    steps = range(int(seconds * RATE))
    return [round(8_000 * math.sin(2 * math.pi * hz * step / RATE)) for step in steps]


def stereo(left: Sequence[int], right: Sequence[int]) -> bytes:
    """Both sides as the switch writes them."""
    both = array("h", bytes(4 * len(left)))
    both[0::2], both[1::2] = array("h", left), array("h", right)
    return both.tobytes()


class Tape:
    """The switch's side of recording: ``hushed`` is what it was told, in order; ``made`` is what
    it began by itself."""

    def __init__(self, incoming: Path) -> None:
        self.incoming = incoming
        self.hushed: list[tuple[OfferId, bool]] = []
        self.made: dict[str, Told] = {}
        self.down = False

    async def hush(self, offer: OfferId, silent: bool) -> None:
        """Let the recording be silent, or go on."""
        if self.down:
            raise SwitchUnavailable("there is no switch")
        self.hushed.append((offer, silent))

    async def told(self, recording: str) -> Told | None:
        """Whose a recording is that it began by itself."""
        if self.down:
            raise SwitchUnavailable("there is no switch")
        return self.made.get(recording)

    def writes(self, recording: str, seconds: float = 1.0, *, quiet_s: float = 30.0) -> bytes:
        """Sound of a talk, to which nothing was added for ``quiet_s``; 440 Hz is the operator."""
        sound = stereo(tone(440, seconds), tone(1_000, seconds))
        path = self.incoming / f"{recording}.raw"
        path.write_bytes(sound)
        written_s = path.stat().st_mtime - quiet_s
        os.utime(path, (written_s, written_s))
        return sound
