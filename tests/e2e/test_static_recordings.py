"""Talks of the static queue, while no controller is there, are recorded by the same rules."""

from __future__ import annotations

import asyncio
import contextlib
from array import array
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from acd.bootstrap.ledger import check
from acd.core.recording import DAY_MS
from sim.load.sound import tone
from tests.e2e.centre_kit import NUMBER, CentreKit, running_kit
from tests.e2e.nodes_kit import CARRIER, PHONES_AT, running_nodes
from tests.e2e.switch_kit import PROJECT
from tests.e2e.test_recordings import (
    CALLERS_HZ,
    LEVEL,
    ON,
    OPERATORS_HZ,
    Talk,
    heard,
    incoming,
    next_row,
    part,
    rows,
)
from tests.fakes.voice import Voice, typical

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXEMPT, ABROAD, WASTE = "0466001119", "+81466001119", "0466001113"
PLAN = """
[[numbers]]
number = "0466-00-1119"
flow = "tax"
recorded = false
name = { ja = "録音しない番号", en = "Exempt" }
"""
NOTICE = PROJECT / "ivr" / "sounds" / "ja" / "recording-notice.ulaw"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[CentreKit]:
    rules: dict[str, Any] = {"more_plan": PLAN, "more_settings": ON.format(mib=1)}
    async with running_kit({"op1": "tax = 5"}, beat_max_s=2.0, **rules) as running:
        yield running


@contextlib.asynccontextmanager
async def by_static_queue(kit: CentreKit, number: str = NUMBER) -> AsyncIterator[Talk]:
    """A talk that the static queue arranged, both sides speaking; the controller is not there."""
    person, operator = await Voice.open(), await Voice.open()
    phone, before = kit.phones["op1"], len(kit.phones["op1"].calls)
    phone.rtp_port = operator.port
    agent = await kit.caller("0466123456")
    agent.rtp_port = person.port
    talk = Talk(kit, await agent.call(number), person, operator)
    try:
        await asyncio.wait_for(talk.dialog.established.wait(), 20.0)
        person.speak(tone(CALLERS_HZ, LEVEL), talk.dialog.sdp)
        if kit.controller is not None and kit.controller.returncode is None:
            await kit.until(lambda: waits(kit))
            await kit.kill_controller()
        await kit.until(lambda: len(phone.calls) > before, 30.0)
        await asyncio.wait_for(talk.leg.established.wait(), 5.0)
        operator.speak(tone(OPERATORS_HZ, LEVEL), talk.leg.sdp)
        yield talk
    finally:
        talk.close()


async def waits(kit: CentreKit) -> bool:
    return await kit.waiting() == 1


async def controller_gone(kit: CentreKit) -> None:
    """The controller dies, and its last sign of life is too old."""
    await kit.kill_controller()
    await asyncio.sleep(3.5)


async def back(kit: CentreKit) -> None:
    """The controller is there again, if it was not."""
    assert kit.controller is not None
    if kit.controller.returncode is not None:
        await kit.start_controller()


def in_clear(kit: CentreKit) -> list[str]:
    return [path.name for path in incoming(kit).iterdir()]


def of_row(kit: CentreKit, recording: str) -> tuple[Any, ...]:
    """Agent, number, queue, how long it is kept and the length of its hash."""
    text = "select id, agent, dialled, queue, expires_ms - started_ms, length(sha256)"
    (row,) = (row for row in kit.sql(f"{text} from recordings") if row[0] == recording)
    return row[1:]


def calls_of(kit: CentreKit, recording: str) -> list[tuple[Any, ...]]:
    """Source and outcome of the call that a recording belongs to."""
    text = "select id, source, outcome from recordings join calls on calls.call = recordings.call"
    return [row[1:] for row in kit.sql(text) if row[0] == recording]


