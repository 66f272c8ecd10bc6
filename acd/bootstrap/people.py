"""Who may sign in to a centre, what they did, and how the interface asks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from secrets import token_hex

from acd.adapters.operation_file import OperationFile
from acd.adapters.secrets import Secrets
from acd.adapters.sql.fence import SqlFence
from acd.adapters.sql.operations import SqlOperations
from acd.adapters.sql.people import SqlPeople
from acd.app.operations import KeptOperations
from acd.bootstrap.kept import KeptLine
from acd.config.settings import Settings
from acd.core.engine import Engine
from acd.core.ids import AgentId
from acd.errors import MadoguchiError, StoreError, StoreUnavailable
from acd.ports_people import OperationEntry, Person, WaitingOperation
from web.auth import TokenStore
from web.entrance import Entrance
from web.oidc import Oidc
from web.operations import Operations
from web.people import People
from web.roles import Role
from web.sign_in import SignIn

ATTEMPTS = 5
#: How long the last changes may take to be written when the centre stops.
LAST_WORDS_S = 3.0

LogOut = Callable[[AgentId], Awaitable[object]]

PEOPLE_KEY = "people"
OPERATIONS_KEY = "operations"
OIDC_KEY = "oidc"
#: Number and digest of the newest entry of the operation log.
HEAD_FILE = "operations.head"


def people_store(settings: Settings, fence: SqlFence | None = None) -> SqlPeople:
    """The people of a centre, as its database has them."""
    key = Secrets(settings.secrets_dir).get(PEOPLE_KEY)
    return SqlPeople(settings.database_url, key, fence)


def operation_store(settings: Settings) -> SqlOperations:
    """The operation log of a centre, as its database has it."""
    return SqlOperations(settings.database_url, Secrets(settings.secrets_dir).get(OPERATIONS_KEY))


def operation_head(settings: Settings) -> KeptLine:
    """Where the newest entry's number and digest are kept beside the database."""
    return KeptLine(settings.state_dir / HEAD_FILE)


def _oidc_secret(settings: Settings) -> str:
    if not settings.oidc.issuer or not settings.oidc.with_secret:
        return ""
    return Secrets(settings.secrets_dir).given(OIDC_KEY)


async def log_operation(settings: Settings, entry: OperationEntry) -> None:
    """Keep an entry from outside of a running centre; raises StoreUnavailable."""
    store, waiting = operation_store(settings), WaitingOperation(token_hex(8), 1, entry)
    for attempt in range(ATTEMPTS):
        try:
            kept = await store.append([waiting])
        except StoreUnavailable:
            # The running centre may have written at the same moment: of two, one is refused.
            if attempt == ATTEMPTS - 1:
                raise
            await asyncio.sleep(0.1)
        else:
            if kept is not None:
                operation_head(settings).write(f"{kept.number} {kept.digest}")
            return


class Staff:
    """People and operation log of a running centre."""

    def __init__(
        self,
        settings: Settings,
        engine: Callable[[], Engine],
        leads: Callable[[], bool] = lambda: True,
        fence: SqlFence | None = None,
    ) -> None:
        self._leads = leads
        self._tasks: set[asyncio.Task[None]] = set()
        self._log_out: LogOut | None = None
        self._log = KeptOperations(
            OperationFile(settings.state_dir),
            operation_store(settings),
            operation_head(settings).write,
        )
        self.people = People(
            people_store(settings, fence), settings.people, engine, time.time, self._session_over
        )
        operations = Operations(self._log)
        self.entrance = Entrance(
            TokenStore(settings.secrets_dir),
            self.people,
            operations,
            SignIn(self.people, operations),
            Oidc(settings.oidc, _oidc_secret(settings), time.time),
            tls=settings.tls.on,
            behind_proxy=settings.tls.proxy,
            allowed_origins=settings.api.allowed_origins,
        )

    def guest_link(self, role: Role, agent: str = "", name: str = "") -> str:
        """The path of a link that signs in somebody who has no account, once, as long as we run:
        for trying out on the machine that everything runs on."""
        user = f"guest-{agent or role.value}"
        self.people.welcome(Person(user, name or user, (role.value,), agent))
        return f"/sign-in#link={self.entrance.sign_in.link(user)}"

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
            if self._leads():  # Who is deposed has nothing more to say.
                await self.last_words()

    async def last_words(self) -> None:
        """Write what is not written yet; a database that does not answer holds up no stop."""
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await self.people.exchange()
                await self._log.store_waiting()
