"""A talk on a real switch with a supervisor's phone beside it: each voice is a tone of its own.

What counts is what arrives at the far end of a line, packet by packet and when.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from sim.load.sound import tone
from tests.e2e.centre_kit import NUMBER, CentreKit
from tests.fakes.sip_agent import Dialog
from tests.fakes.voice import SAMPLES, Voice, level

CALLERS_HZ, OPERATORS_HZ, BOSSES_HZ, LEVEL = 450, 1000, 1700, 0.2
#: 40 dB below what is said.
UNHEARD = LEVEL / 100


class TimedVoice(Voice):
    """A voice that knows when it heard what."""

    def __init__(self) -> None:
        super().__init__()
        self.packets: list[tuple[float, bytes]] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        super().datagram_received(data, addr)
        self.packets.append((time.monotonic(), data[12:]))


class Talk:
    """A caller and an operator who talk, and a supervisor's phone that will answer."""

    def __init__(self, kit: CentreKit) -> None:
        self.kit = kit
        self.call = ""
        self.caller = self.operator = self.boss = TimedVoice()
        self.dialog: Dialog

    @classmethod
    async def begin(cls, kit: CentreKit, operator: str = "op00") -> Talk:
        """Let somebody call, and the operator answer."""
        talk = cls(kit)
        talk.caller, talk.operator, talk.boss = [await TimedVoice.open() for _ in range(3)]
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
