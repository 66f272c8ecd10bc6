"""When callers could be served, as the controller that led saw it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "service_stretches",
        sa.Column("from_ms", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("node", sa.String(), primary_key=True),
        sa.Column("to_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
    )
    op.create_index("service_stretches_to", "service_stretches", ["to_ms"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("service_stretches")
