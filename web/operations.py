"""Writes the operation log for the interface: who did what, to which id, for what reason."""

from __future__ import annotations

import time
from collections.abc import Iterable

import structlog

from acd.errors import StoreError
from acd.ports_people import (
    KeptOperation,
    OperationEntry,
    OperationKind,
    OperationLog,
    OperationSpan,
)
from web.identity import Identity
from web.roles import Role

REASON_MAX = 200
SUBJECT_MAX = 200

_log = structlog.get_logger("operations")

#: What must not happen unless it can be logged: somebody sees or takes along personal data, or
#: changes who may. Everything else goes on, since callers wait: that it is missing is logged.
NOT_UNLOGGED = frozenset(
    {
        OperationKind.PEOPLE_VIEWED,
        OperationKind.PERSON_ADDED,
        OperationKind.PERSON_CHANGED,
        OperationKind.PERSON_DISABLED,
        OperationKind.UNLOCKED,
        OperationKind.SESSIONS_ENDED,
        OperationKind.LINK_MADE,
        OperationKind.OPERATIONS_READ,
        OperationKind.HISTORY_VIEWED,
        OperationKind.OPERATORS_VIEWED,
        OperationKind.CALL_LISTENED,
        OperationKind.CALL_WHISPERED,
        OperationKind.CALL_BARGED,
        OperationKind.RECORDS_SEARCHED,
        OperationKind.RECORDS_EXPORTED,
        OperationKind.RECORD_CHANGED,
        OperationKind.RECORDING_SEARCHED,
        OperationKind.RECORDING_PLAYED,
        OperationKind.RECORDING_DELETED,
    }
)


class Operations:
    """The operation log as the interface uses it."""

    def __init__(self, log: OperationLog) -> None:
        self._log = log

    async def done(
        self,
        kind: OperationKind,
        who: Identity,
        role: Role,
        subject: str = "",
        reason: str = "",
        *,
        allowed: bool = True,
    ) -> None:
        """Somebody did this in this role, or tried to and was not allowed."""
        name = who.person or who.name
        await self._keep(kind, name, role, subject, reason, allowed)

    async def note(
        self,
        kind: OperationKind,
        who: str,
        role: Role | None = None,
        *,
        allowed: bool = True,
    ) -> None:
        """Something about signing in."""
        await self._keep(kind, who, role, "", "", allowed)

    async def shown(self, views: Iterable[tuple[int, str, str]]) -> None:
        """At each of these times (Unix ms) the number of a call's caller went to this operator's
        telephone and pages; raises StoreUnavailable, and none of them is kept."""
        kind, role = OperationKind.CALLER_SHOWN, Role.OPERATOR.value
        await self._log.record(
            *(OperationEntry(at_ms, kind, who, role, call) for at_ms, who, call in views)
        )

    def check(self) -> None:
        """Raise StoreUnavailable when what is about to be done could not be logged."""
        self._log.check()

    async def read(self, span: OperationSpan) -> list[KeptOperation]:
        """Entries, the newest first; raises StoreUnavailable."""
        return await self._log.read(span)

    async def _keep(
        self,
        kind: OperationKind,
        who: str,
        role: Role | None,
        subject: str,
        reason: str,
        allowed: bool,
    ) -> None:
        entry = OperationEntry(
            at_ms=round(time.time() * 1000),
            kind=kind,
            who=who,
            role=role.value if role else "",
            subject=_line(subject, SUBJECT_MAX),
            reason=_line(reason, REASON_MAX),
            allowed=allowed,
        )
        try:
            await self._log.record(entry)
        except StoreError as error:
            _log.error("operation_not_logged", kind=kind.value, code=error.code)
            if kind in NOT_UNLOGGED:
                raise


def _line(text: str, limit: int) -> str:
    return "".join(char if char.isprintable() else " " for char in text[:limit])
