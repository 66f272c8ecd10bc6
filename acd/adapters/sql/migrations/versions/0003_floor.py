"""Calls of a drill, and the answer after the talk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WITH_DRILLS = ("calls", "visits", "legs")


def upgrade() -> None:
    """Add the columns; calls so far were no drill, and nobody was asked."""
    for table in _WITH_DRILLS:
        op.add_column(table, _flag("drill"))
    op.add_column("calls", _flag("survey_asked"))
    op.add_column("calls", sa.Column("survey", sa.Integer))


def downgrade() -> None:
    """Drop the columns and what is in them."""
    op.drop_column("calls", "survey")
    op.drop_column("calls", "survey_asked")
    for table in reversed(_WITH_DRILLS):
        op.drop_column(table, "drill")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())
