"""Caller and operator hear one another, each the right one, in G.711 µ-law."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest
import pytest_asyncio

from sim.load.sound import tone
from tests.e2e.centre_kit import NUMBER, CentreKit, running_kit
from tests.fakes.sip_agent import Dialog
from tests.fakes.voice import PCMU, SAMPLES, Voice, level

#: Enough that one second holds ids of which some begin with others, where Asterisk begins to count:
#: 1795364253.1, 1795364253.14.
CALLERS = 24
#: A second may end among the first callers; then all is begun again.
TRIES = 5
CALLERS_HZ, OPERATORS_HZ, LEVEL = 450, 1000, 0.2


@pytest_asyncio.fixture
async def voices() -> AsyncIterator[list[Voice]]:
    """What a test opens is closed."""
    opened: list[Voice] = []
    yield opened
    for voice in opened:
        voice.close()


def operators(count: int) -> AbstractAsyncContextManager[CentreKit]:
    """A centre with so many, each at a telephone."""
    return running_kit({f"op{n:02d}": "tax = 5" for n in range(count)}, ring_s=10.0)


async def voice_of(voices: list[Voice]) -> Voice:
    voices.append(await Voice.open())
    return voices[-1]


async def caller(kit: CentreKit, voices: list[Voice], name: str) -> tuple[Dialog, Voice]:
    voice, agent = await voice_of(voices), await kit.caller(name)
    agent.rtp_port = voice.port
    return await agent.call(NUMBER), voice


@pytest.mark.requirement("M1")
async def test_each_operator_hears_the_caller_who_is_shown_and_nobody_else(
    voices: list[Voice],
) -> None:
    """All wait at once, are offered at once, and say one byte each for ever."""
    for _ in range(TRIES):
        async with operators(CALLERS) as kit:
            await everybody_calls(kit, voices)
            ids = sorted((await kit.state())["calls"])
            if not any(other != one and other.startswith(one) for one in ids for other in ids):
                continue
            heard = await heard_by_operators(kit, voices)
            assert heard == {number: {0x10 + number} for number in range(CALLERS)}
            return
    pytest.fail("no ids began with others")


async def everybody_calls(kit: CentreKit, voices: list[Voice]) -> None:
    # In one second, since ids begin with it; clocks may differ by a tick.
    await asyncio.sleep(1.02 - time.time() % 1.0)
    people = [await caller(kit, voices, f"04660001{n:02d}") for n in range(CALLERS)]
    for number, (dialog, person) in enumerate(people):
        await asyncio.wait_for(dialog.established.wait(), 20.0)
        person.speak(bytes([0x10 + number]) * SAMPLES, dialog.sdp)
    await kit.until(lambda: waiting(kit, CALLERS), 20.0)


async def heard_by_operators(kit: CentreKit, voices: list[Voice]) -> dict[int, set[int]]:
    """The bytes that came to each operator once all talk, by the caller whom they are shown."""
    ears = {}
    for phone in kit.phones.values():
        ears[phone.name] = await voice_of(voices)
        phone.rtp_port = ears[phone.name].port
    await kit.work()
    await kit.until(lambda: talking(kit, CALLERS), 20.0)
    for ear in ears.values():
        ear.heard.clear()
    await asyncio.sleep(0.5)
    heard = {}
    for phone in kit.phones.values():
        (leg,) = phone.calls.values()
        assert leg.invite is not None
        shown = leg.invite.get("from").partition("sip:04660001")[2][:2]
        heard[int(shown)] = set(ears[phone.name].heard)
    return heard


@pytest.mark.requirement("M1")
async def test_a_tone_sent_is_the_tone_received_both_ways(voices: list[Voice]) -> None:
    async with operators(1) as kit:
        await tones_pass(kit, voices)


async def tones_pass(kit: CentreKit, voices: list[Voice]) -> None:
    phone, operator = kit.phones["op00"], await voice_of(voices)
    phone.rtp_port = operator.port
    await kit.work()
    dialog, person = await caller(kit, voices, "0466000000")
    await asyncio.wait_for(dialog.established.wait(), 20.0)
    person.speak(tone(CALLERS_HZ, LEVEL), dialog.sdp)
    await kit.until(lambda: phone.calls and last(phone.calls).established.is_set())
    operator.speak(tone(OPERATORS_HZ, LEVEL), last(phone.calls).sdp)
    await asyncio.sleep(0.5)
    for voice in (person, operator):
        voice.heard.clear()
    await asyncio.sleep(1.0)
    for voice, theirs_hz, own_hz in (
        (operator, CALLERS_HZ, OPERATORS_HZ),
        (person, OPERATORS_HZ, CALLERS_HZ),
    ):
        assert len(voice.heard) >= 40 * SAMPLES
        sound = bytes(voice.heard[: 40 * SAMPLES])
        assert level(sound, theirs_hz) == pytest.approx(LEVEL, abs=0.01)
        assert level(sound, own_hz) < 0.005
        assert set(voice.kinds) == {PCMU}
    for sdp in (dialog.sdp, last(phone.calls).sdp):
        assert " RTP/AVP 0 " in sdp
    await dialog.hang_up()
    await kit.until(lambda: nobody(kit))


def last(calls: dict[str, Dialog]) -> Dialog:
    return list(calls.values())[-1]


async def waiting(kit: CentreKit, count: int) -> bool:
    return await kit.waiting() == count


async def talking(kit: CentreKit, count: int) -> bool:
    return len(await kit.agents_in("talking")) == count


async def nobody(kit: CentreKit) -> bool:
    return await kit.channels() == []
