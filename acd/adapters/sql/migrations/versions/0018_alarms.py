"""Alarms, so that they outlive the controller that saw them begin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "alarms",
        sa.Column("alarm", sa.String(), primary_key=True),
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("since_ms", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=True),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
    )
    op.create_index("alarms_until", "alarms", ["until_ms"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("alarms")
