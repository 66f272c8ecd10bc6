"""A request as its handler gets it: the sender is known and allowed, the body is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel

from acd.core.ids import AgentId
from agents.agent import Agent
from web.identity import Identity
from web.views import Operator, agent_names, agent_view
from web.wiring import Wiring

B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True)
class Ask:
    """A request whose sender is known and allowed, with its path's names and its body.

    The body of a GET is its query. ``request`` is for what JSON cannot hold: ranges, streams.
    """

    wiring: Wiring
    who: Identity
    names: dict[str, str]
    body: BaseModel
    request: web.Request

    @property
    def agent(self) -> AgentId:
        """The operator named in the path."""
        return AgentId(self.names["agent"])

    def body_as(self, kind: type[B]) -> B:
        """The body, known to be of this kind by the route."""
        assert isinstance(self.body, kind)
        return self.body

    def answer(self, agent: Agent) -> Operator:
        """The operator's state after the request."""
        engine = self.wiring.engine()
        names = agent_names(engine.plan.agents)
        return {"agent": agent.id, **agent_view(engine, agent, names, self.who)}
