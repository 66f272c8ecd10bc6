"""What is done from the command line, in the operation log: first written down, then done."""

from __future__ import annotations

import datetime as dt
import getpass
import time
from typing import TYPE_CHECKING

from acd.ports_people import OperationEntry, OperationKind

if TYPE_CHECKING:
    from acd.config import Settings

#: Who may use the command line of a centre may do everything.
_ROLE = "administrator"


def who() -> str:
    """The person, as the log knows who sits at the command line."""
    return f"command line:{getpass.getuser()}"


async def note(
    settings: Settings, kind: OperationKind, subject: str = "", reason: str = ""
) -> None:
    """Keep what is done, to what and why; raises StoreUnavailable."""
    from acd.bootstrap.people import log_operation

    at_ms = round(time.time() * 1000)
    await log_operation(settings, OperationEntry(at_ms, kind, who(), _ROLE, subject, reason))


def days(first: dt.date | None, last: dt.date | None) -> str:
    """A span of days as a subject: ``2026-11-01..2026-11-30``; an end that is open is left out."""
    if not first and not last:
        return "of all days"
    return "..".join(f"{day:%Y-%m-%d}" if day else "" for day in (first, last))
