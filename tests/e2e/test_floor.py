"""A supervisor on a real switch: what is whispered never reaches the caller; talks change hands.

MixMonitor and the like never contain what is whispered into a channel: what counts is what the
caller's far end hears.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.centre_kit import CentreKit, running_kit
from tests.e2e.floor_talk import (
    BOSSES_HZ,
    CALLERS_HZ,
    OPERATORS_HZ,
    UNHEARD,
    Talk,
    in_state,
    last,
    loud,
    nobody,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[CentreKit]:
    people = {"op00": "tax = 5", "boss": "waste = 1"}
    async with running_kit(people, ring_s=10.0) as running:
        yield running


@pytest.mark.requirement("M17")
async def test_a_caller_never_hears_a_whisper_and_does_hear_a_barge(kit: CentreKit) -> None:
    talk = await Talk.begin(kit)
    await talk.ask("listen")
    await talk.boss_answers()
    heard = await talk.heard()
    assert loud(heard["boss"][CALLERS_HZ]), heard
    assert loud(heard["boss"][OPERATORS_HZ]), heard
    assert heard["operator"][BOSSES_HZ] < UNHEARD, heard
    assert heard["caller"][BOSSES_HZ] < UNHEARD, heard

    await talk.ask("whisper")
    heard = await talk.heard()
    assert loud(heard["operator"][BOSSES_HZ]), heard
    assert heard["caller"][BOSSES_HZ] < UNHEARD, heard
    assert loud(heard["caller"][OPERATORS_HZ]), heard

    await talk.ask("barge")
    heard = await talk.heard()
    assert loud(heard["operator"][BOSSES_HZ]), heard
    assert loud(heard["caller"][BOSSES_HZ]), heard

    assert len(kit.phones["boss"].calls) == 1, "the phone rings once"
    await talk.ask("stop-listening")
    await asyncio.wait_for(last(kit, "boss").over.wait(), 20.0)
    heard = await talk.heard()
    assert loud(heard["caller"][OPERATORS_HZ]), heard
    assert not talk.dialog.over.is_set()
    await talk.end()
    assert [line for line in kit.log().splitlines() if "_broke" in line] == []


@pytest.mark.requirement("M17")
async def test_the_end_of_the_talk_ends_the_hearing(kit: CentreKit) -> None:
    talk = await Talk.begin(kit)
    await talk.ask("whisper")
    await talk.boss_answers()
    last(kit, "op00").put_down()
    await asyncio.wait_for(last(kit, "boss").over.wait(), 20.0)
    await talk.end()


@pytest.mark.requirement("M17")
async def test_a_supervisor_who_hangs_up_hears_no_longer(kit: CentreKit) -> None:
    talk = await Talk.begin(kit)
    await talk.ask("listen")
    await talk.boss_answers()
    assert (await kit.state())["calls"][talk.call]["heard_by"][0]["mode"] == "listen"
    last(kit, "boss").put_down()
    await kit.until(lambda: heard_by_nobody(kit, talk.call))
    await talk.end()


async def heard_by_nobody(kit: CentreKit, call: str) -> bool:
    state = await kit.state()
    return not state["calls"][call]["heard_by"]


async def test_a_waiting_call_is_moved_and_taken_over(kit: CentreKit) -> None:
    if not await in_state(kit, "op00", "logged_out"):
        await kit.request("POST", "/api/agents/op00/logout", {})
    kit.phones["boss"].calls.clear()
    dialog = await kit.call()
    await kit.until(lambda: waits(kit))
    (call,) = (await kit.state())["calls"]
    why = await kit.request("GET", f"/api/calls/{call}/why")
    assert why["reasons"]["why"] == "nobody_logged_in"
    await kit.request("POST", f"/api/calls/{call}/move", {"queue": "waste"})
    await kit.request("POST", f"/api/calls/{call}/priority", {"priority": 9})
    assert (await kit.state())["calls"][call]["priority"] == 9
    await kit.request("POST", f"/api/calls/{call}/take-over", {"device": "boss"})
    await kit.until(lambda: in_state(kit, "@boss", "talking"))
    last(kit, "boss").put_down()
    await kit.until(lambda: nobody(kit))
    assert dialog.over.is_set()


async def waits(kit: CentreKit) -> bool:
    return await kit.waiting() == 1
