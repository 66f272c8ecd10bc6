"""Recording, wired to the disk, the database and the switch of one centre."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from acd.adapters.recordings.keys import MasterKeys
from acd.adapters.recordings.vault import RecordingVault
from acd.adapters.secrets import Secrets
from acd.adapters.sql.recordings import SqlRecordings
from acd.app.recorder import Recorder, RecorderPolicy
from acd.app.recordings import Recordings
from acd.bootstrap.switch import paths_of
from acd.config.settings import Settings
from acd.core.engine import Engine
from acd.errors import ConfigError, Fault
from acd.ports_recording import RecordingSwitch

MIB = 1 << 20
#: Where Asterisk writes what it records, below its run folder.
_MONITOR = Path("spool/monitor")


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
    ) -> None:
        own = settings.recording
        if own.enabled and shutil.which("flac") is None:
            message = "needs the program flac: run make setup, or install the package flac"
            raise ConfigError([Fault("settings.toml:recording.enabled", message)])
        incoming = own.incoming_dir or paths_of(settings).run / _MONITOR
        self.vault = vault_of(settings, secrets, Path(incoming))
        index = SqlRecordings(settings.database_url)
        policy = RecorderPolicy(
            enabled=own.enabled,
            keep_days=own.keep_days,
            min_free_bytes=own.min_free_mib * MIB,
            auto_pause_s=own.auto_pause_s,
        )
        self.recorder = Recorder(self.vault, index, switch, engine, now, policy)
        self.recordings = Recordings(self.vault, index, now)

    async def close(self) -> None:
        """Let the process that stores recordings end."""
        await self.vault.close()


def vault_of(settings: Settings, secrets: Secrets, incoming: Path) -> RecordingVault:
    """The vault in the state directory, its folders made."""
    vault = RecordingVault(settings.state_dir / "recordings", incoming, MasterKeys(secrets))
    vault.prepare()
    return vault


def kept_recordings(settings: Settings, now: Callable[[], float]) -> Recordings:
    """What is kept, without a running centre: for the command line."""
    secrets = Secrets(settings.state_dir)
    vault = vault_of(settings, secrets, settings.state_dir / "recordings" / "notes")
    return Recordings(vault, SqlRecordings(settings.database_url), now)
