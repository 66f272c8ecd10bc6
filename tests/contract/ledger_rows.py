"""Rows put into a ledger as its own writers would, one table for each kind."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, insert

from acd.adapters.sql import tables
from acd.core.cdr_types import CallRecord, DispositionRecord, LegRecord, VisitRecord

_TABLES = {
    CallRecord: tables.calls,
    VisitRecord: tables.visits,
    LegRecord: tables.legs,
    DispositionRecord: tables.dispositions,
}


def put(ledger: Connection, *records: msgspec.Struct) -> None:
    """Insert records and commit."""
    for record in records:
        ledger.execute(insert(_TABLES[type(record)]).values(msgspec.structs.asdict(record)))
    ledger.commit()
