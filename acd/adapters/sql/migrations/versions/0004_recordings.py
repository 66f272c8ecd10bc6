"""Recordings, and the proofs of their deletion, which cannot be changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SQLITE = """
CREATE TRIGGER recording_deletions_no_{name} BEFORE {verb} ON recording_deletions
BEGIN SELECT RAISE(ABORT, 'the proof of a deletion cannot be changed'); END
"""
# Without this, INSERT OR REPLACE would delete a row without asking the trigger for deletions.
_SQLITE_INSERT = """
CREATE TRIGGER recording_deletions_no_replace BEFORE INSERT ON recording_deletions
WHEN EXISTS (SELECT 1 FROM recording_deletions WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the proof of a deletion cannot be changed'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION recording_deletions_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'the proof of a deletion cannot be changed'; END $$ LANGUAGE plpgsql
"""
_POSTGRESQL = """
CREATE TRIGGER recording_deletions_no_change BEFORE UPDATE OR DELETE OR TRUNCATE
ON recording_deletions FOR EACH STATEMENT EXECUTE FUNCTION recording_deletions_refuse()
"""


def upgrade() -> None:
    """Make the tables and what guards the proofs."""
    _recordings()
    _deletions()
    if op.get_bind().dialect.name == "sqlite":
        for name, verb in (("change", "UPDATE"), ("removal", "DELETE")):
            op.execute(_SQLITE.format(name=name, verb=verb))
        op.execute(_SQLITE_INSERT)
    elif op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRESQL_FUNCTION)
        op.execute(_POSTGRESQL)


def downgrade() -> None:
    """Drop the tables and all that is in them."""
    op.drop_table("recording_deletions")
    op.drop_table("recordings")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION recording_deletions_refuse()")


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("offer", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("dialled", sa.String(), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("stored_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("gaps", sa.String(), nullable=False),
        sa.Column("waveform", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("held_ms", sa.BigInteger()),
        sa.Column("held_by", sa.String(), nullable=False),
        sa.Column("hold_reason", sa.String()),
    )
    op.create_index("recordings_started", "recordings", ["started_ms"])
    op.create_index("recordings_call", "recordings", ["call"])
    op.create_index("recordings_expires", "recordings", ["status", "expires_ms"])


def _deletions() -> None:
    op.create_table(
        "recording_deletions",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("recording", sa.String(), nullable=False, unique=True),
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("deleted_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
    )
