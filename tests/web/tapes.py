"""Recordings behind the interface: real disk and database, a switch that only listens."""

from __future__ import annotations

import math
from pathlib import Path

from msgspec.structs import replace

from acd.adapters.recordings.keys import MasterKeys
from acd.adapters.recordings.vault import RecordingVault
from acd.adapters.secrets import Secrets
from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.recordings import SqlRecordings
from acd.app.recorder import Recorder, RecorderPolicy
from acd.app.recordings import Recordings
from acd.core.ids import AgentId, CallId, OfferId, QueueId
from acd.core.recording import DAY_MS, Gap, GapKind, Recording
from tests.fakes.centre import Centre
from tests.fakes.tape import RATE, Tape, stereo, tone

SECONDS = 12
GAPS = (
    Gap(GapKind.DIGITS, 4_000, 6_000, 1_850),
    Gap(GapKind.HOLD, 9_000, 9_000, 41_000),
)


class Tapes:
    """A recorder and what it kept, for one test."""

    def __init__(self, folder: Path, centre: Centre) -> None:
        (folder / "incoming").mkdir()
        self.tape = Tape(folder / "incoming")
        keys = MasterKeys(Secrets(folder / "secrets"))
        self.vault = RecordingVault(folder / "recordings", self.tape.incoming, keys)
        self.vault.prepare()
        self.index = SqlRecordings(sqlite_url(folder / "recordings.sqlite"))
        self.recorder = Recorder(
            self.vault,
            self.index,
            self.tape,
            lambda: centre.engine,
            lambda: centre.now,
            RecorderPolicy(),
        )
        self.kept = Recordings(self.vault, self.index, lambda: centre.now)

    async def store(self, count: int = 1, at_ms: int = 1_793_322_000_000) -> list[str]:
        """So many recordings, a quarter of an hour apart; only the first has its sound."""
        first = "0a" * 16
        path = self.tape.incoming / f"{first}.raw"
        path.write_bytes(stereo(spoken(440, 0.0), spoken(700, math.pi / 2)))
        sealed = await self.vault.seal(first, [(4_000, 6_000)])
        self.vault.discard(first)
        row = Recording(
            id=first,
            call=CallId("1793322000.1"),
            offer=OfferId("o000000000001"),
            agent=AgentId("op10"),
            queue=QueueId("general"),
            dialled="0466001111",
            started_ms=at_ms,
            duration_ms=sealed.duration_ms,
            stored_ms=at_ms + 20_000,
            expires_ms=at_ms + 90 * DAY_MS,
            size_bytes=sealed.size_bytes,
            sha256=sealed.sha256,
            gaps=GAPS,
            waveform=sealed.waveform,
        )
        await self.index.add(row)
        ids = [first]
        for number in range(1, count):
            ids.append(f"{number:032x}")
            other = replace(
                row,
                id=ids[-1],
                agent=AgentId(f"op{number % 9 + 1:02d}"),
                queue=QueueId(("tax", "residents", "general")[number % 3]),
                started_ms=at_ms - number * 900_000,
                duration_ms=61_000 * number % 700_000 + 9_000,
                gaps=GAPS[:0] if number % 4 else GAPS[:1],
            )
            await self.index.add(other)
        return ids


def spoken(hz: int, turn: float) -> list[int]:
    """Something like one side of a talk: a tone that comes and goes."""
    sound = tone(hz, SECONDS)
    return [
        round(sample * max(0.05, math.sin(place / RATE * 1.2 + turn)))
        for place, sample in enumerate(sound)
    ]
