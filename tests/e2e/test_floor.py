"""A supervisor on a real switch: what is whispered never reaches the caller; talks change hands.

Each voice is a tone of its own. What counts is what arrives at the far end of the caller's line:
MixMonitor and the like never contain what is whispered into a channel.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sim.load.sound import tone
from tests.e2e.centre_kit import NUMBER, CentreKit, running_kit
from tests.fakes.sip_agent import Dialog
from tests.fakes.voice import SAMPLES, Voice, level

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLERS_HZ, OPERATORS_HZ, BOSSES_HZ, LEVEL = 450, 1000, 1700, 0.2
#: 40 dB below what is said.
UNHEARD = LEVEL / 100


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[CentreKit]:
    people = {"op00": "tax = 5", "boss": "waste = 1"}
    async with running_kit(people, ring_s=10.0) as running:
        yield running


class Talk:
    """A caller and an operator who talk, and a supervisor's phone that will answer."""

    def __init__(self, kit: CentreKit) -> None:
        self.kit = kit
        self.call = ""
        self.caller = self.operator = self.boss = Voice()
        self.dialog: Dialog

    @classmethod
    async def begin(cls, kit: CentreKit, operator: str = "op00") -> Talk:
        """Let somebody call, and the operator answer."""
        talk = cls(kit)
        talk.caller, talk.operator, talk.boss = [await Voice.open() for _ in range(3)]
        kit.phones[operator].rtp_port = talk.operator.port
        kit.phones["boss"].rtp_port = talk.boss.port
        for phone in kit.phones.values():
            phone.calls.clear()
        if await in_state(kit, operator, "logged_out"):
            await kit.work(operator)
        agent = await kit.caller()
        agent.rtp_port = talk.caller.port
        talk.dialog = await agent.call(NUMBER)
        await kit.until(lambda: answered(kit, operator))
        await kit.until(lambda: in_state(kit, operator, "talking"))
        talk.caller.speak(tone(CALLERS_HZ, LEVEL), talk.dialog.sdp)
        talk.operator.speak(tone(OPERATORS_HZ, LEVEL), last(kit, operator).sdp)
        (talk.call,) = (await kit.state())["calls"]
        return talk

    async def ask(self, what: str) -> None:
        """What the supervisor asks for about the call."""
        path = f"/api/calls/{self.call}/{what}"
        await self.kit.request("POST", path, {"device": "boss"})

    async def boss_answers(self) -> None:
        await self.kit.until(lambda: answered(self.kit, "boss"))
        self.boss.speak(tone(BOSSES_HZ, LEVEL), last(self.kit, "boss").sdp)

    async def heard(self) -> dict[str, dict[int, float]]:
        """What everybody hears in a second, by ear and tone."""
        await asyncio.sleep(0.6)
        ears = {"caller": self.caller, "operator": self.operator, "boss": self.boss}
        for voice in ears.values():
            voice.heard.clear()
        await asyncio.sleep(1.0)
        tones = (CALLERS_HZ, OPERATORS_HZ, BOSSES_HZ)
        return {
            ear: {hz: level(bytes(voice.heard[: 40 * SAMPLES]), hz) for hz in tones}
            for ear, voice in ears.items()
        }

    async def end(self) -> None:
        """All put down."""
        await self.dialog.hang_up()
        await self.kit.until(lambda: nobody(self.kit))
        for voice in (self.caller, self.operator, self.boss):
            voice.close()


def last(kit: CentreKit, name: str) -> Dialog:
    return list(kit.phones[name].calls.values())[-1]


def answered(kit: CentreKit, name: str) -> bool:
    return bool(kit.phones[name].calls) and last(kit, name).established.is_set()


async def in_state(kit: CentreKit, name: str, state: str) -> bool:
    return name in await kit.agents_in(state)


async def nobody(kit: CentreKit) -> bool:
    return await kit.channels() == []


def loud(heard: float) -> bool:
    return heard == pytest.approx(LEVEL, rel=0.3)


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
    await asyncio.wait_for(last(kit, "boss").over.wait(), 5.0)
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
    await asyncio.wait_for(last(kit, "boss").over.wait(), 5.0)
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


async def test_a_talk_is_taken_over_at_the_supervisors_phone(kit: CentreKit) -> None:
    talk = await Talk.begin(kit)
    await talk.ask("take-over")
    await asyncio.wait_for(last(kit, "op00").over.wait(), 5.0)
    await talk.boss_answers()
    await kit.until(lambda: in_state(kit, "@boss", "talking"))
    heard = await talk.heard()
    assert loud(heard["boss"][CALLERS_HZ]), heard
    assert loud(heard["caller"][BOSSES_HZ]), heard
    await talk.end()


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
