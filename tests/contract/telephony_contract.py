"""What every Telephony adapter promises. A test module imports the tests and fills ``bench``."""

from __future__ import annotations

import asyncio

import pytest

from acd.core.commands import (
    CancelOffer,
    HangUpCaller,
    HangUpLeg,
    HoldCaller,
    OfferCall,
    PlayAnnouncement,
)
from acd.core.ids import OfferId
from acd.core.inputs import (
    CallConnected,
    Caller,
    CallerHungUp,
    CallerKind,
    EndedBy,
    HoldEnded,
    HoldStarted,
    LegEnded,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
    SwitchDown,
)
from acd.errors import SwitchError, SwitchUnavailable
from tests.contract.telephony_bench import SWITCH, Bench, Does, offer_for


def cancel(offer: OfferCall) -> CancelOffer:
    return CancelOffer(offer.offer, offer.call, SWITCH, offer.channel)


async def talk(bench: Bench, device: str = "op1") -> tuple[OfferCall, object]:
    """A caller and an operator in a talk."""
    caller = await bench.call_in()
    offer = offer_for(caller, device)
    await bench.telephony.execute(offer)
    await bench.heard.wait(CallConnected, offer=offer.offer)
    return offer, caller


async def quiet(bench: Bench, offer: OfferId, *kinds: type) -> None:
    """Nothing of these kinds is told about the offer, now or a little later."""
    await asyncio.sleep(0.4)
    told = [one for one in bench.heard.inputs if isinstance(one, kinds)]
    assert [one for one in told if getattr(one, "offer", None) == offer] == []


async def test_an_answered_offer_connects_the_caller_once(bench: Bench) -> None:
    caller = await bench.call_in()
    offer = offer_for(caller)
    await bench.telephony.execute(offer)
    await bench.heard.wait(CallConnected, offer=offer.offer)
    assert [type(one) for one in bench.heard.inputs] == [OfferAnswered, CallConnected]
    held = [one for one in await bench.telephony.sweep() if one.held]
    assert held == []


async def test_the_operator_sees_the_number_and_not_a_withheld_one(bench: Bench) -> None:
    for number in ("0312345678", ""):
        caller = await bench.call_in(number)
        offer = offer_for(caller)
        await bench.telephony.execute(offer)
        await bench.heard.wait(CallConnected, offer=offer.offer)
        assert bench.phone().shown[-1] == number
        await caller.hang_up()
        await bench.heard.wait(LegEnded, offer=offer.offer)


async def test_a_caller_who_hangs_up_in_the_talk_ends_it(bench: Bench) -> None:
    offer, _ = await talk(bench)
    caller = await bench.call_in()
    second = offer_for(caller, "op2")
    await bench.telephony.execute(second)
    await bench.heard.wait(CallConnected, offer=second.offer)
    await caller.hang_up()
    ended = await bench.heard.wait(LegEnded, offer=second.offer)
    assert ended.by is EndedBy.CALLER
    await bench.heard.wait(CallerHungUp, call=second.call)
    assert bench.heard.all(CallerHungUp, call=offer.call) == []
    assert await bench.phone("op2").silent(20.0)


async def test_an_operator_who_hangs_up_ends_the_talk_and_then_the_call(bench: Bench) -> None:
    offer, _ = await talk(bench)
    await bench.phone().hang_up()
    ended = await bench.heard.wait(LegEnded, offer=offer.offer)
    assert ended.by is EndedBy.AGENT
    await bench.heard.wait(CallerHungUp, call=offer.call)


async def test_hold_is_told(bench: Bench) -> None:
    offer, _ = await talk(bench)
    await asyncio.sleep(0.2)  # a phone's change of media must not cross the answer's own
    await bench.phone().hold(True)
    await bench.heard.wait(HoldStarted, offer=offer.offer)
    await bench.phone().hold(False)
    await bench.heard.wait(HoldEnded, offer=offer.offer)


@pytest.mark.parametrize(
    ("does", "device", "reason"),
    [
        (Does.BUSY, "op1", OfferFailure.BUSY),
        (Does.REJECT, "op1", OfferFailure.REJECTED),
        (Does.ANSWER, "absent", OfferFailure.UNREACHABLE),
    ],
)
async def test_a_phone_that_refuses_says_why_once(
    bench: Bench, does: Does, device: str, reason: OfferFailure
) -> None:
    caller = await bench.call_in()
    phone = bench.phone(device)
    if device != "absent":
        phone.will(does)
    offer = offer_for(caller, device)
    await bench.telephony.execute(offer)
    failed = await bench.heard.wait(OfferFailed, offer=offer.offer)
    assert failed.reason is reason
    await quiet(bench, offer.offer, OfferAnswered, CallConnected)
    assert len(bench.heard.all(OfferFailed, offer=offer.offer)) == 1
    assert [one.held for one in await bench.telephony.sweep()] == [True]


