"""Availability twice: the spans of metrics against plain SQL over the ledger's own table."""

from __future__ import annotations

import itertools
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.availability import Recorded, ServiceState, Stretch, fold_service, service_of
from metrics.cells import Cells
from metrics.intervals import QUARTER_MS, Span
from metrics.measures import figure

DAY = Span(0, 96 * QUARTER_MS)
STATES = [state for state in ServiceState if state is not ServiceState.NO_CONTROLLER]

#: Cut time at every border there is; of each piece ask whether it is owed, and whether any
#: controller saw the centre in service.
SQL = """
WITH edges(at) AS (
  SELECT from_ms FROM hours UNION SELECT to_ms FROM hours UNION
  SELECT from_ms FROM service_stretches UNION SELECT to_ms FROM service_stretches UNION
  SELECT :until
), pieces AS (SELECT at AS a, LEAD(at) OVER (ORDER BY at) AS b FROM edges),
owed AS (
  SELECT a, b FROM pieces
  WHERE b <= :until AND a >= (SELECT MIN(from_ms) FROM service_stretches)
    AND EXISTS (SELECT 1 FROM hours WHERE from_ms <= a AND to_ms >= b)
)
SELECT COALESCE(SUM(CASE WHEN EXISTS (
         SELECT 1 FROM service_stretches
         WHERE state = 'in_service' AND from_ms <= a AND to_ms >= b
       ) THEN b - a ELSE 0 END), 0), COALESCE(SUM(b - a), 0)
FROM owed
"""


@st.composite
def spans(draw: st.DrawFn, most: int) -> list[Span]:
    """Spans in order that do not touch."""
    edges = draw(st.lists(st.integers(0, DAY.to_ms), max_size=2 * most, unique=True))
    edges = sorted(edges)[: len(edges) // 2 * 2]
    return [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]


@st.composite
def stretches(draw: st.DrawFn) -> list[Stretch]:
    """Two controllers, which may overlap: who was deposed learns of it a moment later."""
    return [
        Stretch(span.from_ms, span.to_ms, node, draw(st.sampled_from(STATES)))
        for node in ("a", "b")
        for span in draw(spans(6))
    ]


@pytest.mark.requirement("M11")
@given(spans(3), stretches(), st.integers(0, 2 * DAY.to_ms))
@settings(max_examples=150, deadline=None)
def test_sql_agrees(hours: list[Span], seen: list[Stretch], until_ms: int) -> None:
    since_ms = min((each.from_ms for each in seen), default=None)
    newest_ms = max((each.to_ms for each in seen), default=0)
    if 0 <= until_ms - newest_ms <= 20_000:
        until_ms = newest_ms
    service = service_of(hours, Recorded(seen, since_ms), until_ms)
    cells = Cells()
    fold_service(cells, service)
    found = figure("availability", cells.sums(DAY))
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE hours (from_ms, to_ms)")
        database.execute("CREATE TABLE service_stretches (from_ms, to_ms, node, state)")
        database.executemany(
            "INSERT INTO hours VALUES (?, ?)", [(each.from_ms, each.to_ms) for each in hours]
        )
        database.executemany(
            "INSERT INTO service_stretches VALUES (?, ?, ?, ?)",
            [(each.from_ms, each.to_ms, each.node, each.state.value) for each in seen],
        )
        assert (found.part, found.whole) == database.execute(SQL, {"until": until_ms}).fetchone()
    database.close()
    # The outages are what is missing, each once and in order.
    gaps = [each.span for each in service.outages]
    assert sum(gap.to_ms - gap.from_ms for gap in gaps) == (found.whole or 0) - (found.part or 0)
    assert all(one.to_ms <= other.from_ms for one, other in itertools.pairwise(gaps))
