"""A report made again: what differs, why, and the revision that says so."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from metrics.measures import Figure
from metrics.report_model import Change, Form, Name, Report, Revision, Why
from metrics.report_text import WORDS

#: So many changes are told one by one.
SHOWN = 40

_Place = tuple[str, str, str]


def revised(before: Report | None, made: Report, now_ms: int) -> Report:
    """The report to keep: ``before`` itself where nothing differs, else ``made`` as its next
    revision."""
    if before is None:
        return replace(made, revisions=(Revision(1, now_ms),))
    if replace(before, revisions=()) == replace(made, revisions=()):
        return before
    found = changes(before, made)
    revision = Revision(
        before.revision + 1, now_ms, whys(before, made), len(found), tuple(found[:SHOWN])
    )
    return replace(made, revisions=(*before.revisions, revision))


def whys(before: Report, made: Report) -> tuple[Why, ...]:
    """Why two makings of one report differ, from what they rest on."""
    old, new = before.basis, made.basis
    taken = new.taken_over - old.taken_over
    found = []
    if taken > 0:
        found.append(Why.TAKEN_OVER)
    if new.classified != old.classified:
        found.append(Why.CLASSIFIED)
    if new.rules != old.rules:
        found.append(Why.RULES_CHANGED)
    if new.calls - old.calls > max(0, taken) or (
        new.calls == old.calls and (new.visits > old.visits or new.legs > old.legs)
    ):
        found.append(Why.RECORDS_ADDED)
    if new.calls < old.calls or new.visits < old.visits or new.legs < old.legs:
        found.append(Why.RECORDS_REMOVED)
    return tuple(found) or (Why.RECORDS_CHANGED,)


def changes(before: Report, made: Report) -> list[Change]:
    """Every number that differs, in the order of the page."""
    old = {place: cell.value for place, _, _, cell in _cells(before)}
    new = list(_cells(made))
    found = [
        Change(name, place[2], form, old.get(place), cell.value)
        for place, name, form, cell in new
        if old.get(place) != cell.value
    ]
    there = {place for place, _, _, _ in new}
    gone = [
        Change(name, place[2], form, cell.value, None)
        for place, name, form, cell in _cells(before)
        if place not in there and cell.value is not None
    ]
    return found + gone


def _cells(report: Report) -> Iterator[tuple[_Place, Name, Form, Figure]]:
    for each in report.figures:
        yield ("figures", "", each.figure.key), each.name, each.form, each.figure
    for each in report.judged:
        if each.worst_hour:
            yield ("worst_hour", "", each.figure.key), each.name, each.form, each.figure
        for goal, value in (("contract", each.contract), ("promise", each.promise)):
            name = _joined(each.name, WORDS[goal])
            cell = Figure(each.figure.key, value, None, None)
            yield (goal, each.value, each.name.en), name, each.form, cell
    for table in report.tables:
        for line in (*table.lines, *((table.total,) if table.total else ())):
            ident = "total" if line is table.total else f"line {line.id}"
            for column, cell in zip(table.columns, line.cells, strict=True):
                yield (
                    (table.id, ident, column.key),
                    _joined(table.name, line.name, column.name),
                    column.form,
                    cell,
                )


def _joined(*names: Name) -> Name:
    return Name(" / ".join(each.ja for each in names), " / ".join(each.en for each in names))
