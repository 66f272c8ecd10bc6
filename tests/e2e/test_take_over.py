"""A talk changes hands on a real switch: no music, no more than a blink of silence between two
voices; and a supervisor's phone is let go whatever it sends.
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
    LEVEL,
    OPERATORS_HZ,
    Talk,
    in_state,
    last,
    loud,
    nobody,
)
from tests.fakes.sip_agent import Ring
from tests.fakes.voice import SAMPLES, level

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Between the operator's last word and the supervisor's first: a busy machine included.
BLINK_S = 0.3


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[CentreKit]:
    people = {"op00": "tax = 5", "boss": "waste = 1"}
    async with running_kit(people, ring_s=3.0) as running:
        yield running


def voices(talk: Talk) -> list[tuple[float, str]]:
    """Whom the caller heard in each packet: when, and who; "" is silence, "music" the rest."""
    found = []
    for at_s, packet in talk.caller.packets:
        operator, boss = (level(packet, hz) for hz in (OPERATORS_HZ, BOSSES_HZ))
        if max(operator, boss) > LEVEL / 2:
            found.append((at_s, "operator" if operator > boss else "boss"))
        else:
            sound = any(abs(byte - packet[0]) > 8 for byte in packet[:SAMPLES])
            found.append((at_s, "music" if sound else ""))
    return found


async def test_the_caller_changes_over_without_music_when_the_phone_is_answered(
    kit: CentreKit,
) -> None:
    kit.phones["boss"].ring = Ring.RING
    talk = await Talk.begin(kit)
    await talk.ask("take-over")
    await kit.until(lambda: bool(kit.phones["boss"].calls))
    heard = await talk.heard()
    assert loud(heard["caller"][OPERATORS_HZ]), heard
    assert loud(heard["operator"][CALLERS_HZ]), heard
    assert await in_state(kit, "op00", "talking")
    del talk.caller.packets[:-50]
    last(kit, "boss").answer()
    await talk.boss_answers()
    await kit.until(lambda: in_state(kit, "@boss", "talking"))
    await asyncio.wait_for(last(kit, "op00").over.wait(), 20.0)
    heard = await talk.heard()
    assert loud(heard["boss"][CALLERS_HZ]), heard
    assert loud(heard["caller"][BOSSES_HZ]), heard
    who = voices(talk)
    last_word_s = max(at_s for at_s, voice in who if voice == "operator")
    first_word_s = min(at_s for at_s, voice in who if voice == "boss")
    assert first_word_s - last_word_s < BLINK_S
    between = [voice for at_s, voice in who if last_word_s < at_s < first_word_s]
    assert between.count("music") <= 2, between
    await talk.end()
    assert [line for line in kit.log().splitlines() if "_broke" in line] == []


async def test_a_phone_that_hears_the_talk_rings_for_it_when_it_hears_no_longer(
    kit: CentreKit,
) -> None:
    kit.phones["boss"].ring = Ring.ANSWER
    talk = await Talk.begin(kit)
    await talk.ask("listen")
    await talk.boss_answers()
    hearing = last(kit, "boss")
    await talk.ask("take-over")
    await kit.until(lambda: len(kit.phones["boss"].calls) == 2)
    # A browser has one call at a time: a ring that comes first would be refused.
    assert hearing.over.is_set()
    await talk.boss_answers()
    await kit.until(lambda: in_state(kit, "@boss", "talking"))
    await talk.end()


async def test_nobody_answers_and_the_two_talk_on(kit: CentreKit) -> None:
    kit.phones["boss"].ring = Ring.RING
    talk = await Talk.begin(kit)
    await talk.ask("take-over")
    await kit.until(lambda: bool(kit.phones["boss"].calls))
    await asyncio.wait_for(last(kit, "boss").over.wait(), 20.0)
    heard = await talk.heard()
    assert loud(heard["caller"][OPERATORS_HZ]), heard
    assert await in_state(kit, "op00", "talking")
    # The end of the talk is the end of the call: nothing of the ring is left on the caller.
    last(kit, "op00").put_down()
    await asyncio.wait_for(talk.dialog.over.wait(), 20.0)
    await kit.until(lambda: nobody(kit))
    await talk.end()


async def test_an_operator_who_hangs_up_leaves_the_caller_to_the_phone_that_rings(
    kit: CentreKit,
) -> None:
    kit.phones["boss"].ring = Ring.RING
    talk = await Talk.begin(kit)
    await talk.ask("take-over")
    await kit.until(lambda: bool(kit.phones["boss"].calls))
    last(kit, "op00").put_down()
    await kit.until(lambda: in_state(kit, "@boss", "ringing"))
    last(kit, "boss").answer()
    await talk.boss_answers()
    await kit.until(lambda: in_state(kit, "@boss", "talking"))
    heard = await talk.heard()
    assert loud(heard["caller"][BOSSES_HZ]), heard
    await talk.end()


@pytest.mark.requirement("M17")
async def test_a_phone_that_sends_nothing_is_let_go(kit: CentreKit) -> None:
    kit.phones["boss"].ring = Ring.ANSWER
    talk = await Talk.begin(kit)
    for way in ("listen", "whisper"):
        await talk.ask(way)
        await kit.until(lambda: bool(kit.phones["boss"].calls))
        await asyncio.wait_for(last(kit, "boss").established.wait(), 20.0)
        await asyncio.sleep(0.5)
    await talk.ask("stop-listening")
    await asyncio.wait_for(last(kit, "boss").over.wait(), 20.0)
    heard = await talk.heard()
    assert loud(heard["caller"][OPERATORS_HZ]), heard
    assert len(await kit.channels()) == 2
    await talk.end()
