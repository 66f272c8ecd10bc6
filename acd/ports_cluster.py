"""What several controllers need of the world: one lease that all see, and whether one leads.

The lease is a **record** that never expires by itself. Who leads changes it every
``renew_every_s``; who stands by takes it over after having seen it **unchanged for** ``lease_s``
**by the own monotonic clock**. So no clock but these two steady ones takes part: the store's may
be stepped, it may restart or fail over. :mod:`acd.app.leader` says what follows, and what does not.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class Lease(Struct, frozen=True, gc=False):
    """The record as it stands: who has the lease, under which token, and how often it was renewed.

    ``node``: the holder's id; empty when it was given back. ``term``: drawn at random by the holder
    for this one tenure, so that a controller never takes an earlier one of its own for its present.
    ``token``: rises by at least one at each change of hands, never falls; the fence of every store
    and of the dialplan. ``beat``: renewals in this tenure. ``heir``: when given back, who may take
    it at once (empty: anybody).
    """

    node: str
    term: str
    token: int
    beat: int
    heir: str = ""

    @property
    def given_back(self) -> bool:
        """Whether nobody holds it."""
        return not self.node


class LeaseStore(Protocol):
    """Keeps the record. Each method is one atomic step at the store and gives up by its own
    deadline; every one may raise StoreUnavailable, after which the outcome is unknown."""

    @property
    def connection(self) -> int:
        """Changes whenever the store was reached anew: what was seen before may not be there."""
        ...

    async def look(self) -> Lease | None:
        """The record; ``None`` when there is none. Fails where a renewal would not be confirmed."""
        ...

    async def acquire(self, seen: Lease | None, wanted: Lease) -> Lease | None:
        """Put ``wanted`` in place if the record is still exactly ``seen``.

        ``wanted.token`` is above ``seen.token``. Returns the record as it stands afterwards.
        """
        ...

    async def renew(self, mine: Lease, *, restore: bool) -> Lease | None:
        """Raise the beat if the record has the node, term and token of ``mine``.

        ``restore``: put ``mine`` back when the store has lost the record. Returns the record as it
        stands afterwards; ours only when the store confirmed that it will keep it.
        """
        ...

    async def release(self, mine: Lease, heir: str) -> None:
        """Give it back, if the record has the node, term and token of ``mine``."""
        ...

    async def close(self) -> None:
        """Give the connection back."""
        ...


class Leadership(Protocol):
    """Whether this controller may act now, and under which token: all that a writer must know."""

    @property
    def token(self) -> int:
        """The token of the present tenure; 0 where there is no cluster, or it never led."""
        ...

    def holds(self) -> bool:
        """Whether it may act at this moment. Compares two numbers and asks nobody: ask it in the
        same step, right before what must not come from a deposed controller."""
        ...

    def refused(self, token: int) -> None:
        """A fence let nothing of ours pass, since it knows ``token``, not below ours, of somebody
        else: this tenure is over."""
        ...


class Alone:
    """Leadership where there is no cluster: always, and without a token."""

    token = 0

    def holds(self) -> bool:
        """Always."""
        return True

    def refused(self, token: int) -> None:
        """Where there is nobody else there is no fence."""
