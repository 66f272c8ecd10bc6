"""What may be done with recordings that are kept: search, hear, hold, delete, prove."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from enum import StrEnum

import structlog
from msgspec import Struct

from acd.core.recording import (
    Deletion,
    DeletionReason,
    HoldReason,
    Recording,
    RecordingStatus,
)
from acd.errors import Deposed, MadoguchiError, NotFound, Refused, StoreError
from acd.ports_recording import Found, RecordingIndex, RecordingQuery, Sound, Vault

#: Bytes that are checked at a time.
_PART = 1 << 20
#: So many that cannot be deleted are no trouble of single files.
MAX_STUCK = 20
#: Who deletes what is due.
RETENTION = "retention"

_log = structlog.get_logger("madoguchi.recordings")


class Condition(StrEnum):
    """What a check found of a stored recording, or of a proof."""

    SOUND = "sound"
    MISSING = "missing"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"
    STILL_THERE = "still_there"
    CHAIN_BROKEN = "chain_broken"


class Checked(Struct, frozen=True):
    """One result of a check."""

    recording: str
    condition: Condition


class Recordings:
    """The use cases; who may, and with which reason, is settled by who calls."""

    def __init__(self, vault: Vault, index: RecordingIndex, now: Callable[[], float]) -> None:
        self._vault, self._index, self._now = vault, index, now
        self.media_type = vault.media_type

    async def search(self, query: RecordingQuery) -> list[Found]:
        """Stored recordings, the newest first."""
        return await self._index.search(query)

    async def get(self, recording: str) -> Found:
        """One recording that is not deleted; raises NotFound."""
        found = await self._index.get(recording)
        if found.recording.status is RecordingStatus.DELETED:
            raise NotFound("this recording was deleted", code="recording_deleted")
        return found

    async def open(self, recording: str) -> Sound:
        """The sound of a recording, in clear; raises NotFound or StoreCorrupt."""
        await self.get(recording)
        return self._vault.open(recording)

    async def hold(self, recording: str, by: str, reason: HoldReason | None) -> Found:
        """Put under legal hold, or (no reason) release it; returns it as it is then."""
        await self._index.hold(recording, by, reason, self._now_ms())
        return await self._index.get(recording)

    async def delete(self, recording: str, reason: DeletionReason, by: str) -> Deletion:
        """Destroy the sound, then chain the proof; raises Refused for one that is held."""
        return await destroy(self._vault, self._index, recording, reason, by, self._now_ms())

    async def purge(self) -> int:
        """Delete what is due; returns how many."""
        return await purge(self._vault, self._index, self._now_ms())

    def rekey(self) -> int:
        """Put every recording under a new key; returns how many. Blocks."""
        return self._vault.rekey()

    async def deletions(self) -> list[Deletion]:
        """All proofs of deletions, in order."""
        return await self._index.deletions()

    async def verify(self, recording: str = "") -> list[Checked]:
        """Check one recording, or all of them, the sound that no row knows, and the proofs."""
        if recording:
            return [await self._verified((await self.get(recording)).recording)]
        rows = await self._index.stored()
        checked = [await self._verified(row) for row in rows]
        known = {row.id for row in rows}
        proofs = await self._index.deletions()
        gone = {proof.recording for proof in proofs}
        for stored in self._vault.stored():
            if stored in gone:
                checked.append(Checked(stored, Condition.STILL_THERE))
            elif stored not in known:
                checked.append(Checked(stored, Condition.UNKNOWN))
        return checked + broken_proofs(proofs)

    async def _verified(self, row: Recording) -> Checked:
        try:
            condition = await asyncio.to_thread(self._condition, row)
        except NotFound:
            condition = Condition.MISSING
        except MadoguchiError:
            condition = Condition.UNREADABLE
        return Checked(row.id, condition)

    def _condition(self, row: Recording) -> Condition:
        if self._vault.digest(row.id) != row.sha256:
            return Condition.CHANGED
        sound = self._vault.open(row.id)
        try:
            for offset in range(0, sound.size, _PART):
                sound.read(offset, _PART)
        finally:
            sound.close()
        return Condition.SOUND

    def _now_ms(self) -> int:
        return round(self._now() * 1000)


def broken_proofs(proofs: Sequence[Deletion]) -> list[Checked]:
    """Where the chain of proofs was changed, cut into or put in another order."""
    previous, broken = "", []
    for number, proof in enumerate(proofs, 1):
        own = hashlib.sha256(proof.digest_input()).hexdigest()
        if proof.number != number or proof.previous != previous or proof.hash != own:
            broken.append(Checked(proof.recording, Condition.CHAIN_BROKEN))
        previous = proof.hash
    return broken


async def destroy(
    vault: Vault,
    index: RecordingIndex,
    recording: str,
    reason: DeletionReason,
    by: str,
    at_ms: int,
) -> Deletion:
    """Destroy the sound, then write the proof: a proof never stands for sound that is there. That
    it goes is decided before, in one step: a hold is in time, or is told that it comes too late."""
    await index.begin_deletion(recording)
    await asyncio.to_thread(vault.destroy, recording)
    return await index.delete(recording, reason, by, at_ms)


async def purge(vault: Vault, index: RecordingIndex, at_ms: int) -> int:
    """Delete every recording that is due and not held; returns how many.

    One that cannot be deleted keeps none of the others from it; its error is raised afterwards, and
    at once where so many fail that it is the disk or the database.
    """
    deleted, stuck = 0, dict[str, StoreError | None]()
    while due := [row for row in await index.expired(at_ms) if row.id not in stuck]:
        for row in due:
            try:
                await destroy(vault, index, row.id, DeletionReason.RETENTION, RETENTION, at_ms)
                deleted += 1
            except Refused:
                stuck[row.id] = None  # it came under legal hold meanwhile
            except StoreError as error:
                stuck[row.id] = error
                _log.error("recording_not_deleted", recording=row.id, code=error.code)
                if len(stuck) > MAX_STUCK or isinstance(error, Deposed):
                    raise
    if deleted:
        _log.info("recordings_deleted", count=deleted)
    first = next(filter(None, stuck.values()), None)
    if first is not None:
        raise first
    return deleted
