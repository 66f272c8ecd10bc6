"""A report as CSV: one number a line, fixed columns, safe in a spreadsheet.

The columns are those of :data:`COLUMNS`, whatever the report; UTF-8 with a byte order mark, without
which spreadsheets do not take Japanese for UTF-8. Shares are of 1, times milliseconds.
"""

from __future__ import annotations

import csv
import io
import re

from metrics.measures import Figure
from metrics.report_model import Form, Report

COLUMNS = (
    "kind", "first", "last", "revision", "table", "line", "line_name", "key", "name", "unit",
    "value", "part", "whole", "contract", "promise", "contract_met", "promise_kept",
)  # fmt: skip
#: First characters that make a spreadsheet take a text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def safe(text: str) -> str:
    """Text that no spreadsheet runs as a formula; numbers stay as they are.

    >>> safe("=1+1"), safe("-5"), safe("税")
    ("'=1+1", '-5', '税')
    """
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def as_csv(report: Report, lang: str) -> bytes:
    """The whole report, names in ``ja`` or ``en``."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    about = (report.kind.value, report.first, report.last, report.revision)

    def row(
        table: str, line: str, line_name: str, key: str, name: str, form: Form, cell: Figure,
        *targets: object,
    ) -> None:  # fmt: skip
        texts = [safe(each) for each in (table, line, line_name, key, name)]
        numbers = (cell.value, cell.part, cell.whole, *(targets or ("",) * 4))
        writer.writerow([*about, *texts, form.value, *("" if n is None else n for n in numbers)])

    for each in report.judged:
        table = "worst_hour" if each.worst_hour else "targets"
        hour = each.hour.of(lang) if each.hour else ""
        found = (each.contract, each.promise, _yes(each.met), _yes(each.kept))
        row(table, each.value, hour, each.figure.key, each.name.of(lang), each.form, each.figure,
            *found)  # fmt: skip
    for each in report.figures:
        row("figures", "", "", each.figure.key, each.name.of(lang), each.form, each.figure)
    for table_ in report.tables:
        for line in (*table_.lines, *((table_.total,) if table_.total else ())):
            ident = "total" if line is table_.total else line.id or "none"
            for column, cell in zip(table_.columns, line.cells, strict=True):
                key = cell.key if column.opens else column.key
                row(table_.id, ident, line.name.of(lang), key, column.name.of(lang), column.form,
                    cell)  # fmt: skip
    return out.getvalue().encode("utf-8-sig")


def _yes(met: bool | None) -> str:
    return "" if met is None else ("yes" if met else "no")
