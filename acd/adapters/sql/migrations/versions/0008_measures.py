"""What measures need on every row: when the call came, by which number and line, in whose queue;
and operators' time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TEXT = {
    "calls": ("queue", "agent", "skills"),
    "visits": ("dialled", "trunk", "skills"),
    "legs": ("dialled", "trunk", "language", "skills"),
}
#: Rows of before get what the ledger knows elsewhere; the skills that a caller's choice asked for
#: stay unknown. Calls in progress are the controller's, and get theirs when they end.
_FILL = (
    "UPDATE visits SET came_ms = ended_ms - caller_ms,"
    " dialled = COALESCE((SELECT dialled FROM calls WHERE calls.call = visits.call), ''),"
    " trunk = COALESCE((SELECT trunk FROM calls WHERE calls.call = visits.call), '')",
    "UPDATE legs SET came_ms = COALESCE((SELECT came_ms FROM visits"
    " WHERE visits.call = legs.call AND visits.visit = legs.visit), offered_ms),"
    " dialled = COALESCE((SELECT dialled FROM calls WHERE calls.call = legs.call), ''),"
    " trunk = COALESCE((SELECT trunk FROM calls WHERE calls.call = legs.call), ''),"
    " call_type = (SELECT call_type FROM visits"
    " WHERE visits.call = legs.call AND visits.visit = legs.visit),"
    " language = COALESCE((SELECT language FROM visits"
    " WHERE visits.call = legs.call AND visits.visit = legs.visit), '')",
    "UPDATE calls SET queue = COALESCE((SELECT queue FROM visits WHERE visits.call = calls.call"
    " ORDER BY number DESC LIMIT 1), ''),"
    " agent = COALESCE((SELECT agent FROM legs WHERE legs.call = calls.call"
    " AND legs.result IS NULL ORDER BY answered_ms DESC LIMIT 1), ''),"
    " returned = (SELECT COUNT(*) FROM parties WHERE parties.call = calls.call"
    " AND parties.kind = 'transfer' AND parties.answered_ms IS NULL)",
)


def upgrade() -> None:
    """Add the columns, fill them for what is there, and make the table of operators' time."""
    for table, names in _TEXT.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.String(), nullable=False, server_default=""))
    for table in ("visits", "legs"):
        came = sa.Column("came_ms", sa.BigInteger(), nullable=False, server_default="0")
        op.add_column(table, came)
        op.create_index(f"{table}_came", table, ["came_ms"])
    op.add_column("legs", sa.Column("call_type", sa.String()))
    op.add_column("calls", sa.Column("returned", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "agent_spans",
        sa.Column("agent", sa.String(), primary_key=True),
        sa.Column("start_ms", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
    )
    op.create_index("agent_spans_start", "agent_spans", ["start_ms"])
    for statement in _FILL:
        op.execute(statement)


def downgrade() -> None:
    """Drop the columns and the table."""
    op.drop_table("agent_spans")
    for table in ("visits", "legs"):
        op.drop_index(f"{table}_came", table)
        op.drop_column(table, "came_ms")
    for table, names in _TEXT.items():
        for name in names:
            op.drop_column(table, name)
    op.drop_column("legs", "call_type")
    op.drop_column("calls", "returned")
