"""A centre without a switch whose talks are recorded: real disk and database."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from acd.adapters.recordings.keys import MasterKeys
from acd.adapters.recordings.vault import RecordingVault
from acd.adapters.secrets import Secrets
from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.recordings import SqlRecordings
from acd.app.recorder import Recorder, RecorderPolicy, RecordingAlarm
from acd.app.recordings import Recordings
from acd.config import load_centre
from acd.core.commands import OfferCall
from acd.core.ids import AgentId, CallId, OfferId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentReadied,
    CallerHungUp,
)
from acd.core.recording import Recording
from acd.ports_recording import RecordingQuery
from tests.fakes.centre import CENTRE, Centre
from tests.fakes.tape import Tape

AGENT = AgentId("op10")


@dataclass
class World:
    """A centre without a switch, whose talks are recorded."""

    folder: Path
    centre: Centre
    tape: Tape
    vault: RecordingVault
    index: SqlRecordings
    policy: RecorderPolicy
    alarms: list[RecordingAlarm] = field(default_factory=list)
    ids: dict[OfferId, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.centre.sinks = []
        self.recorder = Recorder(
            self.vault,
            self.index,
            self.tape,
            lambda: self.centre.engine,
            lambda: self.centre.now,
            self.policy,
            self.alarms.append,
        )
        self.centre.sinks = [self.recorder]
        self.kept = Recordings(self.vault, self.index, lambda: self.centre.now)

    def restarted(self) -> World:
        """The same after the controller died."""
        return World(
            self.folder, self.centre, self.tape, self.vault, self.index, self.policy, self.alarms,
            self.ids,
        )  # fmt: skip

    def talk(self, number: int = 1) -> tuple[CallId, OfferId, str]:
        """A call is rung, recorded and answered."""
        if number == 1:
            self.centre.do(AgentLoggedIn(AGENT, "op10"))
            self.centre.do(AgentReadied(AGENT))
        call = self.centre.call(number)
        (command,) = [
            c for c in self.centre.commands if isinstance(c, OfferCall) and c.call == call
        ]
        recording = self.recorder.begin(command)
        return call, self.centre.connect(call), recording

    def hang_up(self, call: CallId, after_s: float = 1.0) -> None:
        self.centre.now += after_s
        self.centre.do(CallerHungUp(call))

    async def found(self) -> list[Recording]:
        return [each.recording for each in await self.index.search(RecordingQuery())]


@contextlib.asynccontextmanager
async def taped(folder: Path, empty_ledger: Path) -> AsyncIterator[World]:
    """The world in a folder of its own, over a copy of an empty database."""
    shutil.copy(empty_ledger, folder / "ledger.sqlite")
    incoming = folder / "incoming"
    incoming.mkdir()
    vault = RecordingVault(folder / "home", incoming, MasterKeys(Secrets(folder / "state")))
    vault.prepare()
    index = SqlRecordings(sqlite_url(folder / "ledger.sqlite"))
    centre = Centre(load_centre(CENTRE).plan)
    yield World(folder, centre, Tape(incoming), vault, index, RecorderPolicy())
    await vault.close()


async def stored(world: World, number: int = 1) -> str:
    """A talk that is over, and its recording put away."""
    call, _, recording = world.talk(number)
    world.hang_up(call)
    world.tape.writes(recording)
    await world.recorder.look()
    return recording
