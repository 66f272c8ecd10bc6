"""What every Telephony adapter promises about supervisors who hear a talk."""

from __future__ import annotations

import asyncio

import pytest

from acd.core.commands import HangUpLeg
from acd.core.commands_floor import SpyTalk, StopSpying, TurnSpy
from acd.core.ids import SpyId, offer_id, spy_id
from acd.core.inputs import CallerHungUp
from acd.core.inputs_floor import SpyLegGone, SpyMode
from acd.errors import SwitchError
from tests.contract.telephony_bench import SWITCH, Bench
from tests.contract.telephony_contract import talk

_spies = iter(range(1, 1_000_000))


async def hearing(bench: Bench, spy: SpyId) -> bool:
    """Whether the switch has this supervisor's leg, and takes it for nothing else."""
    found = [one for one in await bench.telephony.sweep() if one.spy == spy]
    assert all(one.call is None and one.offer is None for one in found)
    return bool(found)


async def heard(bench: Bench, spy: SpyId, there: bool) -> None:
    for _ in range(60):
        if await hearing(bench, spy) is there:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{spy} is {'not ' if there else ''}there")


@pytest.mark.requirement("M17")
async def test_a_talk_is_heard_turned_and_left(bench: Bench) -> None:
    offer, _ = await talk(bench)
    spy = spy_id(next(_spies))
    await bench.telephony.execute(SpyTalk(spy, SWITCH, "op2", offer.offer, SpyMode.LISTEN))
    await heard(bench, spy, True)
    await bench.telephony.execute(TurnSpy(spy, SWITCH, offer.offer, SpyMode.BARGE))
    await asyncio.sleep(0.2)
    assert await hearing(bench, spy)
    # A phone that sends no sound, as here, is let go with the talk at the latest.
    await bench.telephony.execute(StopSpying(spy, SWITCH))
    assert bench.heard.all(CallerHungUp) == []
    await bench.telephony.execute(HangUpLeg(offer.offer, SWITCH))
    await bench.heard.wait(SpyLegGone, spy=spy)
    await bench.telephony.execute(StopSpying(spy, SWITCH))


@pytest.mark.requirement("M17")
async def test_the_end_of_the_talk_is_the_end_of_the_hearing(bench: Bench) -> None:
    offer, _ = await talk(bench)
    spy = spy_id(next(_spies))
    await bench.telephony.execute(SpyTalk(spy, SWITCH, "op2", offer.offer, SpyMode.WHISPER))
    await heard(bench, spy, True)
    await bench.telephony.execute(HangUpLeg(offer.offer, SWITCH))
    await bench.heard.wait(SpyLegGone, spy=spy)


async def test_a_talk_that_is_not_there_is_not_heard(bench: Bench) -> None:
    spy, nowhere = spy_id(next(_spies)), offer_id(999_999)
    with pytest.raises(SwitchError):
        await bench.telephony.execute(SpyTalk(spy, SWITCH, "op2", nowhere, SpyMode.LISTEN))
    offer, _ = await talk(bench)
    with pytest.raises(SwitchError):
        await bench.telephony.execute(TurnSpy(spy, SWITCH, offer.offer, SpyMode.LISTEN))
    assert not await hearing(bench, spy)
