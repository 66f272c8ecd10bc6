"""Signing in: by password and code, or by a one-time link.

An answer never tells whether a name has an account: names without one take as long, fail alike
and are locked alike. Only who gave the right password is asked for a code.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict

from msgspec import Struct

from acd.ports_people import OperationKind, Person
from web.errors import HttpError
from web.operations import Operations
from web.passwords import Passwords
from web.people import People, first_role
from web.sessions import Began
from web.totp import new_secret, step_of

LINK_VALID_S = 3_600
#: So long somebody who came by a link may choose a password without knowing the old one.
CHOOSE_WITHIN_S = 900
MAX_LINKS = 1_000


class _Link(Struct, frozen=True):
    user: str
    until_s: float


class SignIn:
    """The ways in. Every success and every refusal is in the operation log."""

    def __init__(self, people: People, operations: Operations) -> None:
        self._people = people
        self._operations = operations
        self._passwords = Passwords()
        self._links: OrderedDict[str, _Link] = OrderedDict()
        #: Second factors that were offered, by session, and not confirmed yet.
        self._offered: OrderedDict[str, str] = OrderedDict()
        #: Until when (Unix seconds) sessions that began by a link may choose a password.
        self._choosing: OrderedDict[str, float] = OrderedDict()

    @property
    def passwords(self) -> Passwords:
        """Compares and makes hashes."""
        return self._passwords

    async def by_password(self, user: str, password: str, code: str, address: str) -> Began:
        """A new session; raises HttpError."""
        self._check_known()
        people, lockout, now = self._people, self._people.lockout, self._people.now_ms()
        if lockout.address_is_full(address, now):
            raise HttpError(429, "too_many_attempts")
        if lockout.is_locked(user, now):
            raise HttpError(429, "account_locked")
        person = people.find(user)
        locks = lockout.attempt(user, now)
        right = await self._passwords.matches(person.password if person else "", password)
        if not right or person is None or person.disabled:
            await self._refused(person, address, locks=locks)
            raise HttpError(401, "sign_in_refused")
        return await self._second_factor(person, code, address, locks=locks)

    async def _second_factor(
        self, person: Person, code: str, address: str, *, locks: bool
    ) -> Began:
        people, step = self._people, 0
        if person.totp:
            if not code:
                # The password was right: asking for the code is no failure.
                people.lockout.forgive(person.user)
                raise HttpError(401, "code_wanted")
            last = people.lockout.last_step(person.user)
            found = step_of(person.totp, code, people.now_s(), last)
            if found is None:
                await self._refused(person, address, locks=locks)
                raise HttpError(401, "code_wrong")
            step = found
        elif self.wants_second_factor(person):
            raise HttpError(403, "second_factor_missing")
        people.lockout.succeeded(person.user, step)
        return await self._begin(person)

    def wants_second_factor(self, person: Person) -> bool:
        """Whether one of the person's roles does without no second factor."""
        return not set(self._people.settings.second_factor).isdisjoint(person.roles)

    def offer(self, session: str) -> str:
        """A new second factor's secret for the person in this session."""
        secret = new_secret()
        self._offered[session] = secret
        if len(self._offered) > MAX_LINKS:
            self._offered.popitem(last=False)
        return secret

    def take_offered(self, session: str, code: str) -> tuple[str, int] | None:
        """The offered secret and the code's step, once a right code shows that it arrived."""
        secret = self._offered.get(session, "")
        step = step_of(secret, code, self._people.now_s(), 0) if secret else None
        if step is None:
            return None
        return self._offered.pop(session), step

    async def confirm(self, person: Person, password: str, address: str) -> None:
        """Make sure that it is still this person; raises HttpError."""
        lockout, now = self._people.lockout, self._people.now_ms()
        if lockout.is_locked(person.user, now):
            raise HttpError(429, "account_locked")
        locks = lockout.attempt(person.user, now)
        if not await self._passwords.matches(person.password, password):
            await self._refused(person, address, locks=locks)
            raise HttpError(403, "password_wrong")
        lockout.succeeded(person.user)

    async def known_elsewhere(self, user: str) -> Began:
        """A session for somebody whom the city's own accounts vouch for; raises HttpError."""
        self._check_known()
        person = self._people.find(user)
        if person is None or person.disabled:
            await self._operations.note(OperationKind.SIGN_IN_REFUSED, "unknown", allowed=False)
            raise HttpError(403, "not_added")
        return await self._begin(person)

    # -- one-time links ------------------------------------------------------------------------

    def link(self, user: str) -> str:
        """The secret of a link that signs this person in, once, within the hour."""
        secret = secrets.token_urlsafe(32)
        self._links[_digest(secret)] = _Link(user, self._people.now_s() + LINK_VALID_S)
        if len(self._links) > MAX_LINKS:
            self._links.popitem(last=False)
        return secret

    async def by_link(self, secret: str, address: str) -> Began:
        """A new session; raises HttpError."""
        now = self._people.now_ms()
        if self._people.lockout.address_is_full(address, now):
            raise HttpError(429, "too_many_attempts")
        link = self._links.pop(_digest(secret), None)
        person = self._people.find(link.user) if link else None
        if link is None or link.until_s < now / 1000 or person is None or person.disabled:
            self._people.lockout.address_failed(address, now)
            raise HttpError(401, "link_used")
        began = await self._begin(person)
        self._choosing[began.session.id] = self._people.now_s() + CHOOSE_WITHIN_S
        if len(self._choosing) > MAX_LINKS:
            self._choosing.popitem(last=False)
        return began

    def may_choose(self, session: str) -> bool:
        """Whether whoever has this session may choose a password without the old one: a link just
        let them in, which is how newcomers come, and those who forgot theirs."""
        return self._choosing.get(session, 0.0) > self._people.now_s()

    # ------------------------------------------------------------------------------------------

    def _check_known(self) -> None:
        if not self._people.known:
            raise HttpError(503, "people_unknown")

    async def _begin(self, person: Person) -> Began:
        await self._operations.note(OperationKind.SIGNED_IN, person.user, first_role(person))
        now = self._people.now_ms()
        self._people.lockout.signed_in(person.user, now)
        began = self._people.sessions.begin(person.user, now)
        self._people.hurry()
        return began

    async def _refused(self, person: Person | None, address: str, *, locks: bool) -> None:
        """Only names with an account are in the log: what else was typed may be a password."""
        self._people.lockout.address_failed(address, self._people.now_ms())
        who, role = (person.user, first_role(person)) if person else ("unknown", None)
        await self._operations.note(OperationKind.SIGN_IN_REFUSED, who, role, allowed=False)
        if locks:
            await self._operations.note(OperationKind.LOCKED, who, role)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
