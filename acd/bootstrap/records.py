"""Journal, spool, snapshots and database of one centre, and the engine restored from them."""

from __future__ import annotations

from collections.abc import Sequence

from acd.adapters.replication.tail import Tail
from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.spool import MIB, Spool, SpoolSize
from acd.adapters.sql.fence import SqlFence
from acd.adapters.sql.records import SqlRecords
from acd.app.drainer import Drainer
from acd.app.journal import Journal, OnRecords, Restored, SnapshotPolicy
from acd.app.restoring import restored_engine
from acd.config.settings import Settings
from acd.core.cdr_types import Record
from acd.core.engine import Engine
from acd.core.plan import Plan
from acd.ports import FrameLog


class Records:
    """Everything that remembers. Use :meth:`engine` once before the journal is written to."""

    def __init__(self, settings: Settings, fence: SqlFence | None = None) -> None:
        store = settings.store
        folder = settings.state_dir / "spool"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        size = SpoolSize(total_bytes=store.spool_mib * MIB, reserve_bytes=store.reserve_mib * MIB)
        self.spool = Spool(folder, size, fsync=store.fsync)
        self.snapshots = SnapshotFiles(folder, fsync=store.fsync)
        self.store = SqlRecords(settings.database_url, fence)
        self.drainer = Drainer(self.spool, self.store, self.snapshots)
        self._followers: list[OnRecords] = []
        # Only where somebody stands by is there anybody to stream to.
        self.tail = Tail(self.spool) if settings.cluster.on else None
        log: FrameLog = self.tail or self.spool
        self.journal = Journal(
            log,
            self.snapshots,
            policy=SnapshotPolicy(seconds=store.snapshot_every_s),
            on_records=self._tell,
        )

    def follow(self, follower: OnRecords) -> None:
        """Tell ``follower`` of every row from now on, as it is finished; it must not block."""
        self._followers.append(follower)

    def _tell(self, rows: Sequence[Record]) -> None:
        for follower in self._followers:
            follower(rows)

    def engine(self, plan: Plan) -> tuple[Engine, Restored]:
        """The engine as it was when the last step was written, or a fresh one for ``plan``."""
        return restored_engine(self.journal, plan)

    async def close(self, *, deposed: bool = False) -> None:
        """Hand what is left to the database, unless somebody else leads; let go of the files."""
        if not deposed:
            await self.drainer.finish(timeout_s=5.0)
        await self.store.close()
        self.spool.close()
