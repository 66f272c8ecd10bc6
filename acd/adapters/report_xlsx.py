"""A report as a workbook for officials: a sheet for each table, numbers as numbers.

Shares are of 1 with a percent format, times are seconds, moments are the centre's local time.
"""

from __future__ import annotations

import io
from datetime import datetime
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from metrics.report_csv import safe
from metrics.report_model import Form, Report, Table
from metrics.report_text import WHYS, mark, title, word

FORMATS = {
    Form.COUNT: "#,##0",
    Form.SHARE: "0.0%",
    Form.MS: '#,##0.0" s"',
    Form.SCORE: "0.00",
    Form.MOMENT: "yyyy-mm-dd hh:mm",
}
_HEAD = PatternFill("solid", fgColor="FFE3EEFA")
_RULE = Border(bottom=Side("thin", color="FF8A94A3"))
_WIDE_MAX = 60


def as_xlsx(report: Report, lang: str) -> bytes:
    """The workbook, in ``ja`` or ``en``."""
    return _Book(report, lang).bytes()


def cell_value(value: float | None, form: Form, tz: ZoneInfo) -> float | datetime | None:
    """A figure as a workbook holds it."""
    if value is None or form in (Form.COUNT, Form.SHARE, Form.SCORE):
        return value
    if form is Form.MS:
        return value / 1000
    # A workbook knows no zones: what is in it is the centre's clock.
    return datetime.fromtimestamp(value / 1000, tz).replace(tzinfo=None, microsecond=0)


class _Book:
    def __init__(self, report: Report, lang: str) -> None:
        self._report, self._lang = report, lang
        self._tz = ZoneInfo(report.timezone)
        self._book = Workbook()

    def bytes(self) -> bytes:
        first = self._book.active
        assert isinstance(first, Worksheet)
        self._summary(first)
        for table in self._report.tables:
            self._table(self._sheet(table.name.of(self._lang)), table)
        self._definitions()
        if len(self._report.revisions) > 1:
            self._revisions()
        out = io.BytesIO()
        self._book.save(out)
        return out.getvalue()

    def _sheet(self, name: str) -> Worksheet:
        clean = "".join(char for char in name if char not in "[]:*?/\\")[:31]
        sheet: Worksheet = self._book.create_sheet(clean)
        return sheet

    def _word(self, key: str) -> str:
        return word(key, self._lang)

    def _put(self, sheet: Worksheet, row: int, at: int, cell: float | None, form: Form) -> None:
        target = sheet.cell(row, at, cell_value(cell, form, self._tz))
        target.number_format = FORMATS[form]

    def _head(self, sheet: Worksheet, row: int, names: list[str]) -> None:
        for at, name in enumerate(names, start=1):
            head = sheet.cell(row, at, safe(name))
            head.font, head.fill, head.border = Font(bold=True), _HEAD, _RULE
            head.alignment = Alignment(wrap_text=True, vertical="center")

    def _finish(self, sheet: Worksheet, head: int) -> None:
        sheet.freeze_panes = f"B{head + 1}"
        sheet.page_setup.paperSize = 9  # A4
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        for at, column in enumerate(sheet.iter_cols(min_row=head, values_only=True), start=1):
            longest = max(
                (sum(1 if ord(c) < 256 else 2 for c in str(value or "")) for value in column),
                default=0,
            )
            letter = get_column_letter(at)
            sheet.column_dimensions[letter].width = min(max(longest + 2, 9), _WIDE_MAX)

    def _summary(self, sheet: Worksheet) -> None:
        report, lang = self._report, self._lang
        sheet.title = self._word("all_figures")
        sheet.cell(1, 1, safe(title(report, lang))).font = Font(bold=True, size=14)
        note = f"{report.timezone}  {self._word('revision')} {report.revision}"
        sheet.cell(2, 1, note)
        if not report.complete:
            sheet.cell(3, 1, self._word("provisional"))
        keys = ("figure", "key", "value", "parts", "parts", "contract", "contract", "promise",
                "promise")  # fmt: skip
        self._head(sheet, 4, [self._word(key) for key in keys])
        for row, each in enumerate((*report.judged, *report.figures), start=5):
            hour = f" ({each.hour.of(lang)})" if each.hour else ""
            sheet.cell(row, 1, safe(each.name.of(lang) + hour))
            sheet.cell(row, 2, each.figure.key)
            self._put(sheet, row, 3, each.figure.value, each.form)
            sheet.cell(row, 4, each.figure.part)
            sheet.cell(row, 5, each.figure.whole)
            self._put(sheet, row, 6, each.contract, each.form)
            sheet.cell(row, 7, mark(each.met, lang) or None)
            self._put(sheet, row, 8, each.promise, each.form)
            sheet.cell(row, 9, mark(each.kept, lang) or None)
        self._finish(sheet, 4)

    def _table(self, sheet: Worksheet, table: Table) -> None:
        lang = self._lang
        names = [table.head.of(lang), *(column.name.of(lang) for column in table.columns)]
        self._head(sheet, 1, names)
        lines = [*table.lines, *([table.total] if table.total else [])]
        for row, line in enumerate(lines, start=2):
            sheet.cell(row, 1, safe(line.name.of(lang)))
            for at, (column, cell) in enumerate(
                zip(table.columns, line.cells, strict=True), start=2
            ):
                self._put(sheet, row, at, cell.value, column.form)
            if line is table.total:
                for cells in sheet.iter_cols(min_row=row, max_row=row):
                    cells[0].font = Font(bold=True)
        if table.note is not None:
            sheet.cell(len(lines) + 3, 1, table.note.of(lang))
        self._finish(sheet, 1)

    def _definitions(self) -> None:
        sheet, lang = self._sheet(self._word("definitions")), self._lang
        self._head(sheet, 1, [self._word(k) for k in ("key", "figure", "formula", "threshold")])
        for row, each in enumerate(self._report.definitions, start=2):
            threshold = each.threshold.of(lang) if each.threshold else ""
            texts = (each.key, each.name.of(lang), each.formula.of(lang), threshold)
            for at, text in enumerate(texts, start=1):
                sheet.cell(row, at, safe(text))
        self._finish(sheet, 1)

    def _revisions(self) -> None:
        sheet, lang = self._sheet(self._word("corrections")), self._lang
        keys = ("revision", "made", "why", "changed", "before", "after")
        self._head(sheet, 1, [self._word(key) for key in keys])
        row = 2
        for each in reversed(self._report.revisions):
            sheet.cell(row, 1, each.number)
            self._put(sheet, row, 2, each.made_ms, Form.MOMENT)
            reasons = ", ".join(WHYS[reason].of(lang) for reason in each.why)
            sheet.cell(row, 3, reasons or self._word("first_making"))
            for change in each.changes:
                sheet.cell(row, 4, safe(change.where.of(lang)))
                self._put(sheet, row, 5, change.before, change.form)
                self._put(sheet, row, 6, change.after, change.form)
                row += 1
            row += not each.changes
        self._finish(sheet, 1)
