"""What the contract suites share: one PostgreSQL for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real server, with no database of ours in it yet."""
    with running_postgres() as server:
        yield server
