"""Operators who ask operators, keys, and outside calls on a real Asterisk: who hears what, and what
is on record. The tone of a ring is heard, until somebody answers."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio

from acd.bootstrap.ledger import check
from sim.load.ports import free_ports
from sim.load.sound import tone
from tests.e2e.centre_kit import CentreKit, running_kit
from tests.fakes.ear import Ear
from tests.fakes.sip_agent import Dialog, Ring, SipAgent
from tests.fakes.voice import SAMPLES, Voice, level

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEVEL, RING_HZ = 0.2, 400
CALLER_HZ, SATO_HZ, MORI_HZ = 600, 1000, 1700
EXPERT = "0466001112"
PLAN = """
[talk]
ring_s = 6
return_s = 5
shown = "0466-00-1111"
[agents.kato]
name = "kato"
device = "kato"
outside = { trunk = "outside", number = "0466-25-9999" }
skills = { waste = 5 }
[talk.outbound]
trunk = "outside"
allow = ["0466"]
per_agent = 20
ring_s = 5
"""
SETTINGS = """
[trunks.outside]
kind = "address"
host = "127.0.0.1"
port = {port}
match = ["127.0.0.2"]
"""


class KeyVoice(Voice):
    """A voice that also knows which keys it was sent (RFC 4733), in order."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = ""
        self._last = -1

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        super().datagram_received(data, addr)
        if len(data) == 16 and data[1] & 0x7F == 101:
            (at,) = struct.unpack("!I", data[4:8])
            if at != self._last:
                self._last = at
                self.keys += "0123456789*#ABCD"[data[12]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[CentreKit]:
    (port,) = free_ports(1)
    settings = SETTINGS.format(port=port)
    people = {"sato": "tax = 5", "mori": "tax = 5"}
    async with running_kit(people, more_plan=PLAN, more_settings=settings) as running:
        server = ("127.0.0.1", running.settings.switch.sip_port)
        running.departments["outside"] = await SipAgent.open("outside", server, port)
        yield running


@dataclass
class Three:
    """Caller, sato and mori, each with a tone of their own; sato talks with the caller."""

    kit: CentreKit
    dialog: Dialog
    caller: KeyVoice
    sato: Voice
    mori: Voice

    async def ask(self, path: str, who: str = "sato", **body: str) -> None:
        await self.kit.request("POST", f"/api/agents/{who}/{path}", dict(body))

    async def agent(self, who: str) -> dict[str, object]:
        return dict((await self.kit.state())["agents"][who])

    async def is_in(self, who: str, state: str) -> None:
        async def there() -> bool:
            return (await self.agent(who))["state"] == state

        await self.kit.until(there)

    async def mori_speaks(self) -> None:
        phone = self.kit.phones["mori"]
        await self.kit.until(lambda: live(phone) and live(phone)[-1].established.is_set())
        self.mori.speak(tone(MORI_HZ, LEVEL), live(phone)[-1].sdp)

    async def hears(self, voice: Voice, *wanted_hz: int) -> None:
        """Soon this voice hears these tones, and none of the others."""
        own = {id(self.caller): CALLER_HZ, id(self.sato): SATO_HZ, id(self.mori): MORI_HZ}[
            id(voice)
        ]
        others = {CALLER_HZ, SATO_HZ, MORI_HZ, RING_HZ} - set(wanted_hz) - {own}
        for tries_left in range(40, -1, -1):
            voice.heard.clear()
            await asyncio.sleep(0.5)
            sound = bytes(voice.heard[-20 * SAMPLES :])
            heard = {hz: level(sound, hz) if sound else 0.0 for hz in (*wanted_hz, *others)}
            right = all(abs(heard[hz] - LEVEL) < 0.03 for hz in wanted_hz)
            if right and all(heard[hz] < 0.01 for hz in others):
                return
            assert tries_left, (
                f"{wanted_hz}: {heard} of {len(voice.heard)} bytes\n{await self.kit.story()}"
            )


def live(phone: SipAgent) -> list[Dialog]:
    return [one for one in phone.calls.values() if not one.over.is_set()]


async def rings_in(voice: Voice, seconds: float = 3.2) -> tuple[float, float]:
    """How loud the ring's tone is at its loudest within a whole ring, and at its softest."""
    voice.heard.clear()
    await asyncio.sleep(seconds)
    size = 20 * SAMPLES
    sound = bytes(voice.heard)
    parts = [sound[at : at + size] for at in range(0, len(sound) - size, size)]
    levels = [level(part, RING_HZ) for part in parts]
    return max(levels, default=0.0), min(levels, default=1.0)


async def refusal(kit: CentreKit, path: str, body: dict[str, str]) -> str:
    """What the interface says to what may not be."""
    headers = {"Authorization": f"Bearer {kit.token}"}
    url = f"http://127.0.0.1:{kit.settings.api.port}/api/agents/sato/{path}"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, json=body) as answer,
    ):
        return str((await answer.json())["error"]["code"])


