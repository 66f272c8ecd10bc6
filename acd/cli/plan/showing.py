"""A study in the terminal: sentences first, then tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from sim.report.paper import Paper, Sheet


def show(paper: Paper, more: Sequence[str] = (), sheets: Sequence[Sheet] = ()) -> None:
    """Everything but the plots. ``more``: sentences that follow the answer's; ``sheets``: tables
    that follow the paper's."""
    out = Console()
    out.print(Text(f"{paper.title}: {paper.subject}", style="bold"))
    said(out, [*paper.answer, *more])
    said(out, paper.warnings, "yellow")
    for name, text in paper.assumptions[:1] if paper.assumptions else ():
        out.print(Text(f"{name}: {text}", style="dim"))
    for sheet in (*paper.sheets, *sheets):
        out.print()
        out.print(table(sheet))
        if sheet.note:
            out.print(Text(sheet.note, style="dim"))
    out.print()
    stamped(out, paper.origin)


def stamped(out: Console, origin: Sequence[tuple[str, str]]) -> None:
    """How it was made, at the end."""
    text = " · ".join(f"{name}: {value}" for name, value in origin)
    out.print(Text(text, style="dim"), soft_wrap=True)


def said(out: Console, sentences: Iterable[str], style: str = "") -> None:
    """One sentence a line."""
    for each in sentences:
        # The terminal wraps them: a line that is copied stays one line.
        out.print(Text(each, style=style), soft_wrap=True)


def table(sheet: Sheet) -> Table:
    """A table with its title; the first column is a name, the others are numbers."""
    # Close set, so that a day's table fits into eighty columns.
    rows = [[each.replace(" ± ", "±").replace(" %", "%") for each in row] for row in sheet.rows]
    made = Table(
        title=Text(sheet.title), title_justify="left", title_style="bold", box=SIMPLE_HEAD,
        pad_edge=False, collapse_padding=True,
    )  # fmt: skip
    for number, head in enumerate(sheet.head):
        side: Literal["left", "right"] = "left" if number == 0 else "right"
        least = max((cell_len(row[number]) for row in rows), default=0) if number else 1
        made.add_column(Text(head), justify=side, overflow="fold", vertical="bottom",
                        min_width=least)  # fmt: skip
    for number, row in enumerate(rows):
        made.add_row(*(Text(each) for each in row), style="bold" if number == sheet.strong else "")
    return made
