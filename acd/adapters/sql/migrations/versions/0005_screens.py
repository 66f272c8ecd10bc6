"""A note with each classification, and earlier calls of a number found without reading them all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the index; classifications so far have no note."""
    op.add_column("dispositions", sa.Column("note", sa.String(), nullable=False, server_default=""))
    op.create_index("calls_of_number", "calls", ["caller_number", "offered_ms"])


def downgrade() -> None:
    """Drop both, with the notes."""
    op.drop_index("calls_of_number", "calls")
    op.drop_column("dispositions", "note")
