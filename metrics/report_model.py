"""A report as data: figures with their formulas and targets, tables whose sums balance, curves.

Pure structs, made by :mod:`metrics.report_make` from the ledger's rows and turned into a page, a
workbook, CSV, JSON or lines of a terminal by others: every rendering shows this and nothing else.
Nobody's number is in it. ``docs/reports.md`` describes it for whoever reads the JSON.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from metrics.dimensions import Dim
from metrics.measures import Figure

#: The version of the JSON form: grows when a field changes its meaning or goes.
SCHEMA = 1


class Kind(StrEnum):
    """How long a report is about."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"
    RANGE = "range"


class Chapter(StrEnum):
    """The tables that belong to no dimension, by their id."""

    CALLS = "calls"
    VISITS = "visits"
    CURVE = "curve"
    HEAT = "heat"
    WORST = "worst"
    CATEGORIES = "categories"
    TRANSFERS = "transfers"
    ABANDONED = "abandoned_waits"
    LINES = "lines"
    OUTAGES = "outages"


class Name(Struct, frozen=True):
    """What something is called, in both languages."""

    ja: str
    en: str

    def of(self, lang: str) -> str:
        """The name in ``ja`` or ``en``.

        >>> Name("税", "Taxes").of("en")
        'Taxes'
        """
        return self.ja if lang == "ja" else self.en


class Form(StrEnum):
    """How a number is written: a count, a share of 1, milliseconds, a score, a moment (Unix ms)."""

    COUNT = "count"
    SHARE = "share"
    MS = "ms"
    SCORE = "score"
    MOMENT = "moment"


class Column(Struct, frozen=True):
    """One column: its key (a measure's, or a word of the table's own), its heading, how its numbers
    are written. ``sums``: the lines of the table add up to its total. ``opens``: the key is a
    measure's, so that a cell can be opened down to its calls."""

    key: str
    name: Name
    form: Form
    sums: bool = False
    opens: bool = False


class Line(Struct, frozen=True):
    """One line: the value it is about (an id, an interval), its name, one figure for each column.
    ``from_ms`` and ``to_ms`` are the interval's where the line is one."""

    id: str
    name: Name
    cells: tuple[Figure, ...]
    from_ms: int | None = None
    to_ms: int | None = None


class Table(Struct, frozen=True):
    """One table. ``dim`` is the dimension its lines are values of, if they are; ``note`` says what
    a reader must know. ``total`` is computed from all rows and not from the lines."""

    id: str
    name: Name
    head: Name
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    total: Line | None = None
    dim: Dim | None = None
    note: Name | None = None

    @property
    def balances(self) -> bool:
        """Whether the lines of every column that sums add up to the total, to the last one."""
        if self.total is None:
            return True
        return all(
            sum(line.cells[at].value or 0 for line in self.lines) == (total.value or 0)
            for at, (column, total) in enumerate(zip(self.columns, self.total.cells, strict=True))
            if column.sums
        )


class Judged(Struct, frozen=True):
    """A figure beside its targets (仕様書, 提案), as shares, ms or scores; None: there is no target
    or no figure. ``hour`` is the hour that is meant where it is a worst hour; ``family`` is the
    measure's chapter. ``dim`` and ``value`` where it is not of the whole centre."""

    figure: Figure
    name: Name
    form: Form
    at_least: bool = True
    contract: float | None = None
    promise: float | None = None
    met: bool | None = None
    kept: bool | None = None
    worst_hour: bool = False
    hour: Name | None = None
    family: str = ""
    dim: Dim | None = None
    value: str = ""


class Definition(Struct, frozen=True):
    """A formula as it was applied: full key, name, formula, the threshold in words (or none)."""

    key: str
    name: Name
    formula: Name
    threshold: Name | None = None


class Basis(Struct, frozen=True):
    """What the figures rest on: what has changed here tells why a corrected report differs.

    ``taken_over``: calls from Asterisk's own record; ``classified``: calls that an operator gave a
    class; ``rules``: the contract's variants, thresholds and targets, as text."""

    calls: int = 0
    visits: int = 0
    legs: int = 0
    taken_over: int = 0
    classified: int = 0
    in_progress: int = 0
    rules: str = ""


class Why(StrEnum):
    """Why a report that was made again differs."""

    TAKEN_OVER = "taken_over"
    CLASSIFIED = "classified"
    RULES_CHANGED = "rules_changed"
    RECORDS_ADDED = "records_added"
    RECORDS_REMOVED = "records_removed"
    RECORDS_CHANGED = "records_changed"


class Change(Struct, frozen=True):
    """One number that a revision changed: where it stands, and both values."""

    where: Name
    key: str
    form: Form
    before: float | None
    after: float | None


class Revision(Struct, frozen=True):
    """One making of the report. ``changes`` holds at most so many as a reader can take in;
    ``changed`` counts all."""

    number: int
    made_ms: int
    why: tuple[Why, ...] = ()
    changed: int = 0
    changes: tuple[Change, ...] = ()


class Report(Struct, frozen=True):
    """A whole report. ``first`` and ``last`` are local dates (ISO), both included; ``complete`` is
    false while the span is not over or calls of it are in progress. ``judged`` are the figures
    that stand first, ``figures`` all of the whole centre. ``revisions`` are all up to this one, the
    newest last."""

    schema: int
    kind: Kind
    first: str
    last: str
    timezone: str
    from_ms: int
    to_ms: int
    complete: bool
    judged: tuple[Judged, ...]
    figures: tuple[Judged, ...]
    tables: tuple[Table, ...]
    definitions: tuple[Definition, ...]
    basis: Basis
    revisions: tuple[Revision, ...] = ()

    def table(self, name: str) -> Table | None:
        """The table of this id; None where the report has none such."""
        return next((each for each in self.tables if each.id == name), None)

    @property
    def balances(self) -> bool:
        """Whether every table's sums are its total."""
        return all(each.balances for each in self.tables)

    @property
    def revision(self) -> int:
        """The number of this making; 0 where it is not kept."""
        return self.revisions[-1].number if self.revisions else 0
