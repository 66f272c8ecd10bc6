"""Talks on a real Asterisk are recorded: each side for itself, gaps silent, nothing in clear."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from array import array
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from sim.load.ports import free_ports
from sim.load.sound import tone
from tests.e2e.centre_kit import HOST, NUMBER, CentreKit, running_kit
from tests.fakes.ear import Ear
from tests.fakes.sip_agent import Dialog, SipAgent
from tests.fakes.voice import RATE_HZ, SAMPLES, Voice, typical
from web.auth import TokenStore
from web.roles import Role

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLERS_HZ, OPERATORS_HZ, LEVEL = 450, 1000, 0.2
ON = "[recording]\nenabled = true\nmin_free_mib = {mib}\nauto_pause_s = 2\n"


OUTSIDE_PLAN = """
[talk]
shown = "0466-00-1111"
[talk.outbound]
trunk = "outside"
allow = ["0466"]
per_agent = 5
ring_s = 5
"""
OUTSIDE = """
[trunks.outside]
kind = "address"
host = "127.0.0.1"
port = {port}
match = ["127.0.0.2"]
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[CentreKit]:
    (port,) = free_ports(1)
    settings = ON.format(mib=1) + OUTSIDE.format(port=port)
    people = {"op1": "tax = 5"}
    async with running_kit(people, more_plan=OUTSIDE_PLAN, more_settings=settings) as running:
        server = (HOST, running.settings.switch.sip_port)
        running.departments["outside"] = await SipAgent.open("outside", server, port)
        await running.work("op1")
        yield running


class Talk:
    """Caller and operator talk, each with a tone of their own."""

    def __init__(self, kit: CentreKit, dialog: Dialog, person: Voice, operator: Voice) -> None:
        self.kit, self.dialog, self.person, self.operator = kit, dialog, person, operator

    @property
    def leg(self) -> Dialog:
        """The operator's phone."""
        return list(self.kit.phones["op1"].calls.values())[-1]

    async def hang_up(self) -> None:
        await self.dialog.hang_up()
        await self.kit.until(lambda: nobody(self.kit))

    def close(self) -> None:
        self.person.close()
        self.operator.close()


@contextlib.asynccontextmanager
async def talking(kit: CentreKit, ear: Ear | None = None) -> AsyncIterator[Talk]:
    """A talk that has just begun; the caller speaks from before the operator is rung."""
    person, operator = await Voice.open(), await Voice.open()
    kit.phones["op1"].rtp_port = operator.port
    agent = await kit.caller("0466123456")
    agent.rtp_port = ear.port if ear else person.port
    talk = Talk(kit, await agent.call(NUMBER), person, operator)
    try:
        await asyncio.wait_for(talk.dialog.established.wait(), 20.0)
        if ear is None:
            person.speak(tone(CALLERS_HZ, LEVEL), talk.dialog.sdp)
        await kit.until(lambda: is_talking(kit))
        operator.speak(tone(OPERATORS_HZ, LEVEL), talk.leg.sdp)
        yield talk
    finally:
        talk.close()


async def is_talking(kit: CentreKit) -> bool:
    return await kit.agents_in("talking") == ["op1"]


async def nobody(kit: CentreKit) -> bool:
    return await kit.channels() == []


def incoming(kit: CentreKit) -> Path:
    """Where Asterisk writes sound in clear."""
    return kit.settings.state_dir / "asterisk" / "run" / "spool" / "monitor"


async def next_row(kit: CentreKit, before: int) -> tuple[str, int]:
    """Id and length of the recording that comes next."""
    await kit.until(lambda: len(kit.sql("select 1 from recordings")) == before + 1, 20.0)
    assert list(incoming(kit).iterdir()) == [], "something is left in clear"
    row = kit.sql("select id, duration_ms from recordings order by stored_ms desc limit 1")[0]
    return str(row[0]), int(row[1])


def rows(kit: CentreKit) -> int:
    return len(kit.sql("select 1 from recordings"))


