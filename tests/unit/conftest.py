"""What several unit tests share: a centre whose talks are recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.adapters.sql.database import sqlite_url, upgrade
from tests.taped import World, taped


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables: making them anew for each test takes half a second."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    upgrade(sqlite_url(path))
    return path


@pytest.fixture
async def world(tmp_path: Path, empty_ledger: Path) -> AsyncIterator[World]:
    async with taped(tmp_path, empty_ledger) as made:
        yield made
