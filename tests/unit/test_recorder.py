"""Recording as it happens, over real disk and database: only the switch is missing."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec.structs import replace

from acd.adapters.recordings.keys import MasterKeys
from acd.adapters.recordings.vault import RecordingVault
from acd.adapters.secrets import Secrets
from acd.adapters.sql.database import sqlite_url, upgrade
from acd.adapters.sql.recordings import SqlRecordings
from acd.app.recorder import Recorder, RecorderPolicy, RecordingAlarm
from acd.app.recordings import Checked, Condition, Recordings
from acd.config import load_centre
from acd.core.commands import OfferCall
from acd.core.ids import AgentId, CallId, OfferId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentReadied,
    CallerHungUp,
    HoldEnded,
    HoldStarted,
)
from acd.core.recording import DAY_MS, DeletionReason, GapKind, HoldReason, Recording, TapeState
from acd.errors import NotFound, Refused, SwitchUnavailable
from acd.ports_recording import RecordingQuery
from tests.fakes.centre import CENTRE, Centre
from tests.fakes.tape import Tape

AGENT = AgentId("op10")


@dataclass
class World:
    """A centre without a switch, whose talks are recorded."""

    folder: Path
    centre: Centre
    tape: Tape
    vault: RecordingVault
    index: SqlRecordings
    policy: RecorderPolicy
    alarms: list[RecordingAlarm] = field(default_factory=list)
    ids: dict[OfferId, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.centre.sinks = []
        self.recorder = Recorder(
            self.vault,
            self.index,
            self.tape,
            lambda: self.centre.engine,
            lambda: self.centre.now,
            self.policy,
            self.alarms.append,
        )
        self.centre.sinks = [self.recorder]
        self.kept = Recordings(self.vault, self.index, lambda: self.centre.now)

    def restarted(self) -> World:
        """The same after the controller died."""
        return World(
            self.folder, self.centre, self.tape, self.vault, self.index, self.policy, self.alarms,
            self.ids,
        )  # fmt: skip

    def talk(self, number: int = 1) -> tuple[CallId, OfferId, str]:
        """A call is rung, recorded and answered."""
        if number == 1:
            self.centre.do(AgentLoggedIn(AGENT, "op10"))
            self.centre.do(AgentReadied(AGENT))
        call = self.centre.call(number)
        (command,) = [
            c for c in self.centre.commands if isinstance(c, OfferCall) and c.call == call
        ]
        recording = self.recorder.begin(command)
        return call, self.centre.connect(call), recording

    def hang_up(self, call: CallId, after_s: float = 1.0) -> None:
        self.centre.now += after_s
        self.centre.do(CallerHungUp(call))

    async def found(self) -> list[Recording]:
        return [each.recording for each in await self.index.search(RecordingQuery())]


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables: making them anew for each test takes half a second."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    upgrade(sqlite_url(path))
    return path


@pytest.fixture
async def world(tmp_path: Path, empty_ledger: Path) -> AsyncIterator[World]:
    shutil.copy(empty_ledger, tmp_path / "ledger.sqlite")
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    vault = RecordingVault(tmp_path / "home", incoming, MasterKeys(Secrets(tmp_path / "state")))
    vault.prepare()
    index = SqlRecordings(sqlite_url(tmp_path / "ledger.sqlite"))
    centre = Centre(load_centre(CENTRE).plan)
    yield World(tmp_path, centre, Tape(incoming), vault, index, RecorderPolicy())
    await vault.close()


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


async def stored(world: World, number: int = 1) -> str:
    call, _, recording = world.talk(number)
    world.hang_up(call)
    world.tape.writes(recording)
    await world.recorder.look()
    return recording


@pytest.mark.requirement("M16")
async def test_what_is_due_is_deleted_with_proof_and_what_is_held_is_not(world: World) -> None:
    held, due = await stored(world), "fe" * 16
    row = (await world.index.get(held)).recording
    await world.vault.seal(due, [])
    await world.index.add(replace(row, id=due))
    await world.kept.hold(held, "sv1", HoldReason.DISPUTE)
    world.centre.now += 91 * 86_400
    assert await world.kept.purge() == 1
    assert [each.id for each in await world.found()] == [held]
    assert world.vault.stored() == [held]
    (proof,) = await world.kept.deletions()
    assert (proof.recording, proof.reason) == (due, DeletionReason.RETENTION)
    assert (proof.sha256, proof.previous, len(proof.hash)) == (row.sha256, "", 64)
    with pytest.raises(NotFound):
        await world.kept.open(due)
    with pytest.raises(Refused):
        await world.kept.delete(held, DeletionReason.ORDER, "admin")
    await world.kept.hold(held, "sv1", None)
    assert await world.kept.purge() == 1
    first, second = await world.kept.deletions()
    assert second.previous == first.hash
    assert await world.kept.verify() == []


@pytest.mark.requirement("M16")
async def test_a_proof_that_was_changed_or_taken_away_is_found(world: World) -> None:
    await stored(world)
    world.centre.now += 91 * 86_400
    await world.kept.purge()
    (proof,) = await world.kept.deletions()
    from acd.app.recordings import broken_proofs

    assert broken_proofs([proof]) == []
    for forged in (replace(proof, by="nobody"), replace(proof, number=2)):
        assert broken_proofs([forged]) == [Checked(proof.recording, Condition.CHAIN_BROKEN)]


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
