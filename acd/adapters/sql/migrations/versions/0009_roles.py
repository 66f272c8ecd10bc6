"""Several roles for one person, separated by spaces, and when somebody last signed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the column hold several; who has one role keeps it."""
    op.execute("ALTER TABLE people RENAME COLUMN role TO roles")
    column = sa.Column("signed_in_ms", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("sign_ins", column)


def downgrade() -> None:
    """Back to one role each: of several the first stays."""
    people = sa.table("people", sa.column("user", sa.String()), sa.column("roles", sa.String()))
    connection = op.get_bind()
    for user, roles in connection.execute(sa.select(people.c.user, people.c.roles)).all():
        first = people.update().where(people.c.user == user).values(roles=roles.split()[0])
        connection.execute(first)
    op.drop_column("sign_ins", "signed_in_ms")
    op.execute("ALTER TABLE people RENAME COLUMN roles TO role")
