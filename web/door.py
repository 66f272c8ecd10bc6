"""Routes for strangers: the few that must answer before it is known who asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel

from web.api.bodies import Body
from web.wiring import Wiring

B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True)
class Knock:
    """A request of somebody unknown, with its body checked (of a GET: its query)."""

    wiring: Wiring
    request: web.Request
    body: BaseModel

    def body_as(self, kind: type[B]) -> B:
        """The body, known to be of this kind by the door."""
        assert isinstance(self.body, kind)
        return self.body

    @property
    def address(self) -> str:
        """Where it comes from."""
        return self.wiring.entrance.address_of(self.request)


@dataclass(frozen=True)
class Door:
    """One route that anybody may use."""

    method: str
    path: str
    handler: Callable[[Knock], Awaitable[web.StreamResponse]]
    body: type[Body] | None = None
    #: Whether pages of others may ask as well.
    public: bool = False
