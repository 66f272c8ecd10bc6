"""Who may sign in to a centre, what they did, and how the interface asks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from acd.adapters.operation_file import OperationFile
from acd.adapters.secrets import Secrets
from acd.adapters.sql.operations import SqlOperations
from acd.adapters.sql.people import SqlPeople
from acd.app.operations import KeptOperations
from acd.bootstrap.kept import KeptLine
from acd.config.settings import Settings
from acd.core.engine import Engine
from acd.core.ids import AgentId
from acd.errors import MadoguchiError, StoreError
from web.auth import TokenStore
from web.entrance import Entrance
from web.operations import Operations
from web.people import People
from web.sign_in import SignIn

LogOut = Callable[[AgentId], Awaitable[object]]

PEOPLE_KEY = "people"
OPERATIONS_KEY = "operations"
#: Number and digest of the newest entry of the operation log.
HEAD_FILE = "operations.head"


def people_store(settings: Settings) -> SqlPeople:
    """The people of a centre, as its database has them."""
    return SqlPeople(settings.database_url, Secrets(settings.state_dir).get(PEOPLE_KEY))


def operation_store(settings: Settings) -> SqlOperations:
    """The operation log of a centre, as its database has it."""
    return SqlOperations(settings.database_url, Secrets(settings.state_dir).get(OPERATIONS_KEY))


def operation_head(settings: Settings) -> KeptLine:
    """Where the newest entry's number and digest are kept beside the database."""
    return KeptLine(settings.state_dir / HEAD_FILE)


def operation_log(settings: Settings, folder: Path | None = None) -> KeptOperations:
    """The operation log; ``folder`` is where entries wait, by default the state directory."""
    waiting = OperationFile(folder or settings.state_dir)
    return KeptOperations(waiting, operation_store(settings), operation_head(settings).write)


class Staff:
    """People and operation log of a running centre."""

    def __init__(self, settings: Settings, engine: Callable[[], Engine]) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._log_out: LogOut | None = None
        self._log = operation_log(settings)
        self.people = People(
            people_store(settings), settings.people, engine, time.time, self._session_over
        )
        operations = Operations(self._log)
        self.entrance = Entrance(
            TokenStore(settings.state_dir),
            self.people,
            operations,
            SignIn(self.people, operations),
            tls=settings.tls.on,
            behind_proxy=settings.tls.proxy,
            allowed_origins=settings.api.allowed_origins,
        )

    def _session_over(self, agent: AgentId) -> None:
        # Nobody sits before the screen any more: no caller is to be sent there.
        if self._log_out is not None:
            task = asyncio.get_running_loop().create_task(self._leave(self._log_out, agent))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _leave(self, log_out: LogOut, agent: AgentId) -> None:
        with contextlib.suppress(MadoguchiError):
            await log_out(agent)

    @contextlib.asynccontextmanager
    async def at_work(self, log_out: LogOut) -> AsyncIterator[None]:
        """Read and write behind for as long as the context lasts; ``log_out`` takes an operator
        off the floor."""
        self._log_out = log_out
        await self.people.exchange()
        tasks = [
            asyncio.create_task(self.people.run(), name="people"),
            asyncio.create_task(self._log.run(), name="operations"),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.people.exchange()
            with contextlib.suppress(StoreError):
                await self._log.store_waiting()
