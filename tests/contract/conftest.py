"""What the contract suites share: one PostgreSQL for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import Connection

from acd.adapters.sql.database import sqlite_url, upgrade
from tests.fakes.postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real server, with no database of ours in it yet."""
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind that a ledger may be in."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "ledger.sqlite")
    return str(request.getfixturevalue("postgres").new_database())


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Connection]:
    """A connection to one with all of our tables."""
    upgrade(ledger_url)
    engine = sqlalchemy.create_engine(ledger_url.replace("+aiosqlite", ""))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
