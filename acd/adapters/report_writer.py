"""Writes reports in every format."""

from __future__ import annotations

import asyncio

import msgspec

from acd.adapters.report_pdf import Printer
from acd.ports_reports import Format
from metrics.report_csv import as_csv
from metrics.report_html import page
from metrics.report_model import Report


class FileWriter:
    """A ReportWriter: all but PDF is made in this process, in a thread."""

    def __init__(self, printer: Printer | None = None) -> None:
        self._printer = printer or Printer()

    async def written(self, report: Report, form: Format, lang: str) -> bytes:
        """The file; raises NotPrinted where PDF cannot be made."""
        if form is Format.PDF:
            return await self._printer.pdf(await asyncio.to_thread(page, report, lang))
        return await asyncio.to_thread(_written, report, form, lang)


def _written(report: Report, form: Format, lang: str) -> bytes:
    if form is Format.HTML:
        return page(report, lang).encode()
    if form is Format.XLSX:
        # Not before it is wanted: its library takes a seventh of the time that a controller starts.
        from acd.adapters.report_xlsx import as_xlsx

        return as_xlsx(report, lang)
    if form is Format.CSV:
        return as_csv(report, lang)
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
