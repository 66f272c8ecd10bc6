"""Recording as it happens, over real disk and database: only the switch is missing."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from acd.app.recorder import RecorderPolicy, RecordingAlarm
from acd.app.recordings import Checked, Condition
from acd.core.commands import OfferCall
from acd.core.inputs import (
    AgentLoggedIn,
    AgentReadied,
    HoldEnded,
    HoldStarted,
)
from acd.core.recording import DAY_MS, GapKind, TapeState
from acd.errors import Refused, SwitchUnavailable
from tests.taped import AGENT, World, stored


@pytest.mark.requirement("M16")
async def test_a_talk_becomes_a_row_and_an_encrypted_file(world: World) -> None:
    call, offer, recording = world.talk()
    started_ms = round(world.centre.now * 1000)
    world.hang_up(call, after_s=2.0)
    world.tape.writes(recording, 2.0)
    await world.recorder.look()
    (row,) = await world.found()
    assert (row.call, row.offer, row.agent, row.queue) == (call, offer, AGENT, "general")
    assert row.dialled == "0466001111"
    assert row.duration_ms == 2_000
    assert abs(row.started_ms - started_ms) <= 20
    assert 89 * DAY_MS < row.expires_ms - row.started_ms < 91 * DAY_MS
    assert list(world.tape.incoming.iterdir()) == []
    assert world.vault.notes() == []
    assert await world.kept.verify() == [Checked(row.id, Condition.SOUND)]
    sound = await world.kept.open(row.id)
    assert sound.read(0, 4) == b"fLaC"
    sound.close()


@pytest.mark.requirement("M16")
async def test_no_name_on_the_disk_tells_whose_it_is(world: World) -> None:
    call, _, recording = world.talk()
    world.hang_up(call)
    world.tape.writes(recording)
    await world.recorder.look()
    names = [str(path.relative_to(world.folder)) for path in world.folder.rglob("*")]
    assert any(recording in name for name in names)
    for private in ("0466001111", "09012345678", call, AGENT):
        assert not [name for name in names if private in name]


@pytest.mark.requirement("M16")
async def test_an_exempt_number_leaves_no_trace(world: World) -> None:
    plan = world.centre.engine.plan
    numbers = tuple(replace(each, recorded=each.number != "0466001111") for each in plan.numbers)
    world.centre.engine.state.plan = replace(plan, numbers=numbers)
    _, _, recording = world.talk()
    assert recording == ""
    assert world.vault.notes() == []
    with pytest.raises(Refused):
        await world.recorder.pause(AGENT, on=True)


async def test_nothing_is_put_away_while_the_talk_goes_on(world: World) -> None:
    call, _, recording = world.talk()
    world.tape.writes(recording)
    await world.recorder.look()
    assert await world.found() == []
    world.hang_up(call)
    world.tape.writes(recording, quiet_s=0.0)
    await world.recorder.look()
    assert await world.found() == [], "the switch may still be writing"


@pytest.mark.requirement("M16")
async def test_a_pause_by_hand_is_told_to_the_switch_and_marked(world: World) -> None:
    told: list[TapeState | None] = []
    world.recorder.told = lambda _, state: told.append(state)
    call, offer, recording = world.talk()
    world.centre.now += 2
    assert await world.recorder.pause(AGENT, on=True) is TapeState.PAUSED_BY_HAND
    assert world.recorder.state_of(AGENT) is TapeState.PAUSED_BY_HAND
    world.centre.now += 3
    assert await world.recorder.pause(AGENT, on=False) is TapeState.RUNNING
    world.hang_up(call, after_s=5.0)
    assert told == [TapeState.RUNNING, TapeState.PAUSED_BY_HAND, TapeState.RUNNING, None]
    assert world.tape.hushed == [(offer, True), (offer, False)]
    world.tape.writes(recording, 10.0)
    await world.recorder.look()
    (row,) = await world.found()
    (gap,) = row.gaps
    assert gap.kind is GapKind.BY_HAND
    assert gap.from_ms == pytest.approx(1_850, abs=20)
    assert gap.to_ms == pytest.approx(5_150, abs=30)
    assert gap.lasted_ms == pytest.approx(3_000, abs=20)


@pytest.mark.requirement("M16")
async def test_keys_pause_it_by_themselves_until_it_is_quiet(world: World) -> None:
    call, offer, _ = world.talk()
    for _ in range(4):
        world.recorder.digit(call)
        world.centre.now += 1
    await asyncio.sleep(0)
    assert world.tape.hushed == [(offer, True)]
    await world.recorder.look()
    assert world.recorder.state_of(AGENT) is TapeState.PAUSED_FOR_DIGITS
    world.centre.now += 7.1
    await world.recorder.look()
    assert world.recorder.state_of(AGENT) is TapeState.RUNNING
    assert world.tape.hushed == [(offer, True), (offer, False)]


async def test_keys_of_somebody_who_waits_pause_nothing(world: World) -> None:
    world.talk()
    world.recorder.digit(world.centre.call(2))
    await asyncio.sleep(0)
    assert world.tape.hushed == []


@pytest.mark.requirement("M16")
async def test_what_the_switch_could_not_be_told_is_silenced_all_the_same(world: World) -> None:
    call, _, recording = world.talk()
    world.tape.down = True
    with pytest.raises(SwitchUnavailable):
        await world.recorder.pause(AGENT, on=True)
    world.hang_up(call, after_s=3.0)
    world.tape.writes(recording, 3.0)
    await world.recorder.look()
    (row,) = await world.found()
    assert set(row.waveform[40 * 2 : -2]) == {0}


async def test_a_hold_is_marked_where_it_was(world: World) -> None:
    call, offer, recording = world.talk()
    world.centre.now += 2
    world.centre.do(HoldStarted(offer))
    world.centre.now += 60
    world.centre.do(HoldEnded(offer))
    world.hang_up(call, after_s=2.0)
    world.tape.writes(recording, 4.0)
    await world.recorder.look()
    (gap,) = (await world.found())[0].gaps
    assert gap.kind is GapKind.HOLD
    assert gap.lasted_ms == pytest.approx(60_000, abs=20)
    assert gap.from_ms == gap.to_ms == pytest.approx(2_000, abs=50)


@pytest.mark.requirement("M16")
@pytest.mark.parametrize("moment", ["in the talk", "after the talk", "sealed"])
async def test_a_controller_that_dies_loses_nothing(world: World, moment: str) -> None:
    call, _, recording = world.talk()
    world.tape.writes(recording, 2.0)
    if moment == "in the talk":
        world = world.restarted()
    world.hang_up(call)
    if moment == "sealed":
        await world.vault.seal(recording, [])
    if moment != "in the talk":
        world = world.restarted()
    await world.recorder.look()
    (row,) = await world.found()
    assert row.call == call
    assert list(world.tape.incoming.iterdir()) == []
    assert world.vault.notes() == []


async def test_a_database_that_is_away_loses_nothing(world: World) -> None:
    call, _, recording = world.talk()
    world.hang_up(call)
    world.tape.writes(recording)
    world.folder.joinpath("ledger.sqlite").unlink()
    world.folder.joinpath("ledger.sqlite").mkdir()
    await world.recorder.look()
    assert world.recorder.status.waiting == 1
    assert world.alarms == [RecordingAlarm.FAILED]
    assert list(world.tape.incoming.iterdir()) == [], "no clear sound waits for a database"
    world.folder.joinpath("ledger.sqlite").rmdir()
    await world.recorder.look()
    assert await world.found() == [], "it is not tried again at once"
    world.centre.now += 31
    await world.recorder.look()
    assert [each.id for each in await world.found()] == [recording]


@pytest.mark.requirement("M16")
async def test_without_room_there_is_an_alarm_and_no_recording(world: World) -> None:
    world.recorder.policy = RecorderPolicy(min_free_bytes=1 << 60)
    await world.recorder.look()
    await world.recorder.look()
    assert world.alarms == [RecordingAlarm.DISK_FULL]
    world.centre.now += 3_600
    await world.recorder.look()
    assert len(world.alarms) == 2, "trouble that lasts is told again"
    call, _, recording = world.talk()
    assert recording == ""
    assert world.recorder.status.left_out == 1
    assert world.centre.engine.calls[call].state.value == "talking"
    world.recorder.policy = RecorderPolicy()
    await world.recorder.look()
    assert not world.recorder.status.disk_full


async def test_sound_that_nobody_knows_is_kept_encrypted_too(world: World) -> None:
    stranger = "ef" * 16
    world.tape.writes(stranger, quiet_s=61.0)
    await world.recorder.look()
    (row,) = await world.found()
    assert (row.id, row.call, row.duration_ms) == (stranger, "", 1_000)
    assert world.alarms == [RecordingAlarm.STRANGE_SOUND]
    assert list(world.tape.incoming.iterdir()) == []


async def test_a_ring_that_nobody_answered_leaves_nothing(world: World) -> None:
    world.centre.do(AgentLoggedIn(AGENT, "op10"))
    world.centre.do(AgentReadied(AGENT))
    call = world.centre.call(1)
    world.recorder.begin(next(c for c in world.centre.commands if isinstance(c, OfferCall)))
    world.hang_up(call, after_s=5.0)
    world.centre.now += 11
    await world.recorder.look()
    assert world.vault.notes() == []
    assert world.alarms == []


async def test_a_check_names_what_is_missing_changed_or_unknown(world: World) -> None:
    recording = await stored(world)
    path = next((world.folder / "home").glob("??/*.rec"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert await world.kept.verify() == [Checked(recording, Condition.CHANGED)]
    path.unlink()
    assert await world.kept.verify() == [Checked(recording, Condition.MISSING)]
    path.write_bytes(whole)
    unknown = path.parent.parent / "ff" / f"{'ff' * 16}.rec"
    unknown.parent.mkdir()
    unknown.write_bytes(whole)
    assert Checked("ff" * 16, Condition.UNKNOWN) in await world.kept.verify()
