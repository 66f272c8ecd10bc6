"""A report in the terminal: the figures with their targets, by queue, and how they are computed."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from metrics.dimensions import Dim
from metrics.report_model import Chapter, Judged, Report
from metrics.report_model import Table as ReportTable
from metrics.report_text import mark, number, target, title, word

#: Tables that a terminal shows; the page has all.
_SHOWN = (Dim.QUEUE.value, Chapter.CALLS.value)
#: A longer word is broken: Japanese has no gaps.
_WORD_MAX = 12


def show(report: Report, lang: str, console: Console | None = None) -> None:
    """Print it."""
    console = console or Console()
    console.print(Text(title(report, lang), "bold"))
    if not report.complete:
        console.print(Text(word("provisional", lang), "yellow"))
    console.print(_targets(report, lang))
    for name in _SHOWN:
        table = report.table(name)
        if table is not None and table.lines:
            console.print(_turned(report, table, lang))
    shown = {each.figure.key for each in report.judged}
    for each in report.definitions:
        if each.key in shown:
            limit = f" ({each.threshold.of(lang)})" if each.threshold else ""
            console.print(Text(f"{each.key} = {each.formula.of(lang)}{limit}", "dim"))


def _targets(report: Report, lang: str) -> Table:
    zone = ZoneInfo(report.timezone)
    table = _table(word("targets", lang))
    table.add_column("")
    for key in ("value", "parts", "contract", "promise"):
        table.add_column(word(key, lang), justify="right", no_wrap=True)
    for each in report.judged:
        parts = "" if each.figure.whole is None else f"{each.figure.part} ÷ {each.figure.whole}"
        hour = f" ({each.hour.of(lang)})" if each.hour else ""
        table.add_row(
            f"{each.name.of(lang)} {each.figure.key}{hour}",
            number(each.figure.value, each.form, lang, zone),
            parts,
            _goal(each, each.contract, each.met, lang, zone),
            _goal(each, each.promise, each.kept, lang, zone),
        )
    return table


def _goal(each: Judged, value: float | None, ok: bool | None, lang: str, zone: ZoneInfo) -> Text:
    text = f"{target(each, value, lang, zone)} {mark(ok, lang)}".strip()
    return Text(text, "" if ok is None else ("green" if ok else "bold red"))


def _turned(report: Report, table: ReportTable, lang: str) -> Table:
    """A column for each line of the report where they are few: the measures' names are long."""
    zone = ZoneInfo(report.timezone)
    lines = [*table.lines, *((table.total,) if table.total else ())]
    found = _table(table.name.of(lang))
    if table.dim is not Dim.QUEUE:
        found.add_column(table.head.of(lang))
        for column in table.columns:
            found.add_column(column.name.of(lang), justify="right")
        for line in lines:
            if line.cells[0].value:
                cells = zip(table.columns, line.cells, strict=True)
                texts = [number(cell.value, column.form, lang, zone) for column, cell in cells]
                found.add_row(line.name.of(lang), *texts)
        return found
    found.add_column("")
    for line in lines:
        name = line.name.of(lang)
        found.add_column(name, justify="right", min_width=_longest_word(name))
    for at, column in enumerate(table.columns):
        texts = [number(line.cells[at].value, column.form, lang, zone) for line in lines]
        found.add_row(column.name.of(lang), *texts)
    return found


def _longest_word(name: str) -> int:
    """The columns that a name needs so that none of its words is broken, where that is sensible."""
    return min(_WORD_MAX, max(cell_len(word) for word in name.split()))


def _table(name: str) -> Table:
    return Table(title=name, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