async def nobody(kit: CentreKit) -> bool:
    return await kit.channels() == []


@pytest_asyncio.fixture(loop_scope="module")
async def three(shared: CentreKit) -> AsyncIterator[Three]:
    caller, sato, mori = await KeyVoice.open(), await Voice.open(), await Voice.open()
    assert isinstance(caller, KeyVoice)
    phones = shared.phones
    phones["sato"].rtp_port, phones["mori"].rtp_port = sato.port, mori.port
    phones["mori"].ring, phones["mori"].refuse_with = Ring.ANSWER, 0
    await shared.work("sato")
    agent = await shared.caller("0466000000")
    agent.rtp_port = caller.port
    dialog = await agent.call(EXPERT)
    made = Three(shared, dialog, caller, sato, mori)
    await made.is_in("sato", "talking")
    await asyncio.wait_for(dialog.established.wait(), 20.0)
    await shared.work("mori")
    caller.speak(tone(CALLER_HZ, LEVEL), dialog.sdp)
    sato.speak(tone(SATO_HZ, LEVEL), live(phones["sato"])[-1].sdp)
    yield made
    for one in (dialog, *live(phones["sato"]), *live(phones["mori"])):
        await one.hang_up()
    await shared.until(lambda: nobody(shared))
    for voice in (caller, sato, mori):
        voice.close()
    for who in ("sato", "mori"):
        await made.is_in(who, "ready")
        await made.ask("logout", who)


@pytest.mark.requirement("M9")
async def test_a_colleague_is_asked_and_gets_the_caller(three: Three) -> None:
    phone = three.kit.phones["mori"]
    phone.ring = Ring.RING
    await three.ask("consult", kind="agent", target="mori")
    await three.is_in("mori", "ringing")
    seen = await three.agent("mori")
    assert seen["call"] is None
    talk = seen["talk"]
    assert isinstance(talk, dict)
    assert (talk["asked"]["by"], talk["asked"]["kind"]) == ("sato", "consult")
    loud, soft = await rings_in(three.sato)
    assert loud > 0.02, "the operator hears that it rings"
    assert soft < 0.002, "and the silence between two rings"
    live(phone)[-1].answer()
    await three.mori_speaks()
    await three.hears(three.sato, MORI_HZ)
    await three.hears(three.mori, SATO_HZ)
    await three.hears(three.caller)
    await three.ask("consult/complete")
    await three.hears(three.caller, MORI_HZ)
    await three.hears(three.mori, CALLER_HZ)
    assert (await three.agent("mori"))["call"] is not None
    # The call is mori's: mori holds it, and mori's hang-up ends it.
    await three.ask("hold", "mori")
    await three.hears(three.mori)
    await three.ask("resume", "mori")
    await three.hears(three.caller, MORI_HZ)
    await three.ask("hang-up", "mori")
    await asyncio.wait_for(three.dialog.over.wait(), 20.0)
    legs = "select agent, result is null from legs order by offered_ms desc limit 2"
    await three.kit.until(lambda: three.kit.sql(legs) == [("mori", 1), ("sato", 1)])
    calls = "select legs, transfers, forwarded from calls order by offered_ms desc limit 1"
    await three.kit.until(lambda: three.kit.sql(calls) == [(2, 1, 0)])


@pytest.mark.requirement("M9")
async def test_the_next_one_of_a_queue_comes_as_third_voice(three: Three) -> None:
    assert await refusal(three.kit, "consult", {"kind": "queue", "target": "waste"}) == (
        "nobody_free"
    )
    await three.hears(three.caller, SATO_HZ)
    await three.ask("consult", kind="queue", target="tax")
    await three.mori_speaks()
    await three.hears(three.sato, MORI_HZ)
    await three.ask("conference")
    await three.hears(three.caller, SATO_HZ, MORI_HZ)
    await three.ask("hang-up", "mori")
    await three.hears(three.caller, SATO_HZ)
    await three.is_in("mori", "ready")


