"""Callers reach the right operator on a real Asterisk, whatever the operators' phones do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.e2e.centre_kit import NUMBER, CentreKit, running_kit
from tests.fakes.sip_agent import Ring

EXPERT, WASTE = "0466001112", "0466001113"


@pytest.fixture
async def kit() -> AsyncIterator[CentreKit]:
    people = {"novice": "tax = 2", "master": "tax = 8", "waste": "waste = 5"}
    async with running_kit(people, ring_s=3.0) as running:
        yield running


async def answered(kit: CentreKit, *counts: int) -> None:
    """Wait until the phones of novice, master and waste have been rung so often."""
    phones = [kit.phones[name] for name in ("novice", "master", "waste")]
    await kit.until(lambda: tuple(len(phone.rung) for phone in phones) == counts)


@pytest.mark.requirement("M3")
async def test_the_operator_has_skill_and_level(kit: CentreKit) -> None:
    await kit.work("novice", "master", "waste")
    expert = await kit.call(EXPERT)
    await answered(kit, 0, 1, 0)
    waste = await kit.call(WASTE)
    await answered(kit, 0, 1, 1)
    plain = await kit.call(NUMBER)
    await answered(kit, 1, 1, 1)
    # Nobody else has the level: the second expert call waits although others are idle.
    await expert.hang_up()
    for dialog in (waste, plain):
        await dialog.hang_up()
    await kit.until(lambda: kit.sql("select count(*) from calls")[0][0] == 3)
    rows = kit.sql(
        "select calls.dialled, calls.outcome, legs.agent from calls join legs using (call)"
        " order by 1"
    )
    assert [tuple(map(str, row)) for row in rows] == [
        (NUMBER, "answered", "novice"),
        (EXPERT, "answered", "master"),
        (WASTE, "answered", "waste"),
    ]
    await kit.until(kit.no_channels)


async def test_a_phone_that_does_not_answer_leaves_the_call_its_place(kit: CentreKit) -> None:
    kit.phones["master"].ring = Ring.RING
    await kit.work("master")
    dialog = await kit.call(NUMBER)
    await answered(kit, 0, 1, 0)
    await kit.work("novice")
    await answered(kit, 1, 1, 0)
    agents = (await kit.state())["agents"]
    assert agents["master"]["state"] == "not_ready"
    assert agents["master"]["reason"] == "no_answer"
    await kit.until(lambda: talking(kit, "novice"))
    await dialog.hang_up()
    await kit.until(lambda: kit.sql("select outcome from calls") == [("answered",)])


@pytest.mark.parametrize(("status", "reason"), [(486, "busy"), (603, "rejected"), (503, "*")])
async def test_a_phone_that_refuses(kit: CentreKit, status: int, reason: str) -> None:
    kit.phones["master"].refuse_with = status
    await kit.work("master", "novice")
    dialog = await kit.call(NUMBER)
    await answered(kit, 1, 1, 0)
    master = (await kit.state())["agents"]["master"]
    assert master["state"] == "not_ready"
    assert reason in ("*", master["reason"])
    # After its rest the operator takes calls again by itself.
    kit.phones["master"].refuse_with = 0
    await kit.until(lambda: ready(kit, "master"))
    await dialog.hang_up()


async def ready(kit: CentreKit, agent: str) -> bool:
    return agent in await kit.agents_in("ready")


async def test_a_phone_that_is_not_there(kit: CentreKit) -> None:
    kit.phones["master"].close()
    await kit.work("master")
    dialog = await kit.call(NUMBER)
    await kit.until(kit.waiting)
    await kit.work("novice")
    await kit.until(lambda: talking(kit, "novice"), 20.0)
    await dialog.hang_up()
    await kit.until(lambda: kit.sql("select outcome from calls") == [("answered",)])


async def talking(kit: CentreKit, agent: str) -> bool:
    return agent in await kit.agents_in("talking")


async def test_an_operator_who_logs_out_while_it_rings(kit: CentreKit) -> None:
    kit.phones["master"].ring = Ring.RING
    await kit.work("master")
    dialog = await kit.call(NUMBER)
    await answered(kit, 0, 1, 0)
    await kit.work("novice")
    await kit.request("POST", "/api/agents/master/logout", {})
    await answered(kit, 1, 1, 0)
    assert "master" in await kit.agents_in("logged_out")
    await asyncio.wait_for(next(iter(kit.phones["master"].calls.values())).over.wait(), 5.0)
    await dialog.hang_up()


async def test_hold_is_on_the_record(kit: CentreKit) -> None:
    await kit.work("master")
    dialog = await kit.call(NUMBER)
    await kit.until(lambda: _talking(kit, 1))
    leg = next(iter(kit.phones["master"].calls.values()))
    leg.hold(True)
    await kit.until(lambda: _in(kit, "hold", "master"))
    await asyncio.sleep(0.5)
    leg.hold(False)
    await kit.until(lambda: _in(kit, "talking", "master"))
    await leg.hang_up()
    await asyncio.wait_for(dialog.over.wait(), 20.0)
    await kit.until(lambda: kit.sql("select kind from segments where kind = 'hold'"))
    held_ms = kit.sql("select duration_ms from segments where kind = 'hold'")[0][0]
    assert held_ms >= 400


async def _talking(kit: CentreKit, count: int) -> bool:
    return len(await kit.agents_in("talking")) == count


async def _in(kit: CentreKit, state: str, agent: str) -> bool:
    return agent in await kit.agents_in(state)


@pytest.mark.requirement("M9")
async def test_a_blind_transfer_to_a_queue(kit: CentreKit) -> None:
    await kit.work("master", "waste")
    dialog = await kit.call(NUMBER)
    await kit.until(lambda: _talking(kit, 1))
    target = {"kind": "queue", "target": "waste"}
    await kit.request("POST", "/api/agents/master/transfer", target)
    await kit.until(lambda: _in(kit, "talking", "waste"))
    await kit.until(lambda: _in(kit, "ready", "master"))
    assert not dialog.over.is_set()
    await dialog.hang_up()
    await kit.until(lambda: kit.sql("select count(*) from legs")[0][0] == 2)
    assert [row[0] for row in kit.sql("select queue from visits order by visit")] == [
        "tax",
        "waste",
    ]
    await kit.until(kit.no_channels)


async def test_an_offer_is_explained_in_both_languages(kit: CentreKit) -> None:
    await kit.work("master", "waste")
    dialog = await kit.call(NUMBER)
    await kit.until(lambda: _talking(kit, 1))
    offer = (await kit.state())["agents"]["master"]["offer"]
    found = await kit.request("GET", f"/api/explain/{offer}")
    assert found["reasons"]["agent"] == "master"
    others = {other["agent"]: other["why"] for other in found["reasons"]["others"]}
    assert others == {"novice": "not_ready", "waste": "lacks_skill"}
    assert any("master" in sentence for sentence in found["en"])
    assert any("master" in sentence for sentence in found["ja"])
    await dialog.hang_up()
