"""The ledger's first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _calls()
    _dispositions()
    _dropped()
    _journal()
    _legs()
    _positions()
    _segments()
    _snapshots()
    _visits()


def downgrade() -> None:
    """Drop the tables and all that is in them."""
    op.drop_table("visits")
    op.drop_table("snapshots")
    op.drop_table("segments")
    op.drop_table("positions")
    op.drop_table("legs")
    op.drop_table("journal")
    op.drop_table("dropped")
    op.drop_table("dispositions")
    op.drop_table("calls")


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("call", sa.String(), primary_key=True),
        sa.Column("switch", sa.String(), nullable=False),
        sa.Column("trunk", sa.String(), nullable=False),
        sa.Column("dialled", sa.String(), nullable=False),
        sa.Column("caller_kind", sa.String(), nullable=False),
        sa.Column("caller_number", sa.String(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("offered_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("cause", sa.Integer(), nullable=False),
        sa.Column("call_type", sa.String()),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("answered_ms", sa.BigInteger()),
        sa.Column("menu_ms", sa.BigInteger(), nullable=False),
        sa.Column("wait_ms", sa.BigInteger(), nullable=False),
        sa.Column("talk_ms", sa.BigInteger(), nullable=False),
        sa.Column("hold_ms", sa.BigInteger(), nullable=False),
        sa.Column("after_ms", sa.BigInteger(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("legs", sa.Integer(), nullable=False),
        sa.Column("transfers", sa.Integer(), nullable=False),
        sa.Column("disposition", sa.String(), nullable=False),
        sa.Column("resolved", sa.Boolean()),
        sa.Column("forwarded", sa.Integer(), nullable=False),
    )
    op.create_index("calls_offered", "calls", ["offered_ms"])


def _dispositions() -> None:
    op.create_table(
        "dispositions",
        sa.Column("call", sa.String(), primary_key=True),
        sa.Column("agent", sa.String(), primary_key=True),
        sa.Column("at_ms", sa.BigInteger(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("resolved", sa.Boolean()),
        sa.Column("call_type", sa.String()),
    )


def _dropped() -> None:
    op.create_table(
        "dropped",
        sa.Column("stream", sa.String(), primary_key=True),
        sa.Column("first_seq", sa.BigInteger(), primary_key=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.BigInteger(), nullable=False),
        sa.Column("outcomes_lost", sa.BigInteger(), nullable=False),
    )


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("stream", sa.String(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
    )


def _legs() -> None:
    op.create_table(
        "legs",
        sa.Column("call", sa.String(), primary_key=True),
        sa.Column("offer", sa.String(), primary_key=True),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("offered_ms", sa.BigInteger(), nullable=False),
        sa.Column("ring_ms", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.String()),
        sa.Column("answered_ms", sa.BigInteger()),
        sa.Column("ended_ms", sa.BigInteger()),
        sa.Column("talk_ms", sa.BigInteger(), nullable=False),
        sa.Column("hold_ms", sa.BigInteger(), nullable=False),
        sa.Column("holds", sa.Integer(), nullable=False),
        sa.Column("wrap_up_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.String()),
        sa.Column("target_kind", sa.String()),
        sa.Column("target", sa.String(), nullable=False),
    )
    op.create_index("legs_offered", "legs", ["offered_ms"])


def _positions() -> None:
    op.create_table(
        "positions",
        sa.Column("stream", sa.String(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
    )


def _segments() -> None:
    op.create_table(
        "segments",
        sa.Column("call", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("offer", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
    )


def _snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("stream", sa.String(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("engine", sa.LargeBinary(), nullable=False),
        sa.Column("book", sa.LargeBinary(), nullable=False),
    )


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("call", sa.String(), primary_key=True),
        sa.Column("visit", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("call_type", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer()),
        sa.Column("entered_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("wait_ms", sa.BigInteger(), nullable=False),
        sa.Column("caller_ms", sa.BigInteger(), nullable=False),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String()),
        sa.Column("rule", sa.String()),
        sa.Column("target_kind", sa.String()),
        sa.Column("target", sa.String(), nullable=False),
    )
    op.create_index("visits_entered", "visits", ["entered_ms"])
