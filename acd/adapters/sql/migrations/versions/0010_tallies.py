"""Stored sums by quarter of an hour, and which of them still hold; the planned roster."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; they fill by themselves."""
    op.create_table(
        "tallies",
        sa.Column("quarter_ms", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("dim", sa.String(), primary_key=True),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "tally_quarters",
        sa.Column("quarter_ms", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("shape", sa.String(), nullable=False),
    )
    op.create_table(
        "roster",
        sa.Column("agent", sa.String(), primary_key=True),
        sa.Column("from_ms", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("to_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
    )
    op.create_index("roster_from", "roster", ["from_ms"])


def downgrade() -> None:
    """Drop them: sums are computed anew, the roster has to be brought again."""
    op.drop_table("roster")
    op.drop_table("tally_quarters")
    op.drop_table("tallies")
