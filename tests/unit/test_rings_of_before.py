"""A controller comes back while telephones ring at several switches, none of which it sees yet."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from acd.bootstrap.centre import RunningCentre
from acd.config import Centre
from acd.core.call import CallState
from acd.core.ids import AgentId, CallId, QueueId, SwitchId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentReadied,
    CallArrived,
    Caller,
    CallerKind,
    DeviceMoved,
    QueueRequested,
    SwitchUp,
)
from sim.load.ports import free_ports
from tests.deciding import deciding
from tests.e2e.centre_kit import write_centre

#: Longer than any telephone rings.
LATER_S = 60.0
SWITCHES = tuple(SwitchId(name) for name in ("a", "b", "c"))


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    """Three switches, and an operator at each."""
    more = ""
    for rtp, switch in enumerate(SWITCHES[1:], 40):
        sip, ami = free_ports(2)
        more += f'[switches.{switch}]\nsip_bind = "127.0.0.2"\nsip_port = {sip}\n'
        more += f"ami_port = {ami}\nrtp_from_port = {rtp}000\nrtp_to_port = {rtp}999\n"
    people = {f"op-{switch}": "tax = 5" for switch in SWITCHES}
    return write_centre(tmp_path / "centre", people, more_settings=more)


async def one_rings(running: RunningCentre, switch: SwitchId) -> None:
    submit, who = running.controller.submit, Caller(CallerKind.WITHHELD, "")
    agent, call = AgentId(f"op-{switch}"), CallId(f"{switch}-1700000000.1")
    await submit(SwitchUp(switch))
    await submit(DeviceMoved(agent, switch))
    await submit(AgentLoggedIn(agent))
    await submit(AgentReadied(agent))
    await submit(CallArrived(call, switch, "PJSIP/c-1", "carrier", "1", who))
    await submit(QueueRequested(call, QueueId("tax")))


@pytest.mark.requirement("M28")
async def test_no_ring_ends_by_its_time_before_its_switch_was_seen(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with deciding(centre) as running:
        running.controller._execute = lambda _: None  # telephones simply ring
        for switch in SWITCHES:
            await one_rings(running, switch)
        assert [call.state for call in running.engine.calls.values()] == [CallState.OFFERED] * 3
    machine_s = time.time
    monkeypatch.setattr("acd.adapters.clock.time.time", lambda: machine_s() + LATER_S)
    async with deciding(centre) as running:
        await asyncio.sleep(0.2)
        assert [call.state for call in running.engine.calls.values()] == [CallState.OFFERED] * 3
