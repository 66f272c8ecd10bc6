"""Everybody besides caller and operator who was rung in a talk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "parties",
        sa.Column("call", sa.String(), primary_key=True),
        sa.Column("party", sa.String(), primary_key=True),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target_kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("ring_ms", sa.BigInteger(), nullable=False),
        sa.Column("answered_ms", sa.BigInteger()),
        sa.Column("ended_ms", sa.BigInteger(), nullable=False),
        sa.Column("talk_ms", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
    )
    op.create_index("parties_asked", "parties", ["asked_ms"])


def downgrade() -> None:
    """Drop the table and all that is in it."""
    op.drop_table("parties")
