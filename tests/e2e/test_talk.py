"""A talk taken apart and put together on a real Asterisk: who hears whom, and what is on record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio

from acd.bootstrap.ledger import check
from sim.load.ports import free_ports
from sim.load.sound import tone
from tests.e2e.centre_kit import NUMBER, CentreKit, running_kit
from tests.fakes.ear import Ear
from tests.fakes.sip_agent import Dialog, Ring, SipAgent
from tests.fakes.voice import SAMPLES, Voice, level

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEVEL = 0.2
CALLER_HZ, OPERATOR_HZ, HALL_HZ = 450, 1000, 1700
OP = "/api/agents/sato"
PLAN = """
[directory.hall]
name = { ja = "市役所", en = "City hall" }
dial = { phone = "dept-hall" }
[directory.english]
name = { ja = "英語通訳", en = "English" }
dial = { phone = "dept-hall" }
[talk]
ring_s = 3
return_s = 5
shown = "0466-00-1111"
interpreters = [{ language = "en", entry = "english" }]
[agents.kato]
name = "kato"
device = "kato"
outside = { trunk = "outside", number = "0466-25-9999" }
skills = { waste = 5 }
[talk.outbound]
trunk = "outside"
allow = ["0466"]
per_agent = 2
ring_s = 5
"""
SETTINGS = """
[trunks.outside]
kind = "address"
host = "127.0.0.1"
port = {port}
match = ["127.0.0.2"]
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[CentreKit]:
    (port,) = free_ports(1)
    settings = SETTINGS.format(port=port)
    people = {"sato": "tax = 5"}
    async with running_kit(
        people, beat_max_s=5.0, more_plan=PLAN, more_settings=settings
    ) as running:
        server = ("127.0.0.1", running.settings.switch.sip_port)
        running.departments["outside"] = await SipAgent.open("outside", server, port)
        yield running


@dataclass
class Talk:
    """Caller and operator in a talk, each with a tone of their own; the hall has one too."""

    kit: CentreKit
    dialog: Dialog
    caller: Voice
    operator: Voice
    hall: Voice

    async def ask(self, path: str, **body: str) -> None:
        await self.kit.request("POST", f"{OP}/{path}", dict(body))

    async def hall_talks(self) -> Dialog:
        """Wait until the hall has picked up, and let it speak."""
        phone = self.kit.departments["dept-hall"]
        await self.kit.until(lambda: live(phone) and live(phone)[-1].established.is_set())
        await self.kit.until(self._engine_knows)
        dialog = live(phone)[-1]
        self.hall.speak(tone(HALL_HZ, LEVEL), dialog.sdp)
        return dialog

    async def _engine_knows(self) -> bool:
        talk = (await self.kit.state())["agents"]["sato"]["talk"]
        return any(leg["state"] == "talking" for leg in talk["legs"][1:])

    async def hears(self, voice: Voice, *wanted_hz: int) -> None:
        """Soon this voice hears these tones at their level, and none of the others."""
        own = {
            id(self.caller): CALLER_HZ,
            id(self.operator): OPERATOR_HZ,
            id(self.hall): HALL_HZ,
        }[id(voice)]
        others = {CALLER_HZ, OPERATOR_HZ, HALL_HZ} - set(wanted_hz) - {own}
        for tries_left in range(40, -1, -1):
            voice.heard.clear()
            await asyncio.sleep(0.5)
            sound = bytes(voice.heard[-20 * SAMPLES :])
            heard = {hz: level(sound, hz) if sound else 0.0 for hz in (*wanted_hz, *others)}
            right = all(abs(heard[hz] - LEVEL) < 0.03 for hz in wanted_hz)
            if right and all(heard[hz] < 0.01 for hz in others):
                return
            assert tries_left, (wanted_hz, heard)

    async def operator_state(self) -> str:
        return str((await self.kit.state())["agents"]["sato"]["state"])


def live(phone: SipAgent) -> list[Dialog]:
    return [one for one in phone.calls.values() if not one.over.is_set()]


@pytest_asyncio.fixture(loop_scope="module")
async def talk(shared: CentreKit) -> AsyncIterator[Talk]:
    voices = [await Voice.open() for _ in range(3)]
    caller, operator, hall = voices
    phone, department = shared.phones["sato"], shared.departments["dept-hall"]
    phone.rtp_port, department.rtp_port = operator.port, hall.port
    department.ring, department.refuse_with = Ring.ANSWER, 0
    await shared.work("sato")
    agent = await shared.caller("0466000000")
    agent.rtp_port = caller.port
    dialog = await agent.call(NUMBER)
    await asyncio.wait_for(dialog.established.wait(), 20.0)
    await shared.until(lambda: live(phone) and live(phone)[-1].established.is_set())
    made = Talk(shared, dialog, caller, operator, hall)

    async def connected() -> bool:
        return await made.operator_state() == "talking"

    await shared.until(connected)
    caller.speak(tone(CALLER_HZ, LEVEL), dialog.sdp)
    operator.speak(tone(OPERATOR_HZ, LEVEL), live(phone)[-1].sdp)
    await made.hears(caller, OPERATOR_HZ)
    yield made
    for one in (dialog, *live(phone), *live(department)):
        await one.hang_up()
    await shared.until(lambda: nobody(shared))
    for voice in voices:
        voice.close()
    await shared.request("POST", f"{OP}/logout", {})

    async def at_home() -> bool:
        return await made.operator_state() == "logged_out"

    await shared.until(at_home)