@pytest.mark.requirement("M9")
async def test_a_colleague_far_away_gets_the_caller_by_the_key(three: Three) -> None:
    kit, ear = three.kit, await Ear.open()
    outside = kit.departments["outside"]
    outside.rtp_port, outside.refuse_with, outside.ring = ear.port, 0, Ring.ANSWER
    await kit.request("POST", "/api/agents/kato/login", {"device": "out-kato"})
    await kit.request("POST", "/api/agents/kato/ready", {})
    await three.ask("transfer", kind="agent", target="kato")
    await kit.until(lambda: live(outside) and live(outside)[-1].established.is_set())
    await asyncio.sleep(0.5)
    assert (await three.agent("kato"))["state"] == "ringing", "it may be a machine"
    await ear.press("1")
    await three.is_in("kato", "talking")
    assert (await three.agent("kato"))["call"] is not None
    await live(outside)[-1].hang_up()
    await asyncio.wait_for(three.dialog.over.wait(), 20.0)
    await three.is_in("kato", "ready")
    await kit.request("POST", "/api/agents/kato/logout", {})
    ear.close()


async def test_keys_reach_whoever_the_operator_talks_with(three: Three) -> None:
    await three.hears(three.caller, SATO_HZ)
    await three.ask("digits", digits="159*0#2")
    await three.kit.until(lambda: three.caller.keys == "159*0#2")
    await three.hears(three.caller, SATO_HZ)
    await three.ask("hold")
    assert await refusal(three.kit, "digits", {"digits": "1"}) == "not_in_a_call"


async def test_an_outside_call_rings_and_its_end_has_a_reason(shared: CentreKit) -> None:
    outside, phone = shared.departments["outside"], shared.phones["sato"]
    voice = await Voice.open()
    phone.rtp_port = voice.port
    await shared.work("sato")

    async def leg() -> str:
        talk = (await shared.state())["agents"]["sato"]["talk"]
        return str(talk["legs"][0]["state"]) if talk else ""

    async def dial(status: int, shown: str) -> None:
        outside.refuse_with, outside.ring = status, Ring.RING if status == 0 else Ring.ANSWER
        await shared.request("POST", "/api/agents/sato/dial", {"number": "0466-25-1111"})

        async def told() -> bool:
            return await leg() == shown

        await shared.until(told)

    await dial(0, "ringing")
    loud, _ = await rings_in(voice, 1.6)
    assert loud > 0.02, "the operator hears that it rings outside"
    await shared.until(lambda: outcomes(shared) == ["not_answered"])
    for status, shown in ((486, "busy"), (603, "rejected"), (404, "unreachable")):
        await dial(status, shown)
        # Whoever does not want to hear the tone out puts down the phone: the reason stays.
        await live(phone)[-1].hang_up()
        await ended(shared, shown)
    await dial(0, "ringing")
    await live(phone)[-1].hang_up()
    await ended(shared, "cancelled")
    assert outcomes(shared) == ["not_answered", "busy", "rejected", "unreachable", "cancelled"]
    await shared.until(lambda: nobody(shared))
    await shared.request("POST", "/api/agents/sato/logout", {})
    voice.close()


async def ended(kit: CentreKit, outcome: str) -> None:
    await kit.until(lambda: outcomes(kit)[-1:] == [outcome])


def outcomes(kit: CentreKit) -> list[str]:
    return [str(row[0]) for row in kit.sql("select outcome from outside_calls order by started_ms")]


@pytest.mark.requirement("M10")
async def test_the_ledger_of_all_this_agrees_with_the_switchs_own(shared: CentreKit) -> None:
    answered = "select outcome, count(*) from calls group by outcome"
    with contextlib.suppress(AssertionError):
        await shared.until(lambda: shared.sql(answered) == [("answered", 4)])
    found = (await check(shared.settings, take_over=False)).switch
    assert found is not None
    assert found.none, found
    assert (found.compared, found.talk_length, found.moments) == (4, [], [])