async def heard(kit: CentreKit, recording: str) -> tuple[array[int], array[int]]:
    """Both sides of a recording, as somebody in charge of quality gets them."""
    token = TokenStore(kit.settings.state_dir).add(Role.QUALITY, label="test")
    url = f"http://127.0.0.1:{kit.settings.api.port}/api/recordings/{recording}/audio"
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
        session.get(url, params={"reason": "quality"}) as answer,
    ):
        assert (answer.status, answer.content_type) == (200, "audio/flac")
        flac = await answer.read()
    command = ["flac", "-d", "--silent", "--stdout", "--force-raw-format", "--endian=little"]
    raw = subprocess.run(
        [*command, "--sign=signed", "-"], input=flac, capture_output=True, check=True
    ).stdout
    both = array("h")
    both.frombytes(raw)
    return both[0::2], both[1::2]


async def gaps(kit: CentreKit, recording: str) -> list[dict[str, Any]]:
    found = await kit.request("GET", "/api/recordings?reason=quality")
    (one,) = [each for each in found["recordings"] if each["id"] == recording]
    return list(one["gaps"])


def part(side: array[int], from_ms: int, to_ms: int) -> array[int]:
    return side[from_ms * RATE_HZ // 1000 : to_ms * RATE_HZ // 1000]


def longest_silence_ms(side: array[int]) -> int:
    """The longest stretch without any sound."""
    longest = run = 0
    for sample in side:
        run = run + 1 if abs(sample) <= 8 else 0
        longest = max(longest, run)
    return longest * 1000 // RATE_HZ


@pytest.mark.requirement("M16")
async def test_each_side_has_its_own_channel_from_the_first_word_on(kit: CentreKit) -> None:
    before = rows(kit)
    async with talking(kit) as talk:
        await asyncio.sleep(2.0)
        spoken_ms = len(talk.operator.heard) * 1000 // RATE_HZ
        await talk.hang_up()
    recording, duration_ms = await next_row(kit, before)
    operator, caller = await heard(kit, recording)
    for side, own_hz, other_hz in (
        (operator, OPERATORS_HZ, CALLERS_HZ),
        (caller, CALLERS_HZ, OPERATORS_HZ),
    ):
        middle = part(side, 1_000, 2_000)
        assert typical(middle, own_hz) == pytest.approx(LEVEL, abs=0.01)
        assert typical(middle, other_hz) < 0.003
    # The caller spoke before the talk began: it is heard from the first packets on, and as much of
    # it is recorded as the operator heard.
    assert typical(part(caller, 60, 260), CALLERS_HZ) == pytest.approx(LEVEL, abs=0.02)
    assert abs(duration_ms - spoken_ms) <= 120


@pytest.mark.requirement("M16")
async def test_a_pause_by_hand_is_silent_in_the_recording_and_in_what_the_switch_wrote(
    kit: CentreKit,
) -> None:
    before = rows(kit)
    async with talking(kit) as talk:
        await asyncio.sleep(1.0)
        said = await kit.request("POST", "/api/agents/op1/recording/pause", {})
        assert said["recording"] == "paused_by_hand"
        talk.operator.heard.clear()
        await asyncio.sleep(1.0)
        assert len(talk.operator.heard) > 40 * SAMPLES, "the talk itself goes on"
        await kit.request("POST", "/api/agents/op1/recording/resume", {})
        await asyncio.sleep(1.0)
        await talk.hang_up()
    (clear,) = incoming(kit).iterdir()
    written = array("h")
    written.frombytes(clear.read_bytes()[: clear.stat().st_size // 4 * 4])
    recording, _ = await next_row(kit, before)
    (gap,) = await gaps(kit, recording)
    assert gap["kind"] == "by_hand"
    assert 1_000 <= gap["lasted_ms"] <= 1_400
    sides = await heard(kit, recording)
    for side, raw in zip(sides, (written[0::2], written[1::2]), strict=True):
        silent = part(side, gap["from_ms"] + 400, gap["to_ms"])
        assert set(silent) == {0}
        assert longest_silence_ms(raw) >= 800, "it was never written in clear"
        assert max(part(side, gap["from_ms"], gap["from_ms"] + 120)) > 1_000, "the gap is marked"
        assert max(part(side, 200, gap["from_ms"] - 50)) > 6_000
        assert max(part(side, gap["to_ms"] + 50, gap["to_ms"] + 300)) > 6_000


@pytest.mark.requirement("M16")
async def test_keys_in_the_talk_pause_it_by_themselves(kit: CentreKit) -> None:
    before, ear = rows(kit), await Ear.open()
    try:
        async with talking(kit, ear) as talk:
            await asyncio.sleep(2.0)
            for key in "4929":
                await ear.press(key)
            await asyncio.sleep(3.5)
            await talk.hang_up()
    finally:
        ear.close()
    recording, _ = await next_row(kit, before)
    (gap,) = await gaps(kit, recording)
    assert gap["kind"] == "digits"
    operator, _ = await heard(kit, recording)
    assert set(part(operator, gap["from_ms"] + 400, gap["to_ms"])) == {0}
    assert max(part(operator, gap["to_ms"] + 50, gap["to_ms"] + 300)) > 6_000
    # From before the first key until two seconds after the last.
    assert 3_000 <= gap["to_ms"] - gap["from_ms"] <= 4_800


@pytest.mark.requirement("M16")
async def test_a_hold_is_marked_and_what_follows_is_where_it_belongs(kit: CentreKit) -> None:
    before = rows(kit)
    async with talking(kit) as talk:
        await asyncio.sleep(1.0)
        talk.leg.hold(True)
        await kit.until(lambda: in_state(kit, "hold"))
        await asyncio.sleep(1.5)
        talk.leg.hold(False)
        await kit.until(lambda: is_talking(kit))
        await asyncio.sleep(0.7)
        await kit.request("POST", "/api/agents/op1/recording/pause", {})
        await asyncio.sleep(0.8)
        await kit.request("POST", "/api/agents/op1/recording/resume", {})
        await asyncio.sleep(0.8)
        await talk.hang_up()
    recording, _ = await next_row(kit, before)
    held, paused = await gaps(kit, recording)
    assert (held["kind"], paused["kind"]) == ("hold", "by_hand")
    assert 1_400 <= held["lasted_ms"] <= 2_200
    operator, _ = await heard(kit, recording)
    assert max(part(operator, paused["from_ms"] - 250, paused["from_ms"] - 50)) > 6_000
    assert max(part(operator, paused["to_ms"] + 100, paused["to_ms"] + 300)) > 6_000


@pytest.mark.requirement("M16")
async def test_a_talk_that_is_taken_apart_and_put_together_stays_one_recording(
    kit: CentreKit,
) -> None:
    before = rows(kit)
    await kit.until(lambda: in_state(kit, "ready"))
    async with talking(kit) as talk:
        await asyncio.sleep(1.0)
        await kit.request("POST", "/api/agents/op1/hold", {})
        await asyncio.sleep(1.0)
        await kit.request("POST", "/api/agents/op1/resume", {})
        await kit.until(lambda: is_talking(kit))
        await asyncio.sleep(1.5)
        await talk.hang_up()
    recording, duration_ms = await next_row(kit, before)
    (apart,) = await gaps(kit, recording)
    assert apart["kind"] == "apart"
    operator, caller = await heard(kit, recording)
    assert 3_400 <= duration_ms <= 5_000
    # While the caller is away only the operator is heard; before and after it is both.
    away = part(caller, apart["from_ms"] + 250, apart["to_ms"] - 250)
    assert typical(away, CALLERS_HZ) < 0.01
    end = part(caller, apart["to_ms"] + 300, apart["to_ms"] + 1_200)
    assert typical(end, CALLERS_HZ) == pytest.approx(LEVEL, abs=0.03)
    end = part(operator, apart["to_ms"] + 300, apart["to_ms"] + 1_200)
    assert typical(end, OPERATORS_HZ) == pytest.approx(LEVEL, abs=0.03)


async def in_state(kit: CentreKit, state: str) -> bool:
    return await kit.agents_in(state) == ["op1"]


@pytest.mark.requirement("M16")
async def test_a_call_outside_is_recorded_too_and_one_that_nobody_answers_is_not(
    kit: CentreKit,
) -> None:
    before, outside, phone = rows(kit), kit.departments["outside"], kit.phones["op1"]
    voices = [await Voice.open(), await Voice.open()]
    outside.rtp_port, phone.rtp_port = voices[0].port, voices[1].port
    await kit.request("POST", "/api/agents/op1/dial", {"number": "0466251111"})
    await kit.until(lambda: outside.calls and list(outside.calls.values())[-1].established.is_set())
    far, near = list(outside.calls.values())[-1], list(phone.calls.values())[-1]
    voices[0].speak(tone(CALLERS_HZ, LEVEL), far.sdp)
    voices[1].speak(tone(OPERATORS_HZ, LEVEL), near.sdp)
    await asyncio.sleep(2.0)
    await far.hang_up()
    await kit.until(lambda: nobody(kit))
    recording, duration_ms = await next_row(kit, before)
    operator, far_end = await heard(kit, recording)
    last = slice(duration_ms - 1_100, duration_ms - 100)
    assert typical(part(operator, last.start, last.stop), OPERATORS_HZ) > LEVEL - 0.02
    assert typical(part(far_end, last.start, last.stop), CALLERS_HZ) > LEVEL - 0.02
    outside.refuse_with = 486
    await kit.request("POST", "/api/agents/op1/dial", {"number": "0466251112"})
    await kit.until(lambda: len(kit.sql("select 1 from outside_calls")) == 2)
    await kit.until(lambda: not list(incoming(kit).iterdir()), 20.0)
    assert rows(kit) == before + 1
    names = [str(path) for path in kit.settings.state_dir.rglob("*")]
    assert not [name for name in names if "046625" in name]
    assert b"0466251111" not in b"".join(
        path.read_bytes() for path in (kit.settings.state_dir / "recordings").rglob("*.note")
    )
    await kit.request("POST", "/api/agents/op1/ready", {})
    for voice in voices:
        voice.close()


@pytest.mark.requirement("M16")
@pytest.mark.requirement("M7")
async def test_who_dies_in_between_leaves_nothing_in_clear_and_loses_nothing(
    kit: CentreKit,
) -> None:
    before = rows(kit)
    async with talking(kit) as talk:
        await asyncio.sleep(1.0)
        await kit.kill_controller()
        await asyncio.sleep(1.0)
        await talk.hang_up()
    assert len(list(incoming(kit).iterdir())) == 1, "the switch goes on recording by itself"
    await kit.start_controller()
    recording, duration_ms = await next_row(kit, before)
    assert 1_900 <= duration_ms <= 4_000
    operator, _ = await heard(kit, recording)
    assert typical(part(operator, 500, 1_500), OPERATORS_HZ) == pytest.approx(LEVEL, abs=0.01)
    # Asterisk itself dies in mid-talk: what it had written by then is kept.
    await kit.until(lambda: in_state(kit, "ready"))
    async with talking(kit) as talk:
        await asyncio.sleep(3.0)
        await kit.switch.kill()
    await kit.switch.start()
    recording, duration_ms = await next_row(kit, before + 1)
    assert 1_000 <= duration_ms <= 4_000
    names = [str(path) for path in kit.settings.state_dir.rglob("*")]
    assert any(recording in name for name in names)
    assert not [name for name in names if "0466123456" in name or NUMBER in name]


@pytest.mark.requirement("M16")
async def test_a_disk_that_fills_up_stops_recording_and_no_call() -> None:
    async with running_kit({"op1": "tax = 5"}, more_settings=ON.format(mib=24)) as kit:
        home = kit.settings.state_dir / "recordings"
        await kit.stop_controller()
        with small_disk(home, mib=48):
            await kit.start_controller()
            await kit.work("op1")
            (home / "ballast").write_bytes(bytes(32 << 20))
            await kit.until(lambda: "recording_disk_full" in kit.log())
            async with talking(kit) as talk:
                await asyncio.sleep(0.5)
                state = await kit.request("GET", "/api/agents/op1/recording")
                assert state["recording"] is None
                assert list(incoming(kit).iterdir()) == []
                await talk.hang_up()
            (home / "ballast").unlink()
            await kit.until(lambda: in_state(kit, "ready"))
            await asyncio.sleep(1.5)
            async with talking(kit) as talk:
                await asyncio.sleep(1.0)
                await talk.hang_up()
            await next_row(kit, 0)
            await kit.stop_controller()


@contextlib.contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[None]:
    """A disk of this size at the folder."""
    shutil.rmtree(folder)
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0700", "tmpfs", str(folder)]
    subprocess.run(command, check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
