"""A client of the server under test, with a token for each role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp

from acd.core.explain import Explanation, Missing, OtherAgent, WhyNotAgent
from acd.core.explain_text import Told
from acd.core.ids import AgentId, CallId, OfferId, QueueId
from acd.core.plan import SkillNeed, Strategy
from agents.state import AgentState
from web.auth import TokenStore
from web.roles import Role
from web.server import Server


def why(offer: OfferId) -> Told:
    """What the explainer answers here."""
    reasons = Explanation(
        offer=offer,
        at_s=1_000.0,
        call=CallId("c1"),
        queue=QueueId("general"),
        queue_ja="総合",
        queue_en="General",
        waited_s=3.0,
        age_s=3.0,
        priority=0,
        rank_s=3.0,
        ladder_steps=0,
        needs=((SkillNeed("general", 1),),),
        waiting=1,
        could_serve=1,
        ahead=(),
        agent=AgentId("op09"),
        asked_for=False,
        strategy=Strategy.LONGEST_IDLE,
        value=-79.0,
        idle_s=79.0,
        wishes=0,
        wishes_met=0,
        candidates=1,
        others=(
            OtherAgent(
                AgentId("op10"),
                WhyNotAgent.LACKS_SKILL,
                AgentState.READY,
                missing=(Missing("general", 1, 0),),
            ),
        ),
    )
    return Told(reasons, ("最も長く空いていました。",), ("The longest idle.",))


class Api:
    """A client of the running server, with a token for each role."""

    def __init__(
        self, base: str, session: aiohttp.ClientSession, tokens: TokenStore, server: Server
    ) -> None:
        self.base, self.session, self.store, self.server = base, session, tokens, server
        self.centre_dir = Path()
        self.tokens = {
            "op09": tokens.add(Role.OPERATOR, "op09"),
            "op10": tokens.add(Role.OPERATOR, "op10"),
            "supervisor": tokens.add(Role.SUPERVISOR),
            "admin": tokens.add(Role.ADMINISTRATOR),
            "monitor": tokens.add(Role.MONITOR),
            "wallboard": tokens.add(Role.WALLBOARD),
            "quality": tokens.add(Role.QUALITY),
            "planner": tokens.add(Role.PLANNER),
            "city_staff": tokens.add(Role.CITY_STAFF),
            "auditor": tokens.add(Role.AUDITOR),
        }

    def role(self, who: str) -> str:
        """The token's name for a role or operator."""
        return "admin" if who == "administrator" else who

    def headers(self, who: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}

    async def get(self, path: str, who: str | None = None) -> tuple[int, Any]:
        async with self.session.get(self.base + path, headers=self.headers(who)) as answer:
            return answer.status, await answer.json()

    async def post(self, path: str, who: str | None = None, body: object = None) -> tuple[int, Any]:
        async with self.session.post(
            self.base + path, headers=self.headers(who), json=body
        ) as answer:
            return answer.status, await answer.json()