async def test_after_a_failed_offer_the_next_one_connects(bench: Bench) -> None:
    caller = await bench.call_in()
    bench.phone("op1").will(Does.BUSY)
    first = offer_for(caller, "op1")
    await bench.telephony.execute(first)
    await bench.heard.wait(OfferFailed, offer=first.offer)
    second = offer_for(caller, "op2")
    await bench.telephony.execute(second)
    await bench.heard.wait(CallConnected, offer=second.offer)


async def test_a_cancelled_offer_stops_ringing_and_says_nothing(bench: Bench) -> None:
    caller = await bench.call_in()
    bench.phone().will(Does.RING_ON)
    offer = offer_for(caller)
    await bench.telephony.execute(offer)
    await asyncio.sleep(0.2)
    assert not await bench.phone().silent(0.05)
    await bench.telephony.execute(cancel(offer))
    assert await bench.phone().silent(20.0)
    await quiet(bench, offer.offer, OfferFailed, OfferAnswered, CallConnected)
    assert [one.held for one in await bench.telephony.sweep()] == [True]


async def test_an_offer_cancelled_at_once_never_connects(bench: Bench) -> None:
    """The switch makes the leg some time after the order: the cancel may find none."""
    for _ in range(5):
        caller = await bench.call_in()
        offer = offer_for(caller)
        await asyncio.gather(bench.telephony.execute(offer), bench.telephony.execute(cancel(offer)))
        assert await bench.phone().silent(20.0)
        await asyncio.sleep(0.1)
        mine = [one for one in await bench.telephony.sweep() if one.call == offer.call]
        assert [one.held for one in mine] == [True]
        await quiet(bench, offer.offer, CallConnected)
        await caller.hang_up()
        await bench.heard.wait(CallerHungUp, call=offer.call)


async def test_a_caller_gone_while_the_phone_rings_is_told(bench: Bench) -> None:
    caller = await bench.call_in()
    bench.phone().will(Does.RING_ON)
    offer = offer_for(caller)
    await bench.telephony.execute(offer)
    await asyncio.sleep(0.1)
    await caller.hang_up()
    await bench.heard.wait(CallerHungUp, call=offer.call)
    await bench.phone().answer()
    await bench.telephony.execute(cancel(offer))
    assert await bench.phone().silent(20.0)
    await quiet(bench, offer.offer, CallConnected)


async def test_an_offer_for_a_caller_who_is_gone_fails_as_that(bench: Bench) -> None:
    caller = await bench.call_in()
    await caller.hang_up()
    await bench.heard.wait(CallerHungUp, call=caller.info.call)
    offer = offer_for(caller)
    await bench.telephony.execute(offer)
    failed = await bench.heard.wait(OfferFailed, offer=offer.offer)
    assert failed.reason is OfferFailure.CALLER_GONE
    assert await bench.phone().silent(20.0)


async def test_a_caller_who_hears_an_announcement_is_fetched(bench: Bench) -> None:
    caller = await bench.call_in(announce_s=20.0)
    offer = offer_for(caller)
    await bench.telephony.execute(offer)
    await bench.heard.wait(CallConnected, offer=offer.offer)


async def test_a_leg_hung_up_for_the_operator_ends_the_talk(bench: Bench) -> None:
    offer, _ = await talk(bench)
    await bench.telephony.execute(HangUpLeg(offer.offer, SWITCH))
    await bench.heard.wait(LegEnded, offer=offer.offer)
    await bench.heard.wait(CallerHungUp, call=offer.call)


async def test_a_caller_hung_up_is_the_end_of_the_call(bench: Bench) -> None:
    offer, _ = await talk(bench)
    await bench.telephony.execute(HangUpCaller(offer.call, SWITCH, offer.channel))
    await bench.heard.wait(CallerHungUp, call=offer.call)
    await bench.heard.wait(LegEnded, offer=offer.offer)
    assert await bench.telephony.sweep() == []


async def test_hanging_up_what_is_gone_is_no_failure(bench: Bench) -> None:
    offer, _ = await talk(bench)
    await bench.telephony.execute(HangUpCaller(offer.call, SWITCH, offer.channel))
    await bench.heard.wait(LegEnded, offer=offer.offer)
    await bench.telephony.execute(HangUpCaller(offer.call, SWITCH, offer.channel))
    await bench.telephony.execute(HangUpLeg(offer.offer, SWITCH))
    await bench.telephony.execute(cancel(offer))


