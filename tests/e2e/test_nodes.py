"""Two real Asterisks, one controller: callers and operators on either, and one that dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sim.load.sound import tone
from tests.e2e.nodes_kit import CARRIER, PHONES_AT, NodesKit, running_nodes
from tests.fakes.sip_agent import Dialog, Ring
from tests.fakes.voice import Voice, level

CALLERS_HZ, OPERATORS_HZ, LEVEL = 450, 1000, 0.2


@pytest.fixture
async def kit() -> AsyncIterator[NodesKit]:
    async with running_nodes({"opa": "a", "opb": "b"}, ring_s=3.0) as running:
        yield running


def rung(kit: NodesKit, agent: str) -> int:
    return len(kit.phones[agent].rung)


async def answered(kit: NodesKit, agent: str, times: int = 1) -> None:
    await kit.until(lambda: rung(kit, agent) == times)
    await kit.until(lambda: talking(kit, agent))


async def talking(kit: NodesKit, agent: str) -> bool:
    return agent in await kit.agents_in("talking")


@pytest.mark.requirement("M18")
async def test_both_hear_each_other_wherever_they_are(kit: NodesKit) -> None:
    await kit.work()
    for number, (arrives, operator) in enumerate((("a", "opb"), ("b", "opa"), ("b", "opb")), 1):
        other = "opa" if operator == "opb" else "opb"
        await kit.request("POST", f"/api/agents/{other}/not-ready", {"reason": "break"})
        await both_hear(kit, arrives, operator)
        await kit.until(kit.no_channels)
        await kit.until(lambda: len(kit.sql("select 1 from calls")) == number)  # noqa: B023
        await kit.request("POST", f"/api/agents/{other}/ready", {})
    rows = kit.sql(
        "select calls.switch, legs.agent from calls join legs using (call) order by 1, 2"
    )
    assert rows == [("a", "opb"), ("b", "opa"), ("b", "opb")]


async def both_hear(kit: NodesKit, arrives: str, operator: str) -> None:
    """A talk, held against what arrives at the two far ends."""
    caller, phone = await Voice.open(CARRIER), await Voice.open(PHONES_AT)
    kit.phones[operator].rtp_port = phone.port
    agent = await kit.caller(node=arrives)
    agent.rtp_port = caller.port
    dialog = await agent.call("0466001111")
    await kit.until(lambda: talking(kit, operator))
    caller.speak(tone(CALLERS_HZ, LEVEL), dialog.sdp)
    phone.speak(tone(OPERATORS_HZ, LEVEL), live(kit, operator).sdp)
    await asyncio.sleep(0.5)
    caller.heard.clear()
    phone.heard.clear()
    await asyncio.sleep(1.0)
    assert level(bytes(caller.heard), OPERATORS_HZ) > LEVEL * 0.8
    assert level(bytes(phone.heard), CALLERS_HZ) > LEVEL * 0.8
    await dialog.hang_up()
    caller.close()
    phone.close()


def live(kit: NodesKit, operator: str) -> Dialog:
    """The call that the operator's telephone is in."""
    found: list[Dialog] = [
        each for each in kit.phones[operator].calls.values() if not each.over.is_set()
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.requirement("M3")
async def test_why_nobody_came_is_the_same_over_the_trunk(kit: NodesKit) -> None:
    phone = kit.phones["opb"]
    await kit.request("POST", "/api/agents/opb/login", {})
    for status, reason in ((486, "busy"), (603, "rejected"), (404, "unreachable")):
        phone.refuse_with = status
        await kit.request("POST", "/api/agents/opb/ready", {})
        dialog = await kit.call(node="a")
        await kit.until(lambda: reason_of(kit, "opb", reason))  # noqa: B023
        await dialog.hang_up()
    phone.refuse_with, phone.ring = 0, Ring.RING
    await kit.request("POST", "/api/agents/opb/ready", {})
    dialog = await kit.call(node="a")
    await kit.until(lambda: reason_of(kit, "opb", "no_answer"))
    await dialog.hang_up()
    # A telephone that nobody has heard of anywhere.
    phone.register(kit.secret("opb"), expires_s=0)
    await kit.until(lambda: kit.gone("opb", "b"))
    await kit.request("POST", "/api/agents/opb/ready", {})
    dialog = await kit.call(node="a")
    await kit.until(lambda: reason_of(kit, "opb", "unreachable"))
    await dialog.hang_up()


async def reason_of(kit: NodesKit, agent: str, reason: str) -> bool:
    return str((await kit.state())["agents"][agent]["reason"]) == reason


@pytest.mark.requirement("M18")
async def test_the_death_of_a_node_ends_only_its_own_talks(kit: NodesKit) -> None:
    await kit.work()
    # One talk on each switch, each with the operator who is at home at the other one.
    await kit.request("POST", "/api/agents/opb/not-ready", {"reason": "break"})
    survivor = await kit.call(node="b")
    await kit.until(lambda: talking(kit, "opa"))
    await kit.request("POST", "/api/agents/opb/ready", {})
    await kit.call(node="a")
    await kit.until(lambda: talking(kit, "opb"))
    waits_on_a = [await kit.call(node="a", name=f"046610000{n}") for n in range(2)]
    waits_on_b = [await kit.call(node="b", name=f"046620000{n}") for n in range(2)]
    await kit.until(lambda: waiting_is(kit, 4))
    await kit.kill_node("a")
    # The operator whose caller was there is free, and takes the first of those who still wait.
    await kit.until(lambda: waiting_is(kit, 1), 20.0)
    assert not any(each.over.is_set() for each in waits_on_b)
    assert [each.established.is_set() for each in waits_on_a] == [True, True]
    lost = "select count(*) from calls where outcome = 'lost'"
    await kit.until(lambda: kit.sql(lost) == [(2,)])
    # What still led there is let go: that caller's operator was at home on the dead one.
    await kit.until(survivor.over.is_set, 20.0)
    # The other operator's telephone was there, too: it is offered nothing until it is here.
    for dialog in waits_on_b:
        await dialog.hang_up()
    await kit.until(lambda: waiting_is(kit, 0))
    last = await kit.call(node="b")
    await kit.until(lambda: talking(kit, "opb"))
    second = await kit.call(node="b")
    await asyncio.sleep(1.0)
    before = rung(kit, "opa")
    await kit.move("opa", "b")
    await kit.until(lambda: talking(kit, "opa"))
    assert rung(kit, "opa") == before + 1
    for dialog in (last, second):
        await dialog.hang_up()
    # It comes back, and so do callers there: the operators who are elsewhere now are rung for them.
    await kit.start_node("a")
    await kit.until(lambda: nobody_is_down(kit))
    back = await kit.call(node="a")
    await kit.until(lambda: somebody_talks(kit))
    await back.hang_up()
    await kit.until(kit.no_channels)


async def nobody_is_down(kit: NodesKit) -> bool:
    return not (await kit.state())["switches_down"]


async def somebody_talks(kit: NodesKit) -> bool:
    return await kit.agents_in("talking") != []


async def waiting_is(kit: NodesKit, number: int) -> bool:
    return await kit.waiting() == number
