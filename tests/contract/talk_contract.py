"""What every Telephony adapter promises of talks that are taken apart and put together."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from acd.core.commands import HangUpLeg, HoldCaller, OfferCall
from acd.core.commands_talk import (
    DropParty,
    HandOver,
    MergeTalk,
    PartTalk,
    ReuniteTalk,
    RingParty,
)
from acd.core.ids import AgentId, OfferId, offer_id
from acd.core.inputs import (
    CallConnected,
    CallerHungUp,
    LegEnded,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
)
from acd.core.inputs_talk import PartyJoined
from acd.core.party import PartyKind
from acd.errors import SwitchError
from tests.contract.telephony_bench import SWITCH, Bench, Caller, Does, offer_for

_parties = iter(range(500_001, 1_000_000))


async def talking(bench: Bench) -> tuple[OfferCall, Caller]:
    caller = await bench.call_in()
    offer = offer_for(caller)
    await bench.telephony.execute(offer)
    await bench.heard.wait(CallConnected, offer=offer.offer)
    await asyncio.sleep(0.1)
    return offer, caller


async def part(bench: Bench, offer: OfferCall) -> None:
    await bench.telephony.execute(PartTalk(offer.call, SWITCH, offer.channel, offer.offer))


async def reunite(bench: Bench, offer: OfferCall) -> None:
    await bench.telephony.execute(ReuniteTalk(offer.call, SWITCH, offer.channel, offer.offer))


async def ring(
    bench: Bench,
    offer: OfferCall,
    kind: PartyKind = PartyKind.CONSULT,
    device: str = "op2",
    colleague: str = "",
) -> OfferId:
    party = offer_id(next(_parties))
    await bench.telephony.execute(
        RingParty(
            party,
            offer.call,
            SWITCH,
            offer.channel,
            offer.offer,
            kind,
            f"PJSIP/{device}",
            10.0,
            colleague=AgentId(colleague),
            device=device if colleague else "",
        )
    )
    return party


async def hand_over(bench: Bench, offer: OfferCall, party: OfferId, *, answered: bool) -> None:
    await bench.telephony.execute(
        HandOver(offer.call, SWITCH, offer.channel, offer.offer, party, answered)
    )


async def together(bench: Bench, *members: str) -> bool:
    """Whether calls and legs with these ids are in one bridge, soon, and no others."""
    for _ in range(40):
        seen = await bench.telephony.sweep()
        bridges: dict[str, set[str]] = {}
        for one in seen:
            if one.bridge and not one.held:
                bridges.setdefault(one.bridge, set()).add(str(one.call or one.offer))
        if set(members) in bridges.values():
            return True
        await asyncio.sleep(0.05)
    return False


async def waits_alone(bench: Bench, call: str) -> bool:
    """Whether a caller sits in music, soon."""
    for _ in range(40):
        seen = await bench.telephony.sweep()
        if any(one.call == call and one.held for one in seen):
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.requirement("M9")
async def test_a_talk_is_parted_and_reunited_as_often_as_one_likes(bench: Bench) -> None:
    offer, caller = await talking(bench)
    for _ in range(3):
        await part(bench, offer)
        assert await waits_alone(bench, offer.call)
        await reunite(bench, offer)
        assert await together(bench, offer.call, offer.offer)
    assert bench.heard.all(LegEnded) == []
    await caller.hang_up()
    await bench.heard.wait(CallerHungUp, call=offer.call)
    await bench.heard.wait(LegEnded, offer=offer.offer)


@pytest.mark.requirement("M9")
async def test_who_is_asked_talks_with_the_operator_while_the_caller_waits(bench: Bench) -> None:
    offer, _ = await talking(bench)
    await part(bench, offer)
    party = await ring(bench, offer)
    await bench.heard.wait(OfferAnswered, offer=party)
    assert await together(bench, offer.offer, party)
    assert await waits_alone(bench, offer.call)
    await bench.phone("op2").hang_up()
    await bench.heard.until(
        lambda: bool(bench.heard.all(LegEnded, offer=party) or _failed(bench, party)),
        3.0,
        "nobody says that the party has gone",
    )
    await reunite(bench, offer)
    assert await together(bench, offer.call, offer.offer)


def _failed(bench: Bench, party: OfferId) -> list[OfferFailed]:
    return bench.heard.all(OfferFailed, offer=party)


@pytest.mark.requirement("M9")
async def test_the_party_gets_the_caller(bench: Bench) -> None:
    offer, caller = await talking(bench)
    await part(bench, offer)
    party = await ring(bench, offer)
    await bench.heard.wait(OfferAnswered, offer=party)
    await asyncio.sleep(0.1)
    await hand_over(bench, offer, party, answered=True)
    await bench.heard.wait(CallConnected, offer=party)
    assert await together(bench, offer.call, party)
    assert await bench.phone("op1").silent(20.0)
    await bench.phone("op2").hang_up()
    await bench.heard.wait(LegEnded, offer=party)
    assert await caller.gone(20.0)


@pytest.mark.requirement("M9")
async def test_a_colleague_who_gets_the_caller_has_a_talk_like_any_other(bench: Bench) -> None:
    offer, caller = await talking(bench)
    await part(bench, offer)
    party = await ring(bench, offer, colleague="mori")
    await bench.heard.wait(PartyJoined, offer=party)
    await hand_over(bench, offer, party, answered=True)
    await bench.heard.wait(CallConnected, offer=party)
    assert await bench.phone("op1").silent(20.0)
    taken = msgspec.structs.replace(offer, offer=party)
    await part(bench, taken)
    assert await waits_alone(bench, offer.call)
    hall = await ring(bench, taken, device="op3")
    await bench.heard.wait(OfferAnswered, offer=hall)
    assert await together(bench, party, hall)
    await reunite(bench, taken)
    assert await together(bench, offer.call, party)
    await bench.phone("op2").hang_up()
    await bench.heard.wait(LegEnded, offer=party)
    assert await caller.gone(20.0)


@pytest.mark.requirement("M9")
async def test_a_colleague_gets_a_caller_without_having_been_asked(bench: Bench) -> None:
    offer, caller = await talking(bench)
    await bench.telephony.execute(PartTalk(offer.call, SWITCH, offer.channel))
    party = await ring(bench, offer, PartyKind.TRANSFER, colleague="mori")
    await bench.heard.wait(CallConnected, offer=party)
    await asyncio.sleep(0.1)
    taken = msgspec.structs.replace(offer, offer=party)
    await part(bench, taken)
    assert await waits_alone(bench, offer.call)
    await reunite(bench, taken)
    assert await together(bench, offer.call, party)
    await caller.hang_up()
    await bench.heard.wait(LegEnded, offer=party)
    assert await bench.phone("op2").silent(20.0)


@pytest.mark.requirement("M9")
async def test_a_party_that_still_rings_gets_the_caller_when_it_answers(bench: Bench) -> None:
    offer, caller = await talking(bench)
    await part(bench, offer)
    bench.phone("op2").will(Does.RING_ON)
    party = await ring(bench, offer)
    await asyncio.sleep(0.2)
    await hand_over(bench, offer, party, answered=False)
    assert await bench.phone("op1").silent(20.0)
    assert await waits_alone(bench, offer.call)
    await bench.phone("op2").answer()
    await bench.heard.wait(CallConnected, offer=party)
    assert await together(bench, offer.call, party)
    await caller.hang_up()
    await bench.heard.wait(CallerHungUp, call=offer.call)
    assert await bench.phone("op2").silent(20.0)


@pytest.mark.requirement("M9")
async def test_a_blind_transfer_that_is_not_taken_leaves_the_caller_in_line(bench: Bench) -> None:
    offer, _ = await talking(bench)
    bench.phone("op2").will(Does.BUSY)
    await bench.telephony.execute(PartTalk(offer.call, SWITCH, offer.channel))
    await bench.heard.wait(LegEnded, offer=offer.offer)
    party = await ring(bench, offer, PartyKind.TRANSFER)
    failed = await bench.heard.wait(OfferFailed, offer=party)
    assert failed.reason is OfferFailure.BUSY
    await bench.telephony.execute(HoldCaller(offer.call, SWITCH, offer.channel))
    again = OfferCall(
        offer_id(next(_parties)), *[getattr(offer, name) for name in offer.__struct_fields__[1:]]
    )
    await bench.telephony.execute(again)
    await bench.heard.wait(CallConnected, offer=again.offer)


async def test_a_blind_transfer_that_is_taken(bench: Bench) -> None:
    offer, caller = await talking(bench)
    await bench.telephony.execute(PartTalk(offer.call, SWITCH, offer.channel))
    party = await ring(bench, offer, PartyKind.TRANSFER)
    await bench.heard.wait(CallConnected, offer=party)
    assert await together(bench, offer.call, party)
    await bench.phone("op2").hang_up()
    assert await caller.gone(20.0)


@pytest.mark.requirement("S3")
async def test_a_third_voice_comes_and_goes(bench: Bench) -> None:
    offer, caller = await talking(bench)
    party = await ring(bench, offer, PartyKind.GUEST)
    await bench.heard.wait(OfferAnswered, offer=party)
    assert await together(bench, offer.call, offer.offer, party)
    await bench.telephony.execute(DropParty(offer.call, SWITCH, party))
    assert await together(bench, offer.call, offer.offer)
    assert bench.heard.all(LegEnded) == [], "nobody is told of what was asked for"
    second = await ring(bench, offer, PartyKind.GUEST, "op3")
    await bench.heard.wait(OfferAnswered, offer=second)
    assert await together(bench, offer.call, offer.offer, second)
    await bench.phone("op3").hang_up()
    await bench.heard.wait(LegEnded, offer=second)
    assert await together(bench, offer.call, offer.offer)
    await bench.phone("op1").hang_up()
    await bench.heard.wait(LegEnded, offer=offer.offer)
    assert await caller.gone(20.0)


@pytest.mark.requirement("M9")
async def test_a_consultation_becomes_a_talk_of_three(bench: Bench) -> None:
    offer, caller = await talking(bench)
    await part(bench, offer)
    party = await ring(bench, offer)
    await bench.heard.wait(OfferAnswered, offer=party)
    assert await together(bench, offer.offer, party)
    await bench.telephony.execute(MergeTalk(offer.call, SWITCH, offer.channel, offer.offer))
    assert await together(bench, offer.call, offer.offer, party)
    await bench.phone("op1").hang_up()
    await bench.heard.wait(LegEnded, offer=offer.offer)
    await bench.telephony.execute(DropParty(offer.call, SWITCH, party))
    assert await caller.gone(20.0)


async def test_a_party_dropped_at_once_never_joins(bench: Bench) -> None:
    offer, _ = await talking(bench)
    await part(bench, offer)
    party = await ring(bench, offer)
    await bench.telephony.execute(DropParty(offer.call, SWITCH, party))
    await reunite(bench, offer)
    assert await bench.phone("op2").silent(20.0)
    assert await together(bench, offer.call, offer.offer)


async def test_who_answers_after_the_operator_went_back_joins_nobody(bench: Bench) -> None:
    offer, _ = await talking(bench)
    await part(bench, offer)
    bench.phone("op2").will(Does.RING_ON)
    await ring(bench, offer)
    await asyncio.sleep(0.2)
    await reunite(bench, offer)
    await bench.phone("op2").answer()
    assert await bench.phone("op2").silent(20.0)
    assert await together(bench, offer.call, offer.offer)


async def test_an_operator_who_hangs_up_while_parted_leaves_the_caller_waiting(
    bench: Bench,
) -> None:
    offer, _ = await talking(bench)
    await part(bench, offer)
    assert await waits_alone(bench, offer.call)
    await bench.phone("op1").hang_up()
    await bench.heard.wait(LegEnded, offer=offer.offer)
    await asyncio.sleep(0.3)
    assert await waits_alone(bench, offer.call)
    assert bench.heard.all(CallerHungUp) == []


async def test_a_caller_who_hangs_up_while_parted_is_told(bench: Bench) -> None:
    offer, caller = await talking(bench)
    await part(bench, offer)
    party = await ring(bench, offer)
    await bench.heard.wait(OfferAnswered, offer=party)
    await caller.hang_up()
    await bench.heard.wait(CallerHungUp, call=offer.call)
    await bench.telephony.execute(DropParty(offer.call, SWITCH, party))
    await bench.telephony.execute(HangUpLeg(offer.offer, SWITCH))
    assert await bench.phone("op1").silent(20.0)
    assert await bench.phone("op2").silent(20.0)


async def test_what_is_asked_of_a_talk_that_is_over_fails(bench: Bench) -> None:
    offer, caller = await talking(bench)
    await caller.hang_up()
    await bench.heard.wait(LegEnded, offer=offer.offer)
    await bench.heard.wait(CallerHungUp, call=offer.call)
    with pytest.raises(SwitchError):
        await part(bench, offer)
    with pytest.raises(SwitchError):
        await reunite(bench, offer)
