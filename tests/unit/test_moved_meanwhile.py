"""Callers who move while a controller that has come back still reconciles what it saw of them.

It may take seconds: the lease is away, or hundreds are to be corrected. Nothing beats meanwhile, so
the dialplan leads who waits to the static queue. What the sweep showed is not true any more then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from acd.adapters.asterisk.telephony import AsteriskTelephony
from acd.adapters.secrets import Secrets
from acd.bootstrap.centre import RunningCentre
from acd.config import load_centre
from acd.core.ids import AgentId, CallId, QueueId, SwitchId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentReadied,
    CallArrived,
    Caller,
    CallerKind,
    QueueRequested,
)
from tests.fakes.ami_events import whole
from tests.fakes.ami_server import AmiServer
from tests.fakes.centre import CENTRE
from tests.unit.test_ami_sweeping import WAITING, row

CALL, CHANNEL = CallId("1700000000.5"), "PJSIP/carrier-00000006"
AWAY = whole("UserEvent", Uniqueid=CALL, UserEvent="MdgAway", Context="fallback")
TALK = whole("BridgeEnter", Uniqueid=CALL, BridgeUniqueid="t9", Context="fallback")

BACK = whole("BridgeEnter", Uniqueid=CALL, BridgeUniqueid="w2", BridgeTechnology="holding_bridge")


class Lease:
    """Leadership that comes and goes."""

    token = 1

    def __init__(self) -> None:
        self.held = True

    def holds(self) -> bool:
        return self.held

    def refused(self, token: int) -> None:
        raise AssertionError("nobody else leads")


class Meanwhile:
    """A centre whose controller lost the lease in the middle of a sweep that showed a caller who
    waits, and an operator who is ready."""

    def __init__(self, running: RunningCentre, server: AmiServer, lease: Lease) -> None:
        self.running, self.server, self.lease = running, server, lease

    @property
    def telephony(self) -> AsteriskTelephony:
        return next(iter(self.running.switches))

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(20.0):
            while not true():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def hear(self, event: str) -> None:
        """The switch says it, and the controller has heard it."""
        before = self.telephony.forged
        for text in (event, "Event: Hangup\r\nUniqueid: 1.1"):  # Not a whole one: it is counted.
            self.server.send(f"{text}\r\n\r\n".encode(), "madoguchi-events")
        await self.until(lambda: self.telephony.forged > before)

    def redirected(self) -> list[str]:
        return [one["Context"] for one in self.server.actions("Redirect")]

    def tokens(self) -> list[str]:
        return [one["Value"] for one in self.server.actions("Setvar") if "Channel" in one]


def listing(name: str, *rows: str) -> str:
    begin, end = "Response: Success\r\nEventList: start", f"Event: {name}\r\nEventList: Complete"
    return "\r\n\r\n".join((begin, *rows, end))


@pytest.fixture
async def meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Meanwhile]:
    server, lease = AmiServer(), Lease()
    waits = row(CALL, bridge="w1").text.replace("\r\nActionID: x-8", "").strip("\r\n")
    bridge = WAITING.text.replace("\r\nActionID: x-9", "").strip("\r\n")
    server.answers["Status"] = listing("StatusComplete", waits)
    server.answers["BridgeList"] = listing("BridgeListComplete", bridge)
    await server.open()
    for name, value in {
        "STATE_DIR": str(tmp_path),
        "SWITCH__KIND": "local",
        "SWITCH__AMI_PORT": str(server.port),
        "STORE__SPOOL_MIB": "8",
        "STORE__RESERVE_MIB": "1",
    }.items():
        monkeypatch.setenv(f"MADOGUCHI_{name}", value)
    running = RunningCentre(load_centre(CENTRE), Secrets(tmp_path), lease)
    made = Meanwhile(running, server, lease)
    tasks = [asyncio.create_task(running.controller.run())]
    try:
        await running.start_under_plan()
        who = Caller(CallerKind.NUMBER, "0312345678")
        switch = SwitchId(made.telephony.switch)
        for happened in (
            AgentLoggedIn(AgentId("op01")),
            AgentReadied(AgentId("op01")),
            CallArrived(CALL, switch, CHANNEL, "carrier", "1", who),
            QueueRequested(CALL, QueueId("general")),
        ):
            await running.controller.submit(happened)
        lease.held = False
        tasks.append(asyncio.create_task(made.telephony.run()))
        await made.until(lambda: server.actions("Status"))
        yield made
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        await running.records.close()
        await server.close()


async def test_whom_the_static_queue_has_connected_is_left_in_that_talk(
    meanwhile: Meanwhile,
) -> None:
    await meanwhile.hear(AWAY)
    await meanwhile.hear(TALK)
    meanwhile.lease.held = True
    call = meanwhile.running.engine.calls[CALL]
    await meanwhile.until(lambda: call.failed_offers or meanwhile.server.actions("Originate"))
    assert meanwhile.server.actions("Originate") == []
    assert meanwhile.redirected() == []
    assert meanwhile.tokens() == [], "what says how the caller goes on after that talk"


async def test_for_whom_the_static_queue_rings_is_fetched_before_anybody_else_is_rung(
    meanwhile: Meanwhile,
) -> None:
    await meanwhile.hear(AWAY)
    meanwhile.lease.held = True
    await meanwhile.until(lambda: meanwhile.redirected() or meanwhile.server.actions("Originate"))
    assert meanwhile.server.actions("Originate") == []
    assert meanwhile.redirected() == ["hold"]
    await meanwhile.hear(BACK)
    await meanwhile.until(lambda: meanwhile.server.actions("Originate"))


async def test_who_waits_on_is_rung_for_at_once(meanwhile: Meanwhile) -> None:
    meanwhile.lease.held = True
    await meanwhile.until(lambda: meanwhile.server.actions("Originate"))
    assert meanwhile.redirected() == []
