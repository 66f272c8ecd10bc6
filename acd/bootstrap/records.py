"""Journal, spool, snapshots and database of one centre, and the engine restored from them."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.spool import MIB, Spool, SpoolSize
from acd.adapters.sql.records import SqlRecords
from acd.app.drainer import Drainer
from acd.app.journal import Journal, OnRecords, Restored, SnapshotPolicy
from acd.config.settings import Settings
from acd.core.cdr import Book
from acd.core.cdr_types import Record
from acd.core.engine import Engine
from acd.core.events import PlanAdopted
from acd.core.plan import Plan
from acd.ports import Step


class Records:
    """Everything that remembers. Use :meth:`engine` once before the journal is written to."""

    def __init__(self, settings: Settings) -> None:
        store = settings.store
        folder = settings.state_dir / "spool"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        size = SpoolSize(total_bytes=store.spool_mib * MIB, reserve_bytes=store.reserve_mib * MIB)
        self.spool = Spool(folder, size, fsync=store.fsync)
        self.snapshots = SnapshotFiles(folder, fsync=store.fsync)
        self.store = SqlRecords(settings.database_url)
        self.drainer = Drainer(self.spool, self.store, self.snapshots)
        self._followers: list[OnRecords] = []
        self.journal = Journal(
            self.spool,
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
        """The engine as it was when the last step was written, or a fresh one for ``plan``.

        Without a snapshot the journal alone is enough, since it begins with the adoption of a
        plan. Where it does not (its beginning is lost), engine and book begin anew together: the
        sweep over the switch finds the calls.
        """
        restored = self.journal.restore()
        zone = ZoneInfo(plan.timezone)
        if restored.engine is None and not _begins_with_a_plan(restored.steps):
            self.journal.book = Book()
            return Engine(plan, zone), restored
        engine = Engine(plan, zone)
        if restored.engine is not None:
            engine = Engine.restore(restored.engine, zone)
        for step in restored.steps:
            for event in step.events:
                engine.apply(event, step.at_s)
        return engine, restored

    async def close(self) -> None:
        """Hand what is left to the database, and let go of the files."""
        await self.drainer.finish(timeout_s=5.0)
        await self.store.close()
        self.spool.close()


def _begins_with_a_plan(steps: Sequence[Step]) -> bool:
    events = steps[0].events if steps else ()
    return bool(events) and isinstance(events[0], PlanAdopted)
