"""What screens need of the records: the earlier calls of somebody who calls again."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from acd.core.events import CallOutcome
from acd.core.ids import AgentId, CallId, Personal, QueueId


class EarlierCall(Struct, frozen=True):
    """One earlier call of a number, as the next operator needs it.

    ``at_ms`` is when it came (Unix milliseconds). ``agent`` spoke last, for ``talk_ms``; both are
    empty when nobody did. ``disposition`` and ``note`` are the newest that were given.
    """

    call: CallId
    at_ms: int
    queue: QueueId
    outcome: CallOutcome
    agent: AgentId
    talk_ms: int
    disposition: str
    note: Personal


class CallHistory(Protocol):
    """Looks into the records. May raise StoreUnavailable."""

    async def of_number(self, number: str, but: CallId, limit: int) -> list[EarlierCall]:
        """The calls of a number except one, the newest first."""
        ...


class NoHistory:
    """A centre that keeps no records: nobody has called before."""

    async def of_number(self, number: str, but: CallId, limit: int) -> list[EarlierCall]:
        """Nothing."""
        return []
