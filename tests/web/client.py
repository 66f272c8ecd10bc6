"""A client of the server under test, with a token for each role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
from msgspec import Struct

from web.auth import TokenStore
from web.roles import Role
from web.server import Server


class Why(Struct):
    """What the explainer answers here."""

    offer: str
    ja: tuple[str, ...] = ("最も長く空いていました。",)
    en: tuple[str, ...] = ("The longest idle.",)


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