def speaks(side: array[int], hz: int, from_ms: int, to_ms: int) -> bool:
    """Whether this side's tone, and not the other's, is there all the time."""
    other = CALLERS_HZ if hz == OPERATORS_HZ else OPERATORS_HZ
    stretch = part(side, from_ms, to_ms)
    return abs(typical(stretch, hz) - LEVEL) < 0.01 and typical(stretch, other) < 0.003


@pytest.mark.requirement("M16")
async def test_a_talk_without_any_controller_is_on_its_calls_record(kit: CentreKit) -> None:
    await controller_gone(kit)
    before = rows(kit)
    async with by_static_queue(kit) as talk:
        await asyncio.sleep(2.5)
        said, (name,) = bytes(talk.person.heard), in_clear(kit)
        await talk.hang_up()
    assert NOTICE.read_bytes()[8_000:16_000] in said, "nobody is recorded without being told"
    assert not [each for each in ("0466", "op1") if each in name]
    await back(kit)
    recording, duration_ms = await next_row(kit, before)
    operator, caller = await heard(kit, recording)
    assert speaks(operator, OPERATORS_HZ, 1_000, 2_000)
    assert speaks(caller, CALLERS_HZ, 1_000, 2_000)
    assert 2_400 <= duration_ms <= 4_000
    agent, dialled, queue, kept_ms, hash_length = of_row(kit, recording)
    assert (agent, dialled, queue, hash_length) == ("op1", NUMBER, "", 64)
    assert kept_ms == pytest.approx(90 * DAY_MS, abs=5_000)
    await kit.stop_controller()
    assert (await check(kit.settings, take_over=True)).taken_over == 1
    assert calls_of(kit, recording) == [("switch", "answered")]
    await back(kit)


@pytest.mark.requirement("M16")
@pytest.mark.parametrize("number", [EXEMPT, ABROAD])
async def test_an_exempt_number_is_not_recorded_then_either(kit: CentreKit, number: str) -> None:
    before = rows(kit)
    await controller_gone(kit)
    async with by_static_queue(kit, number) as talk:
        await asyncio.sleep(1.0)
        assert in_clear(kit) == []
        assert NOTICE.read_bytes()[8_000:16_000] not in bytes(talk.person.heard)
        await talk.hang_up()
    await back(kit)
    assert rows(kit) == before


@pytest.mark.requirement("M16")
async def test_who_waited_when_the_controller_died_is_recorded_and_told_nothing_twice(
    kit: CentreKit,
) -> None:
    before = rows(kit)
    async with by_static_queue(kit) as talk:
        await asyncio.sleep(1.0)
        assert NOTICE.read_bytes()[8_000:16_000] not in bytes(talk.person.heard)
        await talk.hang_up()
    await back(kit)
    recording, _ = await next_row(kit, before)
    assert of_row(kit, recording)[:3] == ("op1", NUMBER, "")
    await kit.until(lambda: calls_of(kit, recording))


@pytest.mark.requirement("M16")
async def test_it_is_put_away_when_the_talk_is_over_however_silent_it_was(kit: CentreKit) -> None:
    """The controller is back in mid-talk: nothing is heard for longer than a talk's end takes."""
    before = rows(kit)
    await controller_gone(kit)
    async with by_static_queue(kit) as talk:
        await asyncio.sleep(1.0)
        await back(kit)
        talk.person.hush()
        talk.operator.hush()
        await asyncio.sleep(7.0)
        assert len(in_clear(kit)) == 1
        assert rows(kit) == before
        talk.person.speak(tone(CALLERS_HZ, LEVEL), talk.dialog.sdp)
        talk.operator.speak(tone(OPERATORS_HZ, LEVEL), talk.leg.sdp)
        await asyncio.sleep(2.0)
        await talk.hang_up()
    recording, duration_ms = await next_row(kit, before)
    operator, _ = await heard(kit, recording)
    assert speaks(operator, OPERATORS_HZ, duration_ms - 1_200, duration_ms - 200)


