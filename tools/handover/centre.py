"""The centre of that proof: two controllers, PostgreSQL, Redis, and telephones by SIPp."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from acd.adapters.secrets import Secrets
from acd.adapters.sql.reader import LedgerReader
from acd.bootstrap.switch import PROJECT, conf_spec, paths_of, start_asterisk
from acd.core.cdr_types import CallRecord, LegRecord
from acd.errors import Refused
from sim.load.ports import free_ports
from tests.e2e.cluster_kit import ClusterKit, Member, write_cluster
from tests.fakes.redis_server import RedisServer
from tools.chaos.stores import PostgresPart

HOST = "127.0.0.1"
#: So many that whoever comes finds somebody free at 20 calls a second.
PEOPLE = {f"op{number:03d}": "tax = 5, waste = 5" for number in range(110)}
_STOPS_WITHIN_S = 30.0
#: One machine plays both of a centre's, its callers and its telephones: a lease of the usual length
#: may be lost to their work. What is handed over on purpose takes no longer by it.
_TIMES = "lease_s = 4.0\nrenew_every_s = 0.8\nmargin_s = 1.0\nask_timeout_s = 1.0"


class Handed(ClusterKit):
    """Two controllers that are told to hand over, as their operator would tell them."""

    phones_port = 0

    async def start_switch(self) -> None:
        """Asterisk; one SIPp answers for all telephones."""
        self.phones_port = free_ports(1)[0]
        contacts = {name: f"sip:{name}@{HOST}:{self.phones_port}" for name in PEOPLE}
        paths, secrets = paths_of(self.settings), Secrets(self.settings.secrets_dir)
        spec = conf_spec(self.centre, secrets, paths, phone_contacts=contacts)
        self.switch = await start_asterisk(self.settings, spec, paths)

    def has_tables(self) -> bool:
        """The first controller made them before it said that it takes calls."""
        return True

    async def takeover(self) -> float:
        """``madoguchi takeover`` where it leads. As the others: seconds until another one leads."""
        old, began_s = self.leader, time.monotonic()
        leads = asyncio.create_task(self._other_leads(old, began_s))
        process = await self._madoguchi(old, "takeover")
        said, errors = await asyncio.wait_for(process.communicate(), 60.0)
        if process.returncode:
            raise Refused(f"takeover: {(said + errors).decode(errors='replace')[-1_000:]}")
        took_s = await leads
        await self.stands_by(old)
        return took_s

    async def drain(self) -> float:
        """SIGTERM to who leads; it is started again when it has ended."""
        old, began_s = self.leader, time.monotonic()
        leads = asyncio.create_task(self._other_leads(old, began_s))
        await self._restart(old)
        took_s = await leads
        await self.stands_by(old)
        return took_s

    async def upgrade(self) -> float:
        """As in docs/operations/steps.md: who stands by is replaced, then who leads."""
        new = self.other(self.leader)
        await self._restart(new)
        await self.stands_by(new)
        return await self.drain()

    async def _restart(self, member: Member) -> None:
        """What ``systemctl restart`` does."""
        assert member.process is not None
        member.send(signal.SIGTERM)
        code = await asyncio.wait_for(member.process.wait(), _STOPS_WITHIN_S)
        if code:
            raise Refused(f"controller {member.node} ended with {code}:\n{member.log()[-2_000:]}")
        await member.start()

    async def _other_leads(self, old: Member, began_s: float) -> float:
        await self.until(lambda: self.front.leader not in (None, old), 60.0)
        return time.monotonic() - began_s

    async def quiet(self) -> bool:
        """Whether no call is known any more and every operator is ready for the next."""
        state = await self.state()
        ready = sum(agent["state"] == "ready" for agent in state["agents"].values())
        return not state["calls"] and ready == len(PEOPLE)

    async def farewell(self) -> dict[str, int]:
        """Exit codes: first of who stands by, then of who leads and has nobody to hand over to."""
        codes = {}
        last = self.leader
        for member in (self.other(last), last):
            assert member.process is not None
            member.send(signal.SIGTERM)
            codes[member.node] = await asyncio.wait_for(member.process.wait(), _STOPS_WITHIN_S)
        return codes

    async def ledger(self) -> tuple[list[CallRecord], list[LegRecord]]:
        """Every call and every leg that was recorded."""
        reader = LedgerReader(self.settings.database_url)
        try:
            return await reader.calls(), await reader.legs()
        finally:
            await reader.close()

    async def checked(self) -> dict[str, Any]:
        """What ``madoguchi ledger check --take-over`` says: the controllers' record against
        Asterisk's own, from which callers come who came and left while nobody led."""
        process = await self._madoguchi(
            next(iter(self.members.values())), "ledger", "check", "--take-over", "--json"
        )
        said, _ = await asyncio.wait_for(process.communicate(), 120.0)
        found: dict[str, Any] = json.loads(said)
        return found

    async def _madoguchi(self, member: Member, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "acd", *words, "--centre", str(member.folder)),
            cwd=PROJECT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )


@contextlib.asynccontextmanager
async def two_controllers(folder: Path) -> AsyncIterator[Handed]:
    """All at work: the first controller leads, the second stands by, every operator is ready."""
    postgres = PostgresPart(folder)
    await postgres.make()
    redis = RedisServer(folder, free_ports(1)[0], "save ''\nappendonly no")
    members = write_cluster(folder, PEOPLE, redis.port, times=_TIMES, ring_s=4.0, beat_max_s=8.0)
    for member in members:
        file = member.folder / "settings.toml"
        text = file.read_text(encoding="utf-8")
        text = text.replace(f"sqlite+aiosqlite:///{folder / 'madoguchi.sqlite'}", postgres.url)
        file.write_text(text, encoding="utf-8")
    kit = Handed(folder, [Member(each.node, each.folder) for each in members], redis)
    try:
        await kit.start_switch()
        await kit.start_all()
        await kit.work(*PEOPLE)
        yield kit
    finally:
        await kit.stop()
        await postgres.kill()
