"""What figures need of the records: today's rows, how busy earlier days were, and kept sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from acd.core.cdr_types import Record
from metrics.availability import Recorded
from metrics.intervals import Span

#: Takes some rows.
TakeRows = Callable[[Sequence[Record]], None]


class PastFigures(Protocol):
    """Reads the ledger beside its writer. Times are Unix ms; may raise StoreUnavailable."""

    def stored_seq(self) -> int:
        """Number of the newest step whose rows are in the ledger."""
        ...

    def last_seq(self) -> int:
        """Number of the newest step there is."""
        ...

    async def read(self, from_ms: int, to_ms: int, take: TakeRows) -> None:
        """Hand all rows that figures of the span are made of to ``take``, some at a time, perhaps
        in another thread; none is kept here."""
        ...

    async def offered(self, from_ms: int, to_ms: int) -> dict[int, int]:
        """Calls offered in hours by quarter of an hour, as the quarter's beginning."""
        ...

    async def service(self, from_ms: int, to_ms: int) -> Recorded:
        """What is on record of when callers could be served."""
        ...


class KeptSums(Protocol):
    """The sums of quarters of an hour that a ledger keeps. May raise StoreUnavailable."""

    async def first_ms(self) -> int | None:
        """When the first call was offered or operator began (Unix ms); None without any."""
        ...

    async def keep_some(self, span: Span, now_ms: int, quarters: int) -> int:
        """Compute and keep at most so many of the span's quarters that are over at ``now_ms`` and
        are not kept; how many there were."""
        ...
