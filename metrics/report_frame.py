"""What the tables of a report are made from, and how their cells and columns are made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from msgspec import Struct

from acd.core.plan import Plan
from metrics import report_names as names
from metrics.availability import Outage
from metrics.cells import Cells
from metrics.contract import Contract
from metrics.intervals import Grain, Span
from metrics.measure import MEASURES
from metrics.measures import Figure
from metrics.report_model import Chapter, Column, Form, Line, Name, Table
from metrics.report_names import Names
from metrics.report_rows import Gathered
from metrics.tally import Sums

#: A table names so many values; what is beyond them stands in one line.
LINES_MAX = 20
_FORMS = {"count": Form.COUNT, "share": Form.SHARE, "ms": Form.MS, "score": Form.SCORE}


class Frame(Struct, frozen=True):
    """What all tables of one report are made from."""

    span: Span
    grain: Grain
    tz: tzinfo
    cells: Cells
    gathered: Gathered
    plan: Plan
    names: Names
    contract: Contract
    in_progress: int
    outages: tuple[Outage, ...]
    hours: list[Span]
    by_hour: list[Sums]
    whole: Sums
    operators: bool
    many_days: bool


def count_of(number: float, key: str = "count") -> Figure:
    """A plain number as a cell."""
    return Figure(key, number, int(number), None)


def share_of(part: int, whole: int, key: str = "share") -> Figure:
    """A part of a whole as a cell; of nothing there is none."""
    return Figure(key, part / whole if whole else None, part, whole)


def measure_column(key: str, *, sums: bool = False) -> Column:
    """The column of a measure."""
    one = MEASURES[key]
    return Column(key, Name(one.ja, one.en), _FORMS[one.unit.value], sums, opens=True)


COUNT = Column("count", Name("件数", "number"), Form.COUNT, sums=True)
SHARE = Column("share", Name("割合", "share"), Form.SHARE)


def shared_table(
    chapter: Chapter,
    name: Name,
    head: Name,
    counts: Sequence[tuple[str, Name, int]],
    whole: int,
    note: Name | None = None,
) -> Table:
    """A table of counts that add up, each with its share."""
    lines = tuple(
        Line(ident, title, (count_of(number), share_of(number, whole)))
        for ident, title, number in counts
    )
    total = Line("", names.TOTAL, (count_of(whole), share_of(whole, whole)))
    return Table(chapter, name, head, (COUNT, SHARE), lines, total, note=note)
