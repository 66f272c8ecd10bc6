"""Recordings on this machine's disk: the Vault port.

Below ``home``: ``notes/`` (what is under way, one small file each), and the stored files in 256
folders by the beginning of their id. An id is random: no name tells of a call, a number, a person.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import structlog

from acd.adapters.recordings import sealed
from acd.adapters.recordings.keys import MasterKeys
from acd.adapters.recordings.worker import Done, Job
from acd.errors import NotFound, StoreUnavailable
from acd.ports_recording import MEDIA_TYPE, Incoming, Note, Sealed

RAW, STORED, NOTE = ".raw", ".rec", ".note"
#: How long one recording may take to be put away: the longest talk on the slowest disk.
SEAL_TIMEOUT_S = 600.0
ID = re.compile(r"[0-9a-f]{32}")

_log = structlog.get_logger("madoguchi.recordings")


class RecordingVault:
    """The Vault port over folders of this machine. ``incoming`` is where the switch writes; of
    several switches each has its own."""

    media_type = MEDIA_TYPE

    def __init__(self, home: Path, incoming: Path | Sequence[Path], keys: MasterKeys) -> None:
        self._home, self._keys = home, keys
        self._incoming = (incoming,) if isinstance(incoming, Path) else tuple(incoming)
        self._notes = home / "notes"
        #: By recording: what its sound in clear looked like last, and since when it has so.
        self._looked: dict[str, tuple[tuple[int, int], float]] = {}
        self._worker: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    def prepare(self) -> None:
        """Make the folders and take away what an earlier run left half written: for the one process
        that stores recordings. Raises StoreUnavailable."""
        with _unavailable():
            self._notes.mkdir(mode=0o700, parents=True, exist_ok=True)
            for scratch in [*self._notes.glob("*.new"), *self._home.glob("??/*.part")]:
                scratch.unlink(missing_ok=True)

    async def close(self) -> None:
        """Let the worker end."""
        worker, self._worker = self._worker, None
        if worker is not None and worker.returncode is None:
            worker.kill()
            await worker.wait()

    # -- what comes in -----------------------------------------------------------------------

    def free_bytes(self) -> int:
        """Room on the fullest of the disks."""
        free = []
        for folder in (self._home, *self._incoming):
            with contextlib.suppress(OSError):
                status = os.statvfs(folder)
                free.append(status.f_bavail * status.f_frsize)
        return min(free, default=0)

    def incoming(self) -> list[Incoming]:
        """All sound in clear that bears a name of ours."""
        found: list[Incoming] = []
        for folder in self._incoming:
            with contextlib.suppress(OSError):
                found += self._written(folder)
        self._looked = {each.id: self._looked[each.id] for each in found}
        return found

    def _written(self, folder: Path) -> Iterator[Incoming]:
        for entry in os.scandir(folder):
            name = entry.name.removesuffix(RAW)
            if not (entry.name.endswith(RAW) and ID.fullmatch(name)):
                continue
            with contextlib.suppress(OSError):
                seen = entry.stat(follow_symlinks=False)
                quiet_s = self._quiet_s(name, seen)
                yield Incoming(name, seen.st_size, quiet_s, int(seen.st_mtime * 1000))

    def _raw(self, recording: str) -> Path:
        """Where this sound in clear is: under its name there is one, on one switch."""
        places = [folder / f"{_checked(recording)}{RAW}" for folder in self._incoming]
        return next((place for place in places if place.exists()), places[0])

    def _quiet_s(self, name: str, seen: os.stat_result) -> float:
        """For how long nothing was added. What this process saw itself counts: the file's time is
        of the clock of the machine that wrote it, and is believed only at the first look."""
        looks, now_s = (seen.st_size, seen.st_mtime_ns), time.monotonic()
        before = self._looked.get(name)
        if before is None:
            self._looked[name] = looks, now_s - max(0.0, time.time() - seen.st_mtime)
        elif before[0] != looks:
            self._looked[name] = looks, now_s
        return now_s - self._looked[name][1]

    def discard(self, recording: str) -> None:
        """Remove sound in clear."""
        with _unavailable():
            self._raw(recording).unlink(missing_ok=True)

    # -- notes -------------------------------------------------------------------------------

    def notes(self) -> list[Note]:
        """All notes. One that cannot be read is renamed, so that it is reported once."""
        found = []
        for path in sorted(self._notes.glob(f"*{NOTE}")):
            try:
                found.append(msgspec.json.decode(path.read_bytes(), type=Note))
            except (OSError, msgspec.DecodeError, msgspec.ValidationError):
                _log.error("recording_note_unreadable", recording=path.stem)
                with contextlib.suppress(OSError):
                    path.rename(path.with_suffix(".unreadable"))
        return found

    def write_note(self, note: Note) -> None:
        """Keep a note, in place of an older one."""
        path = self._notes / f"{_checked(note.id)}{NOTE}"
        scratch = path.with_suffix(".new")
        with _unavailable():
            handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(note))
            scratch.replace(path)

    def remove_note(self, recording: str) -> None:
        """Forget a note."""
        with _unavailable():
            (self._notes / f"{_checked(recording)}{NOTE}").unlink(missing_ok=True)

    # -- what stays ----------------------------------------------------------------------------

    async def seal(self, recording: str, silences: Sequence[tuple[int, int]]) -> Sealed:
        """Put sound away, in the worker's process; one at a time."""
        number = self._keys.newest()
        job = Job(
            recording=_checked(recording),
            raw=str(self._raw(recording)),
            silences=tuple(silences),
            path=str(self._path(recording)),
            key_number=number,
            key=self._keys.key(number),
        )
        async with self._turn:
            done = await self._ask(job)
        if done.sealed is None:
            raise StoreUnavailable(done.message, code=done.code)
        return done.sealed

    async def _ask(self, job: Job) -> Done:
        try:
            async with asyncio.timeout(SEAL_TIMEOUT_S):
                worker = await self._working()
                assert worker.stdin is not None
                assert worker.stdout is not None
                worker.stdin.write(msgspec.json.encode(job) + b"\n")
                await worker.stdin.drain()
                return msgspec.json.decode(await worker.stdout.readline(), type=Done)
        except BaseException as error:
            # Whatever its state is, the next job gets a fresh one.
            await self.close()
            if isinstance(error, TimeoutError | OSError | msgspec.DecodeError):
                raise StoreUnavailable(
                    "the process that stores recordings gave no answer", code="not_stored"
                ) from error
            raise

    async def _working(self) -> asyncio.subprocess.Process:
        if self._worker is None or self._worker.returncode is not None:
            self._worker = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "acd.adapters.recordings.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=1 << 20,
            )
        return self._worker

    def open(self, recording: str) -> sealed.OpenSound:
        """A stored recording, open for reading in clear."""
        try:
            return sealed.OpenSound(self._path(recording), recording, self._keys.key)
        except FileNotFoundError:
            raise _missing() from None

    def digest(self, recording: str) -> str:
        """The SHA-256 of what is stored."""
        try:
            return sealed.digest(self._path(recording))
        except FileNotFoundError:
            raise _missing() from None

    def stored(self) -> list[str]:
        """The ids of all that is stored."""
        return sorted(path.stem for path in self._home.glob(f"??/*{STORED}"))

    def destroy(self, recording: str) -> None:
        """Overwrite the file's key and remove it."""
        with _unavailable():
            sealed.destroy(self._path(recording))

    def rekey(self) -> int:
        """Make a new master key and put every file under it."""
        number, changed = self._keys.add(), 0
        for recording in self.stored():
            with contextlib.suppress(FileNotFoundError):
                changed += sealed.rekey(self._path(recording), number, self._keys.key)
        return changed

    def _path(self, recording: str) -> Path:
        return self._home / _checked(recording)[:2] / f"{recording}{STORED}"


def _checked(recording: str) -> str:
    if ID.fullmatch(recording) is None:
        raise NotFound("there is no such recording", code="unknown_recording")
    return recording


def _missing() -> NotFound:
    return NotFound("the sound of this recording is not there", code="recording_missing")


@contextlib.contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise StoreUnavailable(f"recordings cannot be stored: {why}") from error
