"""What reports need of the rest: rows of the ledger, a place to be kept in, ways to be written."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from acd.core.cdr_types import CallRecord, Record
from acd.core.ids import Personal
from metrics.availability import Recorded
from metrics.cells import Cells
from metrics.dimensions import Dim, Shape
from metrics.intervals import Span
from metrics.report_model import Kind, Report
from metrics.report_rows import Gathered


class Format(StrEnum):
    """How a report is written; the value is the file's ending."""

    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


#: Media types by format.
MEDIA = {
    Format.HTML: "text/html",
    Format.PDF: "application/pdf",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv",
    Format.JSON: "application/json",
}


class Kept(Struct, frozen=True):
    """One report that is kept, without its figures."""

    kind: Kind
    first: str
    last: str
    revision: int
    made_ms: int


class LostIn(StrEnum):
    """What the caller was doing when the call was lost."""

    MENU = "menu"
    WAITING = "waiting"
    TALKING = "talking"


class CutOff(Struct, frozen=True):
    """A caller whom a fault of ours cut off. ``lost_ms`` and ``came_ms`` are Unix milliseconds,
    ``waited_ms`` the last wait; ``place`` is 1 for the next in the line, 0 for who was not in one.
    """

    call: str
    switch: str
    lost_ms: int
    came_ms: int
    doing: LostIn
    queue: str
    place: int
    waited_ms: int
    dialled: str


class LostCall(CutOff, frozen=True):
    """The same with whose call it was; ``number`` is empty when it was withheld or nobody asked for
    it."""

    number: Personal = ""


class ReportLedger(Protocol):
    """Reads the ledger. Times are Unix ms; may raise StoreUnavailable."""

    async def sums(
        self, span: Span, dims: Sequence[Dim], steps: Sequence[Span], shape: Shape, now_ms: int
    ) -> tuple[Cells, Gathered]:
        """What a report of an aligned span is made of, from kept sums as far as they hold: cells of
        the whole centre by ``steps`` and of ``dims`` for the span, and what is gathered."""
        ...

    async def service(self, span: Span) -> Recorded:
        """What is on record of when callers could be served."""
        ...

    async def rows(self, from_ms: int, to_ms: int) -> Sequence[Record]:
        """All rows that figures of the span are made of."""
        ...

    async def calls(self, from_ms: int, to_ms: int) -> Sequence[CallRecord]:
        """Calls offered in the span."""
        ...

    async def lost(self, from_ms: int, to_ms: int) -> Sequence[LostCall]:
        """Callers whom a fault cut off in the span, without numbers, the first in line first."""
        ...


class ReportStore(Protocol):
    """Keeps reports; a revision that is there is never written again."""

    async def newest(self, kind: Kind, first: str, last: str) -> Report | None:
        """The newest revision; None when none is kept."""
        ...

    async def revision(self, kind: Kind, first: str, last: str, number: int) -> Report | None:
        """One revision; None when there is none such."""
        ...

    async def keep(self, report: Report) -> None:
        """Keep a new revision; raises StoreUnavailable."""
        ...

    async def kept(self) -> list[Kept]:
        """Every report's newest revision, the newest period first."""
        ...


class ReportWriter(Protocol):
    """Writes a report in a format."""

    async def written(self, report: Report, form: Format, lang: str) -> bytes:
        """The file; raises MadoguchiError when it cannot be made."""
        ...


class ReportFile(Struct, frozen=True):
    """One file of a report; ``media`` is its media type."""

    name: str
    media: str
    data: bytes


class Outlet(Protocol):
    """Where finished reports go: a folder, people's mail."""

    @property
    def name(self) -> str:
        """What it is called where deliveries are written down."""
        ...

    async def take(self, subject: str, text: str, files: Sequence[ReportFile]) -> None:
        """Take the files of one report; raises MadoguchiError or OSError."""
        ...


class Deliveries(Protocol):
    """What was delivered already, by report and outlet. May raise StoreUnavailable."""

    async def complete(self, report: str) -> bool:
        """Whether all was done for this report."""
        ...

    async def taken(self, report: str, outlet: str) -> bool:
        """Whether this outlet has it."""
        ...

    async def note(self, report: str, outlet: str) -> None:
        """This outlet has it now."""
        ...

    async def finish(self, report: str) -> None:
        """All is done."""
        ...
