"""What live figures need of the records: today's rows, and how busy earlier days were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from acd.core.cdr_types import Record


class PastFigures(Protocol):
    """Reads the ledger beside its writer. Times are Unix ms; may raise StoreUnavailable."""

    def stored_seq(self) -> int:
        """Number of the newest step whose rows are in the ledger."""
        ...

    def last_seq(self) -> int:
        """Number of the newest step there is."""
        ...

    async def rows(self, from_ms: int, to_ms: int) -> Sequence[Record]:
        """All rows that figures of the span are made of."""
        ...

    async def offered(self, from_ms: int, to_ms: int) -> dict[int, int]:
        """Calls offered in hours by quarter of an hour, as the quarter's beginning."""
        ...
