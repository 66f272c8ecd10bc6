"""The ledger as CSV files that a spreadsheet opens: one per kind of row."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import os
import re
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from acd.adapters.sql.lost_calls import lost_calls
from acd.adapters.sql.reader import LedgerReader
from acd.bootstrap.ledger import settle
from acd.config.settings import Settings
from acd.core.cdr_types import (
    CallRecord,
    DispositionRecord,
    LegRecord,
    OutsideRecord,
    PartyRecord,
    Segment,
    VisitRecord,
)
from acd.ports_reports import LostCall
from metrics.outside import OutsideFigures, outside_figures
from metrics.survey import SurveyFigures, survey_figures

#: First characters that make a spreadsheet take a text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"\+?[0-9]+")
#: The column whose moment is also written as local time, by kind of row.
_MOMENT: dict[type[Struct], str] = {
    CallRecord: "offered_ms",
    VisitRecord: "entered_ms",
    LegRecord: "offered_ms",
    Segment: "start_ms",
    DispositionRecord: "at_ms",
    PartyRecord: "asked_ms",
    OutsideRecord: "started_ms",
}


def export_csv(
    settings: Settings, folder: Path, zone: ZoneInfo, from_ms: int, to_ms: int | None
) -> dict[Path, int]:
    """Write the files; returns how many rows each has. They hold callers' numbers: only their
    owner may read them."""
    kinds = asyncio.run(_rows(settings, from_ms, to_ms))
    folder.mkdir(parents=True, exist_ok=True)
    counts: dict[Path, int] = {}
    for name, (struct, rows) in kinds.items():
        path = folder / f"{name}.csv"
        _write(path, struct, rows, zone)
        counts[path] = len(rows)
    return counts


async def survey_of(settings: Settings, from_ms: int, to_ms: int | None) -> SurveyFigures:
    """What callers answered whose calls came in this span (Unix milliseconds)."""
    await settle(settings)
    reader = LedgerReader(settings.database_url)
    try:
        return survey_figures(await reader.calls(from_ms, to_ms))
    finally:
        await reader.close()


async def outside_of(settings: Settings, from_ms: int, to_ms: int | None) -> OutsideFigures:
    """What came of the outside calls that operators began in this span (Unix milliseconds)."""
    await settle(settings)
    reader = LedgerReader(settings.database_url)
    try:
        return outside_figures(await reader.outside_calls(from_ms, to_ms))
    finally:
        await reader.close()


async def lost_of(
    settings: Settings, from_ms: int, to_ms: int | None, *, numbers: bool
) -> list[LostCall]:
    """The callers whom a fault cut off in this span (Unix milliseconds)."""
    await settle(settings)
    return await lost_calls(settings.database_url, from_ms, to_ms, numbers=numbers)


def span_ms(
    first_day: dt.datetime | None, last_day: dt.datetime | None, zone: ZoneInfo
) -> tuple[int, int | None]:
    """From the first day's midnight up to the end of the last, in Unix milliseconds; no day: no
    bound."""

    def midnight_ms(day: dt.datetime) -> int:
        return round(day.replace(tzinfo=zone).timestamp() * 1000)

    after_last = last_day + dt.timedelta(days=1) if last_day else None
    return (
        midnight_ms(first_day) if first_day else 0,
        midnight_ms(after_last) if after_last else None,
    )


async def _rows(
    settings: Settings, from_ms: int, to_ms: int | None
) -> dict[str, tuple[type[Struct], Sequence[Struct]]]:
    await settle(settings)
    reader = LedgerReader(settings.database_url)
    try:
        return {
            "calls": (CallRecord, await reader.calls(from_ms, to_ms)),
            "visits": (VisitRecord, await reader.visits(from_ms, to_ms)),
            "legs": (LegRecord, await reader.legs(from_ms, to_ms)),
            "segments": (Segment, await reader.segments(from_ms, to_ms)),
            "dispositions": (DispositionRecord, await reader.dispositions(from_ms, to_ms)),
            "parties": (PartyRecord, await reader.parties(from_ms, to_ms)),
            "outside_calls": (OutsideRecord, await reader.outside_calls(from_ms, to_ms)),
        }
    finally:
        await reader.close()


def _write(path: Path, struct: type[Struct], rows: Sequence[Struct], zone: ZoneInfo) -> None:
    fields = struct.__struct_fields__
    moment = fields.index(_MOMENT[struct])
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    # With a byte order mark, without which spreadsheets do not take Japanese for UTF-8.
    with os.fdopen(fd, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["local_time", *fields])
        for row in rows:
            values = msgspec.to_builtins(row)[1:]
            at = dt.datetime.fromtimestamp(values[moment] / 1000, zone)
            writer.writerow([at.isoformat(timespec="milliseconds"), *map(cell, values)])


def cell(value: object) -> object:
    """A value as a cell; text that a spreadsheet would run as a formula is made plain text."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
