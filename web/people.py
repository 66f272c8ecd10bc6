"""Everybody who may sign in, and everybody who did: memory is the truth while we run.

What changes in memory (sessions, failures) is written behind to the database within moments; what
changes there (a person added or disabled on the command line) is read within moments. While the
database is away nobody who is signed in notices; people can still sign in. Only where it was
never reached since the start is nobody known yet, and asking answers "not now" rather than "no".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from msgspec import structs

from acd.config.people_settings import PeopleSettings
from acd.core.engine import Engine
from acd.core.ids import AgentId
from acd.errors import NotFound, Refused, StoreError
from acd.ports_people import KeptSession, PeopleChanges, PeopleStore, Person
from agents.state import AgentState
from web.identity import Identity
from web.lockout import Lockout
from web.roles import PERSONS, Role, in_order
from web.sessions import Sessions

#: How often the database is asked whether a person changed, and what changed here is written.
EVERY_S = 2.0
#: The states in which an operator has a caller, or is about to.
IN_CALL = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP)
WITH_CALLER = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)

_log = structlog.get_logger("people")


class People:
    """The people of one centre. ``now_s`` is the machine's Unix time; ``over`` is told of an
    operator whose session reached a limit, and who therefore can take no more calls."""

    def __init__(
        self,
        store: PeopleStore,
        settings: PeopleSettings,
        engine: Callable[[], Engine],
        now_s: Callable[[], float],
        over: Callable[[AgentId], None] = lambda agent: None,
    ) -> None:
        self.settings = settings
        self.sessions = Sessions(settings)
        self.lockout = Lockout(settings)
        self.known = False
        self._store = store
        self._engine = engine
        self._now_s = now_s
        self._over = over
        self._people: dict[str, Person] = {}
        self._guests: dict[str, Person] = {}
        self._stamp = 0
        self._hurry = asyncio.Event()
        self._failing = False
        self._changing = asyncio.Lock()

    def now_s(self) -> float:
        """The machine's Unix time."""
        return self._now_s()

    def now_ms(self) -> int:
        """The same in milliseconds."""
        return round(self._now_s() * 1000)

    # -- people ------------------------------------------------------------------------------

    def find(self, user: str) -> Person | None:
        """The person with this user name, disabled or not."""
        return self._people.get(user) or self._guests.get(user)

    def everybody(self) -> list[Person]:
        """All who were added, by user name."""
        return [self._people[user] for user in sorted(self._people)]

    def is_guest(self, user: str) -> bool:
        """Whether this person is known only as long as we run."""
        return user in self._guests and user not in self._people

    def welcome(self, guest: Person) -> None:
        """Somebody who is known as long as we run, and can sign in by a link only."""
        self._guests[guest.user] = guest

    async def put(self, person: Person) -> Person:
        """Add or replace a person; raises StoreUnavailable, and then nothing has changed."""
        check_person(person)
        kept = await self._store.put(person)
        self._people[kept.user] = kept
        self._drop_void_sessions(kept)
        return kept

    async def change(self, user: str, **fields: object) -> Person:
        """Replace fields of a person, and end the sessions there are; raises NotFound, and Refused
        where no administrator would be left."""
        async with self._changing:
            person = self.known_person(user)
            now = self.now_ms()
            changed = structs.replace(person, changed_ms=now, valid_from_ms=now, **fields)
            self._keep_an_administrator(person, changed)
            kept = await self.put(changed)
        self.end_sessions(user)
        return kept

    def known_person(self, user: str) -> Person:
        """The person who was added with this user name; raises NotFound."""
        person = self._people.get(user)
        if person is None:
            raise NotFound("there is no such person", code="unknown_person")
        return person

    def _keep_an_administrator(self, before: Person, after: Person) -> None:
        if not _administers(before) or _administers(after):
            return
        if not any(_administers(each) for each in self.everybody() if each.user != before.user):
            raise Refused("there must be an administrator", code="last_administrator")

    # -- sessions ----------------------------------------------------------------------------

    def identify(self, secret: str) -> Identity | None:
        """Who has the session of this cookie's secret; ``None`` when it is not valid."""
        session = self.sessions.find(secret)
        return self._identity(session) if session is not None else None

    def is_valid(self, identity: Identity) -> bool:
        """Whether the session behind an open connection goes on."""
        session = self.sessions.get(identity.session)
        return session is not None and self._identity(session) == identity

    def _identity(self, session: KeptSession) -> Identity | None:
        person = self.find(session.user)
        if person is None or person.disabled or session.created_ms < person.valid_from_ms:
            return None
        ready, in_call = self._doing(session.user)
        now = self.now_ms()
        if self.sessions.is_over(session, now, ready=ready, in_call=in_call):
            return None
        agent = AgentId(person.agent) if person.agent else None
        roles = frozenset(Role(each) for each in person.roles)
        return Identity("", roles, agent, person.name, person.user, session.id)

    def end_sessions(self, user: str, but: str = "") -> int:
        """End all sessions of a person but for one; returns how many."""
        ended = [each.id for each in self.sessions.of(user) if each.id != but]
        for session in ended:
            self.sessions.end(session)
        self.hurry()
        return len(ended)

    def open_sessions(self, user: str) -> list[KeptSession]:
        """The sessions of a person that still hold, the newest first."""
        held = [each for each in self.sessions.of(user) if self._identity(each) is not None]
        return sorted(held, key=lambda each: each.created_ms, reverse=True)

    def in_call(self, user: str) -> bool:
        """Whether this person has a caller now, is about to, or still writes up the last one."""
        return self._doing(user)[1]

    def operators(self) -> dict[AgentId, str]:
        """Who is signed in, by the operator that they are; left out where it is not one alone."""
        found: dict[AgentId, str] = {}
        for user in self.sessions.users():
            person = self.find(user)
            if person is not None and person.agent:
                agent = AgentId(person.agent)
                found[agent] = "" if agent in found else user
        return {agent: user for agent, user in found.items() if user}

    def with_caller(self, user: str) -> bool:
        """Whether a caller would notice if this person's telephone were gone now."""
        person = self.find(user)
        agent = self._engine().agents.get(AgentId(person.agent)) if person else None
        return agent is not None and agent.state in WITH_CALLER

    def _doing(self, user: str) -> tuple[bool, bool]:
        """Whether this person is ready for calls, and whether in one."""
        person = self.find(user)
        agent = self._engine().agents.get(AgentId(person.agent)) if person else None
        if agent is None:
            return False, False
        return agent.state is AgentState.READY, agent.state in IN_CALL

    def sweep(self) -> None:
        """End the sessions whose limit has passed."""
        for session in self.sessions.sweep(self.now_ms(), self._doing):
            person = self.find(session.user)
            if person is not None and person.agent and not self.sessions.of(session.user):
                self._over(AgentId(person.agent))

    # -- the database ------------------------------------------------------------------------

    def hurry(self) -> None:
        """Something changed that shall not be lost: write it now, not in a while."""
        self._hurry.set()

    async def run(self) -> None:
        """Read and write behind until cancelled. Nothing that fails here ends it."""
        while True:
            self.sweep()
            await self.exchange()
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._hurry.wait()
            except TimeoutError:
                continue
            self._hurry.clear()

    async def exchange(self) -> None:
        """Read what changed in the database, and write what changed here."""
        try:
            if not self.known:
                self.sessions.restore(await self._store.sessions())
                self.lockout.restore(await self._store.sign_ins(), self.now_ms())
            await self._read_people()
            self.known = True
            await self._write()
        except StoreError as error:
            if not self._failing:
                _log.warning("people_not_stored", code=error.code, reason=error.message)
            self._failing = True
        else:
            self._failing = False

    async def _read_people(self) -> None:
        stamp = await self._store.stamp()
        if stamp == self._stamp and self.known:
            return
        self._people = {each.user: each for each in await self._store.people()}
        self._stamp = stamp
        for person in self._people.values():
            self._drop_void_sessions(person)

    async def _write(self) -> None:
        changed, ended = self.sessions.take_changes()
        # A guest's session is gone with us, as the guest is.
        lasting = tuple(each for each in changed if each.user not in self._guests)
        sign_ins = self.lockout.take_changes()
        if not (lasting or ended or sign_ins):
            return
        try:
            await self._store.write(PeopleChanges(lasting, ended, sign_ins))
        except BaseException:
            self.sessions.put_back(lasting, ended)
            self.lockout.put_back(sign_ins)
            raise

    def _drop_void_sessions(self, person: Person) -> None:
        for session in self.sessions.of(person.user):
            if person.disabled or session.created_ms < person.valid_from_ms:
                self.sessions.end(session.id)


def check_person(person: Person) -> None:
    """Refuse a person who makes no sense; raises :class:`Refused`."""
    known = {role.value for role in PERSONS}
    for role in person.roles:
        if role not in known:
            raise Refused(f"there is no role {role[:20]!r} for people", code="unknown_role")
    if not person.roles or len(set(person.roles)) != len(person.roles):
        raise Refused("a person has one role or several, each once", code="unknown_role")
    if (Role.OPERATOR in person.roles) != bool(person.agent):
        raise Refused("an operator is one of the plan's, and nobody else is", code="agent_wanted")
    if not person.name.isprintable() or not 1 <= len(person.name) <= 80:
        raise Refused("a name is one line of 1 to 80 characters", code="bad_name")


def first_role(person: Person) -> Role:
    """The role that stands for all of a person's, where only one can be said."""
    return in_order(Role(each) for each in person.roles)[0]


def _administers(person: Person) -> bool:
    return Role.ADMINISTRATOR in person.roles and not person.disabled