async def nobody(kit: CentreKit) -> bool:
    return await kit.channels() == []


def parties(kit: CentreKit) -> list[tuple[str, ...]]:
    query = "select kind, target, result from parties order by party desc limit 1"
    return [tuple(map(str, row)) for row in kit.sql(query)]


@pytest.mark.requirement("M9")
async def test_on_hold_nobody_hears_the_other_and_both_come_back(talk: Talk) -> None:
    await talk.ask("hold")
    await talk.hears(talk.caller)
    await talk.hears(talk.operator)
    await talk.ask("resume")
    await talk.hears(talk.caller, OPERATOR_HZ)
    await talk.hears(talk.operator, CALLER_HZ)


@pytest.mark.requirement("M9")
async def test_an_attended_transfer_from_asking_to_the_record(talk: Talk) -> None:
    await talk.ask("consult", kind="entry", target="hall")
    await talk.hall_talks()
    await talk.hears(talk.operator, HALL_HZ)
    await talk.hears(talk.hall, OPERATOR_HZ)
    await talk.hears(talk.caller)
    await talk.ask("consult/complete")
    await talk.hears(talk.caller, HALL_HZ)
    await talk.hears(talk.hall, CALLER_HZ)
    await talk.kit.until(lambda: not live(talk.kit.phones["sato"]))
    for one in live(talk.kit.departments["dept-hall"]):
        await one.hang_up()
    await asyncio.wait_for(talk.dialog.over.wait(), 20.0)
    await talk.kit.until(lambda: parties(talk.kit) == [("transfer", "hall", "talked")])
    query = "select outcome, legs, transfers, forwarded from calls order by offered_ms desc limit 1"
    await talk.kit.until(lambda: talk.kit.sql(query) == [("answered", 1, 1, 1)])


@pytest.mark.requirement("M9")
async def test_an_attended_transfer_called_off(talk: Talk) -> None:
    await talk.ask("consult", kind="entry", target="hall")
    await talk.hall_talks()
    await talk.ask("consult/cancel")
    await talk.hears(talk.caller, OPERATOR_HZ)
    await talk.kit.until(lambda: not live(talk.kit.departments["dept-hall"]))


@pytest.mark.requirement("M9")
async def test_nobody_answers_and_the_operator_is_back_with_the_caller(talk: Talk) -> None:
    talk.kit.departments["dept-hall"].ring = Ring.RING
    await talk.ask("consult", kind="entry", target="hall")
    assert await talk.operator_state() == "hold"
    await talk.hears(talk.caller, OPERATOR_HZ)
    assert await talk.operator_state() == "talking"
    await talk.kit.until(lambda: parties(talk.kit) == [("consult", "hall", "no_answer")])


@pytest.mark.requirement("M9")
async def test_a_blind_transfer_that_is_refused_rings_the_same_operator(talk: Talk) -> None:
    phone = talk.kit.phones["sato"]
    rung = len(phone.rung)
    talk.kit.departments["dept-hall"].refuse_with = 486
    await talk.ask("transfer", kind="number", target="hall")
    await talk.kit.until(lambda: len(phone.rung) == rung + 1)
    await talk.kit.until(lambda: live(phone) and live(phone)[-1].established.is_set())
    talk.operator.speak(tone(OPERATOR_HZ, LEVEL), live(phone)[-1].sdp)
    await talk.hears(talk.caller, OPERATOR_HZ)


@pytest.mark.requirement("M9", "S3")
async def test_three_hear_each_other_and_two_when_one_is_let_go(talk: Talk) -> None:
    await talk.ask("conference", kind="interpreter", language="en")
    await talk.hall_talks()
    await talk.hears(talk.caller, OPERATOR_HZ, HALL_HZ)
    await talk.hears(talk.operator, CALLER_HZ, HALL_HZ)
    await talk.hears(talk.hall, CALLER_HZ, OPERATOR_HZ)
    agent = (await talk.kit.state())["agents"]["sato"]
    await talk.ask("conference/drop", leg=agent["talk"]["legs"][1]["id"])
    await talk.hears(talk.caller, OPERATOR_HZ)
    await talk.hears(talk.operator, CALLER_HZ)


@pytest.mark.requirement("M9")
async def test_a_consultation_becomes_a_talk_of_three(talk: Talk) -> None:
    await talk.ask("consult", kind="entry", target="hall")
    await talk.hall_talks()
    await talk.ask("conference")
    await talk.hears(talk.caller, OPERATOR_HZ, HALL_HZ)
    await talk.hears(talk.hall, CALLER_HZ, OPERATOR_HZ)
    await talk.ask("hang-up")
    await asyncio.wait_for(talk.dialog.over.wait(), 20.0)
    await talk.kit.until(lambda: not live(talk.kit.departments["dept-hall"]))


