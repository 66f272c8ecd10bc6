"""Keeps a controller that was deposed from writing into the database: one row holds the token.

Every transaction of a controller in a cluster that could do harm passes :meth:`SqlFence.admit`
first. It goes on only if the row's token is its own; a lower one it replaces, a higher one refuses
it. The row stays locked until the transaction ends, so that whatever the one before had begun is
either in before the new one's first word, or refused.

On SQLite the first statement takes the one lock that there is. On PostgreSQL writers of one
controller share the row's lock, and the next controller waits for them, ``_FROZEN_MS`` at most: a
connection whose owner stands still in the middle is ended by the server.
"""

from __future__ import annotations

import time

from sqlalchemy import and_, case, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql import tables
from acd.adapters.sql.database import insert_into
from acd.errors import Deposed
from acd.ports_cluster import Leadership

_table = tables.leadership
_THE_ROW = _table.c.id == 1
_FROZEN_MS = 2_000
_NO_STANDING_STILL = text(f"SET LOCAL idle_in_transaction_session_timeout = {_FROZEN_MS}")


class SqlFence:
    """``node``: this controller's id. What is refused ends the tenure of ``leadership``."""

    def __init__(self, leadership: Leadership, node: str) -> None:
        self._leadership, self._node = leadership, node

    async def admit(self, connection: AsyncConnection) -> None:
        """Let this transaction go on, or raise Deposed. The first thing in it."""
        token = self._leadership.token
        if not token:
            raise Deposed(0)
        if connection.dialect.name == "postgresql":
            await connection.execute(_NO_STANDING_STILL)
            query = select(_table.c.token, _table.c.node).where(_THE_ROW)
            shared = (await connection.execute(query.with_for_update(read=True))).first()
            if shared is not None and (shared.token, shared.node) == (token, self._node):
                return
            if shared is not None and shared.token >= token:
                self._refuse(shared.token)
        await self._take(connection, token)

    async def _take(self, connection: AsyncConnection, token: int) -> None:
        """Put our token in place of a lower one, or once more of the same."""
        now_ms = round(time.time() * 1000)
        put = insert_into(connection, _table).values(
            id=1, token=token, node=self._node, since_ms=now_ms
        )
        new, old = put.excluded, _table.c
        ours = and_(old.token == new.token, old.node == new.node)
        put = put.on_conflict_do_update(
            index_elements=["id"],
            set_={
                "token": new.token,
                "node": new.node,
                "since_ms": case((ours, old.since_ms), else_=new.since_ms),
            },
            where=or_(old.token < new.token, ours),
        )
        if (await connection.execute(put)).rowcount == 0:
            self._refuse(await newest_token(connection))

    def _refuse(self, token: int) -> None:
        self._leadership.refused(token)
        raise Deposed(token)


async def newest_token(connection: AsyncConnection) -> int:
    """The highest token that this database has seen; 0 before the first."""
    row = (await connection.execute(select(_table.c.token).where(_THE_ROW))).first()
    return int(row.token) if row is not None else 0
