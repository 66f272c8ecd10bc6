"""The journal in parts of one month, where the database is PostgreSQL."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

#: Older than any call: such a row's clock was wrong, and it stays in the rest.
_FIRST_MS = 946_684_800_000
_COLUMNS = "stream, seq, at_ms, schema, detail"


def upgrade() -> None:
    """Move the journal's rows over, month by month; SQLite keeps its one table."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.rename_table("journal", "journal_whole")
    op.execute("ALTER INDEX journal_pkey RENAME TO journal_whole_pkey")
    # The key names the time as well, since a part is found by it: a step's time never changes.
    op.execute(
        "CREATE TABLE journal (stream VARCHAR NOT NULL, seq BIGINT NOT NULL,"
        " at_ms BIGINT NOT NULL, schema INTEGER NOT NULL, detail BYTEA NOT NULL,"
        " PRIMARY KEY (stream, seq, at_ms)) PARTITION BY RANGE (at_ms)"
    )
    op.execute("CREATE TABLE journal_rest PARTITION OF journal DEFAULT")
    for first_ms, next_ms in _months():
        first = dt.datetime.fromtimestamp(first_ms / 1000, dt.UTC)
        op.execute(
            f"CREATE TABLE journal_{first:%Y_%m} PARTITION OF journal"
            f" FOR VALUES FROM ({first_ms}) TO ({next_ms})"
        )
    op.execute(f"INSERT INTO journal ({_COLUMNS}) SELECT {_COLUMNS} FROM journal_whole")  # noqa: S608
    op.drop_table("journal_whole")


def downgrade() -> None:
    """Back into one table, with all rows."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.create_table(
        "journal_whole",
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
    )
    op.execute(f"INSERT INTO journal_whole ({_COLUMNS}) SELECT {_COLUMNS} FROM journal")  # noqa: S608
    op.drop_table("journal")
    op.rename_table("journal_whole", "journal")
    op.create_primary_key("journal_pkey", "journal", ["stream", "seq"])


def _months() -> list[tuple[int, int]]:
    """The months from the first row, or else this one, to the one after next."""
    today = dt.datetime.now(dt.UTC)
    oldest = sa.text("SELECT min(at_ms) FROM journal_whole WHERE at_ms >= :first")
    first_ms = op.get_bind().execute(oldest, {"first": _FIRST_MS}).scalar()
    begin = min(dt.datetime.fromtimestamp((first_ms or 2**41) / 1000, dt.UTC), today)
    begin = begin.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months: list[tuple[int, int]] = []
    while begin <= today + dt.timedelta(days=62):
        after = (begin + dt.timedelta(days=31)).replace(day=1)
        months.append((round(begin.timestamp() * 1000), round(after.timestamp() * 1000)))
        begin = after
    return months
