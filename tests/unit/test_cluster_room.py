"""A controller without room for another log stands by and lets others lead, until there is some."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.bootstrap.cluster.member import Member
from acd.config import load_centre
from sim.load.ports import free_ports
from tests.fakes.centre import CENTRE
from tests.fakes.redis_server import RedisServer


@contextlib.contextmanager
def small_files(most_bytes: int) -> Iterator[None]:
    """What a full disk does to whoever asks for room: nothing of this process may be larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.requirement("M18")
async def test_it_goes_on_standing_by_says_why_and_leads_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api, agi, stream, redis_port = free_ports(4)
    redis = RedisServer(tmp_path, redis_port, "save ''\nappendonly no")
    for name, value in {
        "STATE_DIR": str(tmp_path / "var"),
        "CLUSTER__NODE": "a",
        "CLUSTER__REDIS": redis.address,
        "CLUSTER__PORT": str(stream),
        "STORE__SPOOL_MIB": "8",
        "STORE__RESERVE_MIB": "1",
        "API__PORT": str(api),
        "AGI__PORT": str(agi),
        "AGI__DRAIN_S": "0",
    }.items():
        monkeypatch.setenv(f"MADOGUCHI_{name}", value)
    monkeypatch.setattr("acd.bootstrap.cluster.member.ROOM_EVERY_S", 0.05)
    roles: list[str] = []
    leads = asyncio.Event()

    def told(role: str) -> None:
        roles.append(role)
        if role == "leading":
            leads.set()

    stop: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    member = Member(load_centre(CENTRE), stop, told)
    try:
        with small_files(500_000):
            running = asyncio.create_task(member.run())
            # Nobody else is there, so one with room would lead at once.
            await asyncio.sleep(1.0)
            assert roles == ["standing_by"]
            assert not running.done()
        await asyncio.wait_for(leads.wait(), 60.0)
        stop.set_result(None)
        await asyncio.wait_for(running, 60.0)
    finally:
        redis.close()
    said = capsys.readouterr().out
    assert said.count("cannot_lead") == 1
    assert "free some, or set a smaller spool" in said
    assert "can_lead_again" in said
