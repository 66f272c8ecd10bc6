"""The lease in memory: for controllers of one process, as in simulations and tests."""

from __future__ import annotations

from msgspec.structs import replace

from acd.ports_cluster import Lease


class MemoryLeases:
    """A LeaseStore that every controller of this process is handed. Forgets with its process."""

    def __init__(self) -> None:
        self.record: Lease | None = None

    @property
    def connection(self) -> int:
        """Memory is reached always and is always the same."""
        return 0

    async def look(self) -> Lease | None:
        """The record as it stands."""
        return self.record

    async def acquire(self, seen: Lease | None, wanted: Lease) -> Lease | None:
        """Put ``wanted`` in place of exactly ``seen``."""
        if self.record == seen:
            self.record = wanted
        return self.record

    async def renew(self, mine: Lease, *, restore: bool) -> Lease | None:
        """Raise the beat of ``mine``, or put it back."""
        if self.record is None and restore:
            self.record = replace(mine, beat=mine.beat + 1)
        elif self.record is not None and _same(self.record, mine):
            self.record = replace(self.record, beat=self.record.beat + 1)
        return self.record

    async def release(self, mine: Lease, heir: str) -> None:
        """Give it back; the token stays, so that the next one is higher."""
        if self.record is not None and _same(self.record, mine):
            self.record = replace(self.record, node="", heir=heir)

    async def close(self) -> None:
        """Nothing to give back."""


def _same(record: Lease, mine: Lease) -> bool:
    return (record.node, record.term, record.token) == (mine.node, mine.term, mine.token)
