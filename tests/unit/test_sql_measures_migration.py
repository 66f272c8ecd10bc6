"""Rows from before the measures' columns get what the ledger knows elsewhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy
from alembic import command
from alembic.config import Config

from acd.adapters.sql import database
from acd.adapters.sql.database import sqlite_url, upgrade
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.records import ROW_TABLES, as_row
from acd.core.cdr_types import AgentSpan
from metrics.cells import Cells
from metrics.dimensions import Dim
from metrics.intervals import Grain, span_of
from tests.ledger_rows import JST, SHAPE
from tests.unit.test_measures_by_hand import MORNING

ADDED = {"came_ms", "dialled", "trunk", "skills", "call_type", "language", "queue", "agent",
         "returned"}  # fmt: skip


def upgrade_to(path: Path, revision: str) -> sqlalchemy.Engine:
    config = Config()
    folder = Path(database.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return engine


@pytest.mark.requirement("M10")
async def test_figures_of_old_rows_are_the_same_after_the_upgrade(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    engine = upgrade_to(path, "0007")
    old = [row for row in MORNING if not isinstance(row, AgentSpan)]
    with engine.begin() as connection:
        inspector = sqlalchemy.inspect(connection)
        for row in old:
            table = ROW_TABLES[type(row)]
            there = {column["name"] for column in inspector.get_columns(table.name)}
            values = dict(zip([c.name for c in table.columns], as_row(row), strict=True))
            kept = {name: value for name, value in values.items() if name in there}
            assert set(values) - set(kept) <= ADDED
            connection.execute(table.insert().values(kept))
    engine.dispose()
    upgrade(sqlite_url(path))
    reader = LedgerReader(sqlite_url(path))
    day = span_of(date(2026, 11, 20), Grain.DAY, JST)
    found, expected = Cells(SHAPE), Cells(SHAPE)
    found.fold(await reader.figure_rows(day.from_ms, day.to_ms))
    expected.fold(old)
    await reader.close()
    for dim in Dim:
        before, after = expected.by(day, dim), found.by(day, dim)
        # That nobody took a call which was sent on was not written down without a party's row.
        for sums in (*before.values(), *after.values()):
            sums.calls.mis_sent = 0
        assert after == before
