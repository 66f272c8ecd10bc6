"""People, sessions and the operation log in memory: adapters without a database."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec import structs

from acd.errors import StoreUnavailable
from acd.ports_people import (
    KeptOperation,
    KeptSession,
    OperationEntry,
    OperationSpan,
    PeopleChanges,
    Person,
    SignIns,
)


@dataclass
class KnownPeople:
    """A PeopleStore. ``away`` makes every use fail, as a database that is gone does."""

    kept: dict[str, Person] = field(default_factory=dict)
    began: dict[str, KeptSession] = field(default_factory=dict)
    failed: dict[str, SignIns] = field(default_factory=dict)
    away: bool = False

    def _there(self) -> None:
        if self.away:
            raise StoreUnavailable("the database is away")

    async def stamp(self) -> int:
        self._there()
        return max((each.changed_ms for each in self.kept.values()), default=0)

    async def people(self) -> list[Person]:
        self._there()
        return list(self.kept.values())

    async def put(self, person: Person) -> Person:
        newest = await self.stamp()
        new = structs.replace(person, changed_ms=max(person.changed_ms, newest + 1))
        self.kept[person.user] = new
        return new

    async def sessions(self) -> list[KeptSession]:
        self._there()
        return list(self.began.values())

    async def sign_ins(self) -> list[SignIns]:
        self._there()
        return list(self.failed.values())

    async def write(self, changes: PeopleChanges) -> None:
        self._there()
        self.began |= {each.id: each for each in changes.sessions}
        for ended in changes.ended:
            self.began.pop(ended, None)
        self.failed |= {each.key: each for each in changes.sign_ins}


@dataclass
class KnownOperations:
    """An OperationLog. ``full`` makes it refuse, as a full disk does."""

    entries: list[OperationEntry] = field(default_factory=list)
    full: bool = False

    def check(self) -> None:
        if self.full:
            raise StoreUnavailable("no room", code="operation_log_full")

    async def record(self, *entries: OperationEntry) -> None:
        self.check()
        self.entries += entries

    async def read(self, span: OperationSpan) -> list[KeptOperation]:
        kept = [KeptOperation(n, each, "") for n, each in enumerate(self.entries, 1)]
        wanted = [
            each
            for each in reversed(kept)
            if span.who in ("", each.entry.who)
            and span.kind in ("", each.entry.kind.value)
            and (not span.before or each.number < span.before)
        ]
        return wanted[: span.limit]
