"""What can be done with a talk, done with caller and operator on different switches.

The operator is at home on the second switch, the caller came on the first, the colleague is there,
the supervisor's telephone is on the second again. What counts is what arrives at each far end.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator

import pytest

from acd.bootstrap.doctor import Verdict, lines
from acd.bootstrap.doctor.scene import Scene
from sim.load.ports import free_ports
from sim.load.sound import tone
from tests.e2e.nodes_kit import CARRIER, PHONES_AT, NodesKit, running_nodes
from tests.e2e.test_colleagues import (
    CALLER_HZ,
    LEVEL,
    MORI_HZ,
    PLAN,
    SATO_HZ,
    SETTINGS,
    KeyVoice,
    Three,
    live,
)
from tests.e2e.tls_kit import renew, sip_certificate, strangers_get_nowhere, trunk_is_encrypted
from tests.fakes.sip_agent import SipAgent
from tests.fakes.voice import Voice, linear, loudness, typical

#: The supervisor speaks as the colleague does, who is not there then.
BOSS_HZ = MORI_HZ
#: What is looked at of a recording: a fifth of a second.
RECORDED_SAMPLES = 1600
RECORDED = "qualify_s = 0\n[recording]\nenabled = true\nmin_free_mib = 1\n"


@pytest.fixture
async def kit() -> AsyncIterator[NodesKit]:
    (port,) = free_ports(1, CARRIER)
    outside = SETTINGS.replace("127.0.0.2", "127.0.0.22").replace("127.0.0.1", CARRIER)
    # No switch dies here: however slow the machine is, none is given up for lost.
    more = outside.format(port=port) + RECORDED
    rules = {"more_plan": PLAN, "more_settings": more, "lost_after_s": 60.0}
    people = {"sato": "b", "mori": "a", "boss": "b"}
    # In the clear they are joined in test_nodes.py.
    async with running_nodes(people, tls=True, **rules) as running:
        running.departments["outside"] = await SipAgent.open(
            "outside", running.address("b"), port, host=CARRIER
        )
        yield running


@pytest.mark.requirement("M9")
async def test_a_talk_over_two_switches_is_a_talk_like_any_other(kit: NodesKit) -> None:
    three = await begun(kit)
    await three.hears(three.caller, SATO_HZ)
    await three.hears(three.sato, CALLER_HZ)
    assert await trunk_is_encrypted(kit)
    assert (await lines.look(Scene(kit.folder, kit.settings, kit.centre))).verdict is Verdict.WELL
    await strangers_get_nowhere(kit)
    # Held at the telephone, and by the controller.
    await three.ask("hold")
    await three.hears(three.sato)
    await three.ask("resume")
    await three.hears(three.caller, SATO_HZ)
    live(kit.phones["sato"])[-1].hold(True)
    await three.is_in("sato", "hold")
    live(kit.phones["sato"])[-1].hold(False)
    await three.is_in("sato", "talking")
    await three.hears(three.caller, SATO_HZ)
    # After all that the recording still holds both, and a supervisor hears both, wherever.
    await kit.until(lambda: recorded_last(kit, CALLER_HZ, SATO_HZ))
    boss = await Voice.open(PHONES_AT)
    kit.phones["boss"].rtp_port = boss.port
    for node in ("b", "a"):
        await kit.move("boss", node)
        await overseen(kit, three, boss)
    boss.close()
    # A colleague is asked, is the third voice, and gets the caller.
    await three.ask("consult", kind="agent", target="mori")
    await three.mori_speaks()
    await three.hears(three.sato, MORI_HZ)
    await three.ask("conference")
    await three.hears(three.caller, SATO_HZ, MORI_HZ)
    await three.ask("hang-up", "mori")
    await three.hears(three.caller, SATO_HZ)
    await three.is_in("mori", "ready")
    await kit.until(lambda: not live(kit.phones["mori"]))
    await three.ask("consult", kind="agent", target="mori")
    await three.mori_speaks()
    await three.ask("consult/complete")
    await three.hears(three.caller, MORI_HZ)
    await three.dialog.hang_up()
    await kit.until(kit.no_channels)
    legs = "select agent from legs where answered_ms is not null order by offered_ms"
    await kit.until(lambda: len(kit.sql("select 1 from calls")) == 1)
    assert kit.sql(legs) == [("sato",), ("mori",)]
    # Both sides were recorded where the caller was, and are put away like any other.
    await kit.until(lambda: kit.sql("select count(*) from recordings")[0][0] >= 1, 20.0)


@pytest.mark.requirement("M9")
async def test_calls_to_the_outside_go_out_where_the_telephone_is(kit: NodesKit) -> None:
    await kit.request("POST", "/api/agents/sato/login", {})
    await kit.request("POST", "/api/agents/sato/dial", {"number": "0466-25-1111"})
    outside = kit.departments["outside"]
    await kit.until(lambda: live(outside) and live(outside)[-1].established.is_set())
    assert "127.0.0.12" in outside.rung[-1].get("contact")
    await live(outside)[-1].hang_up()
    done = "select agent, outcome from outside_calls"
    await kit.until(lambda: kit.sql(done) == [("sato", "answered")])
    await kit.until(kit.no_channels)
    # Of browsers, which are no telephones in this centre, nobody asked.
    said = [log.read_text(encoding="utf-8") for log in kit.folder.rglob("messages.log")]
    assert len(said) == 2
    assert not [text for text in said if "web-" in text]


async def begun(kit: NodesKit) -> Three:
    """A caller on the first switch talks with sato, whose telephone is on the second."""
    caller = await KeyVoice.open(CARRIER)
    sato, mori = await Voice.open(PHONES_AT), await Voice.open(PHONES_AT)
    kit.phones["sato"].rtp_port, kit.phones["mori"].rtp_port = sato.port, mori.port
    await kit.work("sato")
    agent = await kit.caller(node="a")
    agent.rtp_port = caller.port
    dialog = await agent.call("0466001111")
    three = Three(kit, dialog, caller, sato, mori)
    await three.is_in("sato", "talking")
    await dialog.established.wait()
    await kit.work("mori")
    caller.speak(tone(CALLER_HZ, LEVEL), dialog.sdp)
    sato.speak(tone(SATO_HZ, LEVEL), live(kit.phones["sato"])[-1].sdp)
    return three


async def overseen(kit: NodesKit, three: Three, boss: Voice) -> None:
    """The supervisor hears both, is heard by the operator alone, then by both, and goes."""
    (call,) = (await kit.state())["calls"]
    about = f"/api/calls/{call}"
    await kit.request("POST", f"{about}/listen", {"device": "boss"})
    await kit.until(lambda: live(kit.phones["boss"]))
    (dialog,) = live(kit.phones["boss"])
    await kit.until(dialog.established.is_set)
    boss.speak(tone(BOSS_HZ, LEVEL), dialog.sdp)
    await heard_by_boss(kit, boss)
    await three.hears(three.sato, CALLER_HZ)
    await kit.request("POST", f"{about}/whisper", {"device": "boss"})
    await three.hears(three.sato, CALLER_HZ, BOSS_HZ)
    await three.hears(three.caller, SATO_HZ)
    await kit.request("POST", f"{about}/barge", {"device": "boss"})
    await three.hears(three.caller, SATO_HZ, BOSS_HZ)
    await heard_by_boss(kit, boss)
    await kit.request("POST", f"{about}/stop-listening", {"device": "boss"})
    await kit.until(lambda: not live(kit.phones["boss"]))
    await three.hears(three.caller, SATO_HZ)


def recorded_last(kit: NodesKit, *wanted_hz: int) -> bool:
    """Whether what was recorded in the last moment holds these tones, on one side or the other."""
    (file,) = kit.settings.state_dir.rglob("*.raw")
    sound = array("h", file.read_bytes()[-4 * RECORDED_SAMPLES :])
    sides = (sound[0::2], sound[1::2])
    return all(max(loudness(side, hz) for side in sides) > LEVEL / 2 for hz in wanted_hz)


async def heard_by_boss(kit: NodesKit, boss: Voice) -> None:
    """Soon the supervisor hears both."""
    levels: dict[int, float] = {}
    for _ in range(40):
        boss.heard.clear()
        await asyncio.sleep(0.5)
        sound = [linear(byte) for byte in boss.heard]
        levels = {hz: typical(sound, hz) for hz in (CALLER_HZ, SATO_HZ)} if sound else {}
        if levels and min(levels.values()) > LEVEL / 3:
            return
    pytest.fail(f"the supervisor heard {levels}\n{await kit.story()}")


@pytest.mark.requirement("M29")
async def test_switches_take_new_certificates_while_a_talk_crosses(kit: NodesKit) -> None:
    """The talk goes on and can be held, and the next one crosses as well."""
    three = await begun(kit)
    await three.hears(three.caller, SATO_HZ)
    before = [await sip_certificate(kit, node) for node in ("a", "b")]
    for node in ("a", "b"):
        await renew(kit, node)
    after = [await sip_certificate(kit, node) for node in ("a", "b")]
    assert not {*before} & {*after}, "an old one is still shown"
    await three.hears(three.caller, SATO_HZ)
    await three.ask("hold")
    await three.hears(three.sato)
    await three.ask("resume")
    await three.hears(three.caller, SATO_HZ)
    await three.dialog.hang_up()
    await kit.until(kit.no_channels)
    await kit.request("POST", "/api/agents/mori/not-ready", {"reason": "break"})
    again = await kit.call(name="0466123457", node="a")
    await kit.until(again.established.is_set)
    await three.is_in("sato", "talking")
    assert await trunk_is_encrypted(kit)
    await again.hang_up()
    await kit.until(kit.no_channels)
