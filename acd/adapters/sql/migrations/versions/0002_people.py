"""People, their sessions, and the operation log, whose rows cannot be changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQLITE = """
CREATE TRIGGER operations_no_{name} BEFORE {verb} ON operations
BEGIN SELECT RAISE(ABORT, 'the operation log cannot be changed'); END
"""
# Without this, INSERT OR REPLACE would delete a row without asking the trigger for deletions.
_SQLITE_INSERT = """
CREATE TRIGGER operations_no_replace BEFORE INSERT ON operations
WHEN EXISTS (SELECT 1 FROM operations WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the operation log cannot be changed'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION operations_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'the operation log cannot be changed'; END $$ LANGUAGE plpgsql
"""
_POSTGRESQL = """
CREATE TRIGGER operations_no_{name} BEFORE {verb} ON operations
FOR EACH STATEMENT EXECUTE FUNCTION operations_refuse()
"""


def upgrade() -> None:
    """Make the tables, and the triggers that guard the log."""
    _people()
    _sessions()
    _sign_ins()
    _operations()
    template, verbs = _SQLITE, ["UPDATE", "DELETE"]
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_SQLITE_INSERT)
    else:
        op.execute(_POSTGRESQL_FUNCTION)
        template, verbs = _POSTGRESQL, [*verbs, "TRUNCATE"]
    for verb in verbs:
        op.execute(template.format(name=verb.lower(), verb=verb))


def downgrade() -> None:
    """Drop the tables and all that is in them."""
    op.drop_table("operations")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION operations_refuse()")
    op.drop_table("sign_ins")
    op.drop_table("sessions")
    op.drop_table("people")


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("user", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("totp", sa.String(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.Column("valid_from_ms", sa.BigInteger(), nullable=False),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
    )


def _sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_ms", sa.BigInteger(), nullable=False),
        sa.Column("locked_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
    )


def _operations() -> None:
    op.create_table(
        "operations",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
    )
    op.create_index("operations_at", "operations", ["at_ms"])
