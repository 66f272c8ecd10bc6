"""Where finished reports go, and the note of what went there already."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from acd.adapters.mail import Attachment, Mailer
from acd.errors import StoreUnavailable
from acd.ports_reports import ReportFile

#: Reports whose deliveries are remembered.
REMEMBERED = 400
_ALL = "*"


class FolderOutlet:
    """An Outlet: a folder on the disk or a share; a file is there whole or not at all."""

    name = "folder"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def take(self, subject: str, text: str, files: Sequence[ReportFile]) -> None:
        """Write the files; raises OSError."""
        await asyncio.to_thread(self._write, files)

    def _write(self, files: Sequence[ReportFile]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            scratch = self._folder / f".{file.name}.new"
            scratch.write_bytes(file.data)
            scratch.replace(self._folder / file.name)


class MailOutlet:
    """An Outlet: one message to some addresses, the files with it."""

    name = "mail"

    def __init__(self, mailer: Mailer, to: Sequence[str]) -> None:
        self._mailer, self._to = mailer, to

    async def take(self, subject: str, text: str, files: Sequence[ReportFile]) -> None:
        """Send the message; raises MailFailed."""
        attached = [Attachment(file.name, file.media, file.data) for file in files]
        await self._mailer.send(self._to, subject, text, attached)


class DeliveriesFile:
    """Deliveries in one file of the state directory: report → outlets that have it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, list[str]] | None = None

    async def complete(self, report: str) -> bool:
        """Whether all was done for this report."""
        return _ALL in (await self._read()).get(report, ())

    async def taken(self, report: str, outlet: str) -> bool:
        """Whether this outlet has it."""
        return outlet in (await self._read()).get(report, ())

    async def note(self, report: str, outlet: str) -> None:
        """This outlet has it now; raises StoreUnavailable."""
        known = await self._read()
        known.setdefault(report, []).append(outlet)
        while len(known) > REMEMBERED:
            known.pop(next(iter(known)))
        await asyncio.to_thread(self._write, msgspec.json.encode(known))

    async def finish(self, report: str) -> None:
        """All is done; raises StoreUnavailable."""
        await self.note(report, _ALL)

    async def _read(self) -> dict[str, list[str]]:
        if self._known is None:
            self._known = await asyncio.to_thread(self._load)
        return self._known

    def _load(self) -> dict[str, list[str]]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, list[str]])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError) as error:
            raise StoreUnavailable("the note of delivered reports cannot be read") from error

    def _write(self, data: bytes) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            scratch = self._path.with_suffix(".new")
            scratch.write_bytes(data)
            scratch.replace(self._path)
        except OSError as error:
            raise StoreUnavailable("the note of delivered reports cannot be written") from error
