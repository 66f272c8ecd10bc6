"""The journal on PostgreSQL in parts of one month each (UTC): old months are dropped whole.

A row whose month has no part yet goes into ``journal_rest``, so that a clock which is far off, or
housekeeping that did not run, refuses no step. SQLite has no parts and keeps its one table.
"""

from __future__ import annotations

import datetime as dt
import re

from msgspec import Struct
from sqlalchemy import Connection, text

JOURNAL, REST = "journal", "journal_rest"
#: Months that are there before they begin.
AHEAD = 2
#: How long a change of parts waits for writers and readers, who then wait behind it.
LOCK_TIMEOUT_MS = 2_000
#: Months that are made at most for rows that found no part.
_MOST_AT_ONCE = 120
_BOUNDS = re.compile(r"FROM \((?:'(-?\d+)'|MINVALUE)\) TO \('(-?\d+)'\)")

_PARTS = text(
    "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) AS bounds FROM pg_inherits i"
    " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass('journal')"
)
#: 2000 to 2199: another time is a clock gone wrong, and stays in the rest.
_MONTHS_OF_REST = text(
    "SELECT DISTINCT date_trunc('month', to_timestamp(at_ms / 1000.0) AT TIME ZONE 'UTC') AS month"
    " FROM journal_rest WHERE at_ms BETWEEN 946684800000 AND 7258118399999 ORDER BY month"
)


class Part(Struct, frozen=True):
    """One part: its table, and its span in Unix milliseconds (``to_ms`` is not in it)."""

    name: str
    from_ms: int
    to_ms: int


def month_of(day: dt.date) -> Part:
    """The part that holds a day."""
    first = day.replace(day=1)
    following = (first + dt.timedelta(days=31)).replace(day=1)
    return Part(f"{JOURNAL}_{first:%Y_%m}", _midnight_ms(first), _midnight_ms(following))


def following(month: Part) -> Part:
    """The month after one."""
    return month_of(dt.datetime.fromtimestamp(month.to_ms / 1000, dt.UTC).date())


def parts(connection: Connection) -> list[Part]:
    """The parts that are there but for the rest, in order; none when the journal has no parts."""
    found = []
    for name, bounds in connection.execute(_PARTS):
        match = _BOUNDS.search(bounds)
        if match:
            found.append(Part(name, int(match[1] or -(2**62)), int(match[2])))
    return sorted(found, key=lambda part: part.from_ms)


def make_ahead(connection: Connection, today: dt.date, since: dt.date | None = None) -> list[str]:
    """Make the months that will be needed (from ``since`` on), and those of rows that found none;
    returns their names.

    For a transaction of its own, whose locks it waits for only briefly.
    """
    connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('madoguchi journal parts'))"))
    wanted = [month_of(min(today, since or today))]
    while wanted[-1].to_ms <= _midnight_ms(today):
        wanted.append(following(wanted[-1]))
    for _ in range(AHEAD):
        wanted.append(following(wanted[-1]))
    late = [month_of(row.month.date()) for row in connection.execute(_MONTHS_OF_REST)]
    wanted += late[:_MOST_AT_ONCE]
    there = parts(connection)
    made = []
    for month in wanted:
        if not any(month.from_ms < part.to_ms and part.from_ms < month.to_ms for part in there):
            _make(connection, month)
            there.append(month)
            made.append(month.name)
    return made


def _make(connection: Connection, month: Part) -> None:
    """Make a part beside the journal, move what the rest holds of it, and put it in its place."""
    span = {"from_ms": month.from_ms, "to_ms": month.to_ms}
    connection.execute(text(f"LOCK TABLE {REST} IN ACCESS EXCLUSIVE MODE"))
    connection.execute(text(f"CREATE TABLE {month.name} (LIKE {JOURNAL} INCLUDING STORAGE)"))
    moved = f"DELETE FROM {REST} WHERE at_ms >= :from_ms AND at_ms < :to_ms RETURNING *"  # noqa: S608
    connection.execute(
        text(f"WITH moved AS ({moved}) INSERT INTO {month.name} SELECT * FROM moved"),  # noqa: S608
        span,
    )
    connection.execute(
        text(
            f"ALTER TABLE {JOURNAL} ATTACH PARTITION {month.name}"
            f" FOR VALUES FROM ({month.from_ms}) TO ({month.to_ms})"
        )
    )


def drop(connection: Connection, part: Part) -> None:
    """Drop a part with all that is in it; for a transaction of its own."""
    connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))
    connection.execute(text(f"DROP TABLE {part.name}"))


def _midnight_ms(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()) * 1000
