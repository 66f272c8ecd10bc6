"""Recording, wired to the disk, the database and the switch of one centre."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from acd.adapters.recordings.keys import MasterKeys
from acd.adapters.recordings.vault import RecordingVault
from acd.adapters.secrets import Secrets
from acd.adapters.sql.fence import SqlFence
from acd.adapters.sql.recordings import SqlRecordings
from acd.app.recorder import Recorder, RecorderPolicy
from acd.app.recordings import Recordings
from acd.app.unattended import Unattended
from acd.bootstrap.switch import paths_of
from acd.config.settings import Settings
from acd.core.engine import Engine
from acd.errors import ConfigError, Fault
from acd.ports_recording import RecordingSwitch

if TYPE_CHECKING:
    from acd.bootstrap.centre import RunningCentre

MIB = 1 << 20
#: Where Asterisk writes what it records, below its run folder.
_MONITOR = Path("spool/monitor")


def check_programs(settings: Settings) -> None:
    """Raises ConfigError when this machine lacks what recording needs."""
    if settings.recording.enabled and shutil.which("flac") is None:
        message = "needs the program flac: run make setup, or install the package flac"
        raise ConfigError([Fault("settings.toml:recording.enabled", message)])


class RecordingParts:
    """The recorder of a running centre and the use cases of what it kept.

    Where recording is switched off nothing new is recorded, but what is there is still put away,
    heard, and deleted in time.
    """

    def __init__(
        self,
        settings: Settings,
        secrets: Secrets,
        switch: RecordingSwitch,
        engine: Callable[[], Engine],
        now: Callable[[], float],
        fence: SqlFence | None = None,
    ) -> None:
        check_programs(settings)
        own = settings.recording
        self.vault = _vault(settings, secrets, _incoming(settings))
        self.vault.prepare()
        index = SqlRecordings(settings.database_url, fence)
        policy = RecorderPolicy(
            enabled=own.enabled,
            keep_days=own.keep_days,
            min_free_bytes=own.min_free_mib * MIB,
            auto_pause_s=own.auto_pause_s,
        )
        self.recorder = Recorder(self.vault, index, switch, engine, now, policy)
        self.recordings = Recordings(self.vault, index, now)

    def unattended(self, running: RunningCentre) -> Unattended:
        """What the switches of this centre are told to record by themselves."""
        centre, engine = running.centre, lambda: running.engine
        members = centre.settings.fallback.members or {each.device for each in centre.plan.agents}
        now, talks = running.clock.now, len(members)
        return Unattended(running.switches, self.recorder, engine, now, talks, centre.flows)

    async def close(self) -> None:
        """Let the process that stores recordings end."""
        await self.vault.close()


def _incoming(settings: Settings) -> list[Path]:
    """Where the sound of each switch arrives."""
    found = []
    for node, switch in settings.nodes.items():
        named = switch.incoming_dir or ("" if switch.further else settings.recording.incoming_dir)
        found.append(Path(named) if named else paths_of(settings.at(node)).run / _MONITOR)
    return found


def _vault(settings: Settings, secrets: Secrets, incoming: Path | list[Path]) -> RecordingVault:
    return RecordingVault(settings.state_dir / "recordings", incoming, MasterKeys(secrets))


def kept_recordings(settings: Settings, now: Callable[[], float]) -> Recordings:
    """What is kept, without a running centre or beside one: for the command line. Nothing comes in
    there, and what a running centre is writing is left alone."""
    vault = _vault(settings, Secrets(settings.secrets_dir), settings.state_dir / "recordings")
    return Recordings(vault, SqlRecordings(settings.database_url), now)