async def test_a_talk_can_be_sent_back_to_wait(bench: Bench) -> None:
    offer, _ = await talk(bench)
    await bench.telephony.execute(HoldCaller(offer.call, SWITCH, offer.channel))
    await bench.heard.wait(LegEnded, offer=offer.offer)
    again = OfferCall(
        OfferId("o900000000001"), *[getattr(offer, name) for name in offer.__struct_fields__[1:]]
    )
    await bench.telephony.execute(again)
    await bench.heard.wait(CallConnected, offer=again.offer)
    assert bench.heard.all(CallerHungUp) == []


async def test_an_announcement_with_goodbye_ends_the_call(bench: Bench) -> None:
    caller = await bench.call_in()
    info = caller.info
    await bench.telephony.execute(PlayAnnouncement(info.call, SWITCH, info.channel, "closed"))
    await bench.heard.wait(CallerHungUp, call=info.call)


async def test_what_is_asked_of_a_caller_who_is_gone_fails(bench: Bench) -> None:
    caller = await bench.call_in()
    await caller.hang_up()
    await bench.heard.wait(CallerHungUp, call=caller.info.call)
    with pytest.raises(SwitchError):
        await bench.telephony.execute(HoldCaller(caller.info.call, SWITCH, caller.info.channel))


async def test_ids_of_which_one_begins_with_another_stay_apart(bench: Bench) -> None:
    """``op1`` and ``op10``: the first caller's operator never gets the second caller."""
    one, two = await bench.call_in("0311111111"), await bench.call_in("0322222222")
    for caller, device in ((one, "op1"), (two, "op10")):
        bench.phone(device).will(Does.RING_ON)
        await bench.telephony.execute(offer_for(caller, device))
    await asyncio.sleep(0.2)
    await bench.phone("op10").answer()
    connected = await bench.heard.wait(CallConnected)
    seen = await bench.telephony.sweep()
    leg = next(channel for channel in seen if channel.offer == connected.offer)
    talking = [one.call for one in seen if one.call and one.bridge == leg.bridge]
    assert talking == [two.info.call]
    assert bench.phone("op1").shown[-1] == "0311111111"


async def test_a_sweep_tells_callers_and_legs_apart(bench: Bench) -> None:
    waiting = await bench.call_in("0399999999")
    withheld = await bench.call_in("")
    offer, _ = await talk(bench)
    seen = await bench.telephony.sweep()
    by_call = {one.call: one for one in seen if one.call is not None}
    legs = [one for one in seen if one.offer is not None]
    assert by_call[waiting.info.call].held
    assert by_call[waiting.info.call].caller == waiting.info.caller
    assert by_call[waiting.info.call].dialled == "0570012345"
    assert by_call[waiting.info.call].trunk == "carrier"
    assert by_call[withheld.info.call].caller == Caller(CallerKind.WITHHELD)
    assert not by_call[offer.call].held
    assert [(leg.offer, leg.answered, leg.call) for leg in legs] == [(offer.offer, True, None)]
    assert legs[0].bridge == by_call[offer.call].bridge != ""


async def test_a_lost_connection_is_told_and_found_again(bench: Bench) -> None:
    offer, caller = await talk(bench)
    waiting = await bench.call_in()
    await bench.cut()
    await bench.heard.wait(SwitchDown)
    with pytest.raises(SwitchUnavailable):
        await bench.telephony.execute(cancel(offer))
    await bench.restore()
    await bench.heard.until(lambda: len(bench.heard.sweeps) == 2, 8.0, "no second sweep")
    seen = bench.heard.sweeps[-1]
    assert {one.call for one in seen if one.call} == {offer.call, waiting.info.call}
    assert [one.offer for one in seen if one.offer] == [offer.offer]
    assert bench.heard.all(LegEnded) == []
    assert bench.heard.all(CallerHungUp) == []
    await bench.phone().hang_up()
    await bench.heard.wait(LegEnded, offer=offer.offer)
    assert caller is not None


async def test_a_ring_goes_on_across_a_lost_connection(bench: Bench) -> None:
    caller = await bench.call_in()
    bench.phone().will(Does.RING_ON)
    offer = offer_for(caller)
    await bench.telephony.execute(offer)
    await asyncio.sleep(0.2)
    await bench.cut()
    await bench.heard.wait(SwitchDown)
    await bench.restore()
    await bench.heard.until(lambda: len(bench.heard.sweeps) == 2, 8.0, "no second sweep")
    legs = [one for one in bench.heard.sweeps[-1] if one.offer == offer.offer]
    assert [(leg.answered, leg.bridge) for leg in legs] == [(False, "")]
    await bench.phone().answer()
    await bench.heard.wait(CallConnected, offer=offer.offer)
    await caller.hang_up()
    ended = await bench.heard.wait(LegEnded, offer=offer.offer)
    assert ended.by is EndedBy.CALLER