async def test_calling_outside_is_a_call_of_its_own(shared: CentreKit) -> None:
    outside, phone = shared.departments["outside"], shared.phones["sato"]
    voices = [await Voice.open(), await Voice.open()]
    outside.rtp_port, phone.rtp_port = voices[0].port, voices[1].port
    await shared.work("sato")
    assert await refused(shared, "110") == "number_not_allowed"
    rung = len(phone.rung)
    await shared.request("POST", f"{OP}/dial", {"number": "0466-25-1111"})
    await shared.until(lambda: live(outside) and live(outside)[-1].established.is_set())
    assert len(phone.rung) == rung + 1
    invite = outside.rung[-1]
    assert "sip:0466251111@" in invite.start
    assert "0466001111" in invite.get("from"), "the outside sees our number"
    voices[0].speak(tone(HALL_HZ, LEVEL), live(outside)[-1].sdp)
    voices[1].speak(tone(OPERATOR_HZ, LEVEL), live(phone)[-1].sdp)
    await asyncio.sleep(1.0)
    for voice, hz in ((voices[0], OPERATOR_HZ), (voices[1], HALL_HZ)):
        assert level(bytes(voice.heard[-20 * SAMPLES :]), hz) == pytest.approx(LEVEL, abs=0.02)
    await live(outside)[-1].hang_up()
    await shared.until(lambda: nobody(shared))
    query = "select agent, number, outcome, talk_ms > 500 from outside_calls"
    await shared.until(lambda: shared.sql(query) == [("sato", "0466251111", "answered", 1)])
    # Nobody there: the operator hears so, and is free again. Then the day's calls are used up.
    outside.refuse_with = 486
    await shared.request("POST", f"{OP}/dial", {"number": "0466251112"})
    await shared.until(lambda: len(shared.sql("select 1 from outside_calls")) == 2)
    assert await refused(shared, "0466251113") == "limit_reached"
    await shared.until(lambda: nobody(shared))
    await shared.request("POST", f"{OP}/logout", {})
    for voice in voices:
        voice.close()


async def refused(kit: CentreKit, number: str) -> str:
    """What the interface says to an outside call that may not be."""
    headers = {"Authorization": f"Bearer {kit.token}"}
    url = f"http://127.0.0.1:{kit.settings.api.port}{OP}/dial"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, json={"number": number}) as answer,
    ):
        return str((await answer.json())["error"]["code"])


async def test_a_telephone_in_the_public_network_gets_a_caller_only_by_the_key(
    shared: CentreKit,
) -> None:
    outside, caller = shared.departments["outside"], await Voice.open()
    machine, ear = await Ear.open(), await Ear.open()
    outside.rtp_port, outside.refuse_with = machine.port, 0
    await shared.request("POST", "/api/agents/kato/login", {"device": "out-kato"})
    await shared.request("POST", "/api/agents/kato/ready", {})
    agent = await shared.caller("0466000001")
    agent.rtp_port = caller.port
    dialog = await agent.call("0466001113")
    await shared.until(lambda: live(outside) and live(outside)[-1].established.is_set())
    await asyncio.sleep(2.0)
    kato = (await shared.state())["agents"]["kato"]
    assert kato["state"] == "ringing", "what has picked up may be a machine"
    await live(outside)[-1].hang_up()

    async def away() -> bool:
        kato = (await shared.state())["agents"]["kato"]
        return (kato["state"], kato["reason"]) == ("not_ready", "no_answer")

    await shared.until(away)
    outside.rtp_port = ear.port
    await shared.request("POST", "/api/agents/kato/ready", {})
    await shared.until(lambda: live(outside) and live(outside)[-1].established.is_set())
    await ear.press("1")

    async def talking() -> bool:
        return bool((await shared.state())["agents"]["kato"]["state"] == "talking")

    await shared.until(talking)
    await dialog.hang_up()
    await shared.until(lambda: nobody(shared))
    await shared.request("POST", "/api/agents/kato/logout", {})
    for each in (machine, ear, caller):
        each.close()


@pytest.mark.requirement("M10")
async def test_the_ledger_of_all_this_agrees_with_the_switchs_own(shared: CentreKit) -> None:
    outcomes = "select outcome, count(*) from calls group by outcome"
    with contextlib.suppress(AssertionError):
        await shared.until(lambda: shared.sql(outcomes) == [("answered", 8)], 20.0)
    assert shared.sql(outcomes) == [("answered", 8)]
    found = (await check(shared.settings, take_over=False)).switch
    assert found is not None
    assert found.none, found
    assert (found.compared, found.talk_length, found.moments) == (8, [], [])


@pytest.mark.requirement("M4", "M9")
async def test_a_hold_ends_by_itself_when_the_controller_is_gone(talk: Talk) -> None:
    await talk.ask("hold")
    await talk.hears(talk.caller)
    await talk.kit.kill_controller()
    # The desk looks every 3 s whether the last beat is older than 5 s.
    await talk.hears(talk.caller, OPERATOR_HZ)
    await talk.kit.start_controller()

    async def talks() -> bool:
        return await talk.operator_state() == "talking"

    await talk.kit.until(talks)
