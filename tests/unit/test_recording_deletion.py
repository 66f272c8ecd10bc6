"""What is due goes, what is held stays, and each deletion has its proof."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from acd.app.recordings import Checked, Condition
from acd.core.recording import DeletionReason, HoldReason
from acd.errors import NotFound, Refused, StoreUnavailable
from tests.taped import World, stored


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
async def test_what_is_due_while_the_database_is_away_is_deleted_soon_after(world: World) -> None:
    await stored(world)
    world.centre.now += 91 * 86_400
    ledger = world.folder / "ledger.sqlite"
    ledger.rename(world.folder / "kept.sqlite")
    ledger.mkdir()
    with pytest.raises(StoreUnavailable):
        await world.recorder.purge_when_due()
    ledger.rmdir()
    (world.folder / "kept.sqlite").rename(ledger)
    await world.recorder.purge_when_due()
    assert world.vault.stored() != [], "it is not tried again at once"
    world.centre.now += 31
    await world.recorder.purge_when_due()
    assert world.vault.stored() == []


@pytest.mark.requirement("M16")
@pytest.mark.parametrize("by_hand", [False, True])
async def test_a_hold_that_comes_while_the_sound_is_destroyed_is_told_that_it_is_too_late(
    world: World, monkeypatch: pytest.MonkeyPatch, by_hand: bool
) -> None:
    recording = await stored(world)
    world.centre.now += 91 * 86_400
    loop, destroy, told = asyncio.get_running_loop(), world.vault.destroy, list[str]()

    async def hold() -> None:
        try:
            await world.kept.hold(recording, "sv1", HoldReason.DISPUTE)
            told.append("held")
        except NotFound as error:
            told.append(error.code)

    def destroys(which: str) -> None:
        asyncio.run_coroutine_threadsafe(hold(), loop).result(20)
        destroy(which)

    monkeypatch.setattr(world.vault, "destroy", destroys)
    if by_hand:
        await world.kept.delete(recording, DeletionReason.ORDER, "admin")
    else:
        assert await world.kept.purge() == 1
    assert told == ["recording_deleted"], "who is told that it is held has the sound"
    assert world.vault.stored() == []
    assert [proof.recording for proof in await world.kept.deletions()] == [recording]
    assert await world.found() == []


@pytest.mark.requirement("M16")
async def test_a_hold_that_comes_before_it_is_the_turn_of_a_recording_keeps_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = await stored(world)
    world.centre.now += 91 * 86_400
    begin = world.index.begin_deletion

    async def begins(which: str) -> None:
        await world.kept.hold(which, "sv1", HoldReason.DISPUTE)
        await begin(which)

    monkeypatch.setattr(world.index, "begin_deletion", begins)
    assert await world.kept.purge() == 0
    assert world.vault.stored() == [recording]
    assert await world.kept.deletions() == []
    (found,) = await world.found()
    assert found.held_by == "sv1"


@pytest.mark.requirement("M16")
async def test_a_deletion_that_broke_off_is_finished_with_its_proof(world: World) -> None:
    recording = await stored(world)
    world.centre.now += 91 * 86_400
    # The controller died before the sound was destroyed.
    await world.index.begin_deletion(recording)
    with pytest.raises(NotFound):
        await world.kept.hold(recording, "sv1", HoldReason.DISPUTE)
    assert [each.id for each in await world.found()] == [recording], "it is still there"
    assert await world.kept.purge() == 1
    assert [proof.recording for proof in await world.kept.deletions()] == [recording]


@pytest.mark.requirement("M16")
async def test_one_that_cannot_be_deleted_keeps_none_of_the_others(world: World) -> None:
    stuck, due = await stored(world), "fe" * 16
    row = (await world.index.get(stuck)).recording
    await world.index.add(replace(row, id=due, expires_ms=row.expires_ms + 1))
    (path,) = (world.folder / "home").glob("??/*.rec")
    path.unlink()
    path.mkdir()
    world.centre.now += 91 * 86_400
    with pytest.raises(StoreUnavailable):
        await world.kept.purge()
    assert [proof.recording for proof in await world.kept.deletions()] == [due]


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
