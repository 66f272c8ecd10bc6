"""Carries frames from the local log into the database, in the background, exactly once.

The database keeps the position reached in the same transaction as the rows, so it is asked again
after every failure: a commit whose answer was lost is not repeated. While the database is locked,
full or gone nothing here raises; frames wait in the log and calls go on.
"""

from __future__ import annotations

import asyncio
import time

import structlog
from msgspec import Struct

from acd.errors import StoreError
from acd.ports import Frame, FrameLog, RecordStore, SnapshotStore

_log = structlog.get_logger("drainer")


class DrainPolicy(Struct, frozen=True):
    """How the drainer works: frames per transaction, pauses, and how often snapshots are kept."""

    batch: int = 512
    idle_s: float = 1.0
    retry_first_s: float = 0.5
    retry_most_s: float = 30.0
    keep_snapshot_s: float = 3600.0


class DrainStatus(Struct, frozen=True):
    """For health checks: what is stored, what waits, and the code of the fault since when."""

    stored_seq: int
    behind: int
    fault: str
    failing_s: float


class Drainer:
    """One per controller; :meth:`run` until cancelled."""

    def __init__(
        self,
        log: FrameLog,
        store: RecordStore,
        snapshots: SnapshotStore | None = None,
        *,
        policy: DrainPolicy | None = None,
    ) -> None:
        self._log = log
        self._store = store
        self._snapshots = snapshots
        self._policy = policy or DrainPolicy()
        self._position: int | None = None
        self._batch: list[Frame] = []
        self._kept_at_s: float | None = None
        self._stored_seq = 0
        self._fault = ""
        self._failing_since_s = 0.0

    @property
    def status(self) -> DrainStatus:
        """How it is going."""
        failing_s = time.monotonic() - self._failing_since_s if self._fault else 0.0
        behind = max(0, self._log.last_seq - self._stored_seq)
        return DrainStatus(self._stored_seq, behind, self._fault, failing_s)

    async def run(self) -> None:
        """Drain for ever: one batch after another, pausing when there is nothing or a fault."""
        pause_s = self._policy.retry_first_s
        while True:
            try:
                more = await self.drain_once()
            except Exception as error:
                # Whatever a database library raises, calls go on and frames wait.
                self._failed(error)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, self._policy.retry_most_s)
                continue
            pause_s = self._policy.retry_first_s
            await asyncio.sleep(0 if more else self._policy.idle_s)

    async def finish(self, timeout_s: float) -> bool:
        """Drain what is there before stopping; False when it did not end in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while await self.drain_once():
                    pass
        except Exception as error:
            self._failed(error)
            return False
        return True

    async def drain_once(self) -> bool:
        """Store one batch; returns whether there may be more. Raises a StoreError."""
        try:
            more = await self._drain()
        except BaseException:
            # What became of the transaction is not known: the database says where it stands.
            self._position, self._batch = None, []
            raise
        if self._fault:
            _log.info("database_back", stored_seq=self._stored_seq)
            self._fault = ""
        return more

    async def _drain(self) -> bool:
        stream = self._log.stream
        if self._position is None:
            self._position = await self._store.position(stream)
            self._reached(self._position)
        if not self._batch:
            self._batch = self._log.read(self._position, self._policy.batch)
        if self._batch:
            last = self._batch[-1].seq
            await self._store.store(stream, self._batch)
            self._position = last
            self._batch = []
            self._reached(last)
            return True
        await self._keep_snapshot()
        return False

    def _reached(self, seq: int) -> None:
        self._stored_seq = seq
        self._log.mark_stored(seq)

    async def _keep_snapshot(self) -> None:
        if self._snapshots is None:
            return
        now_s = time.monotonic()
        every_s = self._policy.keep_snapshot_s
        if self._kept_at_s is not None and now_s - self._kept_at_s < every_s:
            return
        snapshot = self._snapshots.newest()
        if snapshot is not None and snapshot.stream == self._log.stream:
            await self._store.keep_snapshot(snapshot)
            self._kept_at_s = now_s

    def _failed(self, error: Exception) -> None:
        code = error.code if isinstance(error, StoreError) else type(error).__name__
        if not self._fault:
            self._failing_since_s = time.monotonic()
        if code != self._fault:
            _log.warning("database_unavailable", code=code, stored_seq=self._stored_seq)
        self._fault = code