@pytest.mark.requirement("M16")
async def test_whose_it_is_outlives_asterisk_and_the_rule_does_not(kit: CentreKit) -> None:
    """An Asterisk that was started anew does not know what is exempt: it records nothing."""
    before = rows(kit)
    await controller_gone(kit)
    async with by_static_queue(kit) as talk:
        await asyncio.sleep(1.0)
        await talk.hang_up()
    await asyncio.sleep(2.0)  # Asterisk writes its database down once a second.
    await kit.switch.kill()
    await kit.switch.start()
    async with by_static_queue(kit) as talk:
        await asyncio.sleep(1.0)
        assert len(in_clear(kit)) == 1, "that of before"
        await talk.hang_up()
    await back(kit)
    recording, _ = await next_row(kit, before)
    assert of_row(kit, recording)[:3] == ("op1", NUMBER, "")


#: Leads to the queue that is exempt, or to another: the caller's silence chooses the first.
MENU = """
start = "menu"
operator = "waste"
[nodes.menu]
kind = "menu"
prompts = ["menu-again"]
timeout_s = 1
choices = { 1 = "waste", 2 = "tax" }
[nodes.waste]
kind = "queue"
queue = "waste"
[nodes.tax]
kind = "queue"
queue = "tax"
"""


@pytest.mark.requirement("M16")
async def test_a_queue_that_is_exempt_stays_so(kit: CentreKit) -> None:
    """Whoever dials a number that leads nowhere else, and whoever waits for it."""
    plan, before = kit.folder / "plan.toml", rows(kit)
    text = plan.read_text("utf-8")
    plan.write_text(text.replace("[queues.waste]", "[queues.waste]\nrecorded = false"), "utf-8")
    await kit.request("POST", "/api/reload", {})
    await controller_gone(kit)
    await not_recorded(kit, WASTE)
    await back(kit)
    (kit.folder / "flows" / "waste.toml").write_text(MENU)
    await kit.request("POST", "/api/reload", {})
    await not_recorded(kit, WASTE)
    await back(kit)
    assert rows(kit) == before


async def not_recorded(kit: CentreKit, number: str) -> None:
    """A talk of the static queue of which no sound is written."""
    async with by_static_queue(kit, number) as talk:
        await asyncio.sleep(1.0)
        assert in_clear(kit) == []
        await talk.hang_up()


@pytest.mark.requirement("M16")
async def test_a_telephone_at_another_switch_is_recorded_where_the_caller_is() -> None:
    async with running_nodes({"op1": "b"}, more_settings=ON.format(mib=1)) as nodes:
        await nodes.kill_controller()
        await asyncio.sleep(6.5)
        person, operator = await Voice.open(CARRIER), await Voice.open(PHONES_AT)
        nodes.phones["op1"].rtp_port = operator.port
        agent = await nodes.caller()
        agent.rtp_port = person.port
        talk = Talk(nodes, await agent.call(NUMBER), person, operator)
        await asyncio.wait_for(talk.dialog.established.wait(), 20.0)
        await nodes.until(lambda: nodes.phones["op1"].calls, 30.0)
        await asyncio.wait_for(talk.leg.established.wait(), 5.0)
        person.speak(tone(CALLERS_HZ, LEVEL), talk.dialog.sdp)
        operator.speak(tone(OPERATORS_HZ, LEVEL), talk.leg.sdp)
        await asyncio.sleep(3.0)
        await talk.hang_up()
        talk.close()
        await nodes.start_controller()
        await nodes.until(lambda: rows(nodes) == 1)
        ((recording,),) = nodes.sql("select id from recordings")
        assert of_row(nodes, recording)[:2] == ("op1", NUMBER)
        left, right = await heard(nodes, recording)
        assert speaks(left, OPERATORS_HZ, 1_000, 2_000)
        assert speaks(right, CALLERS_HZ, 1_000, 2_000)
