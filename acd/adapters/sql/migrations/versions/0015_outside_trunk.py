"""Which carrier's line took an outside call.

Calls from before are not told: there was one trunk then, which the plan of the day names.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "outside_calls", sa.Column("trunk", sa.String(), nullable=False, server_default="")
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_column("outside_calls", "trunk")
