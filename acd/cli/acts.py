"""What is done from the command line, in the operation log: first written down, then done."""

from __future__ import annotations

import datetime as dt
import getpass
import time
from typing import TYPE_CHECKING

import typer

from acd.cli.words import say
from acd.errors import StoreError
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

    await log_operation(settings, _entry(kind, subject, reason))


def _entry(kind: OperationKind, subject: str, reason: str = "") -> OperationEntry:
    return OperationEntry(round(time.time() * 1000), kind, who(), _ROLE, subject, reason)


class Owed:
    """Keeps what must not wait for the log, such as a backup while the database is away: the next
    one brings along what the log did not take, with its own time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._entries: list[OperationEntry] = []

    async def note(self, kind: OperationKind, subject: str) -> None:
        """Keep what is done; says on standard error when the log cannot take it now."""
        from acd.bootstrap.people import log_operation

        self._entries.append(_entry(kind, subject))
        try:
            while self._entries:
                await log_operation(self._settings, self._entries[0])
                del self._entries[0]
        except StoreError as error:
            text = say("操作の記録に残せませんでした", "the operation log could not be written")
            typer.echo(f"{text}: {error.message}", err=True)


def word(value: object) -> str:
    """A value as one word of a subject: ``folder=/mnt/my_disk``."""
    return "_".join(str(value).split())


def days(first: dt.date | None, last: dt.date | None) -> str:
    """A span of days as a subject: ``2026-11-01..2026-11-30``; an end that is open is left out."""
    if not first and not last:
        return "of all days"
    return "..".join(f"{day:%Y-%m-%d}" if day else "" for day in (first, last))


def span(first: dt.date | None, last: dt.date | None = None) -> str:
    """Days as the interface logs them: ``first=2026-11-01 last=2026-11-30``; a single day is told
    once, and an end that is open is left out."""
    ends = {"first": first, "last": last if last != first else None}
    return " ".join(f"{name}={day:%Y-%m-%d}" for name, day in ends.items() if day)
