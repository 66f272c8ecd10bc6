"""How the dialplan moves callers: waiting, connected, sent out, and without a controller."""

from __future__ import annotations

import asyncio

import pytest

from acd.adapters.asterisk.cel import read_cel
from acd.ports import Conversation
from tests.e2e.switch_kit import (
    CARRIER,
    Switch,
    until,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_caller_waits_in_the_waiting_bridge_and_is_asked_after_each_tick(
    switch: Switch,
) -> None:
    carrier = await switch.agent(CARRIER)
    _, channel = await switch.held(carrier)
    await until(lambda: switch.scripts.names().count("hold") >= 2, 6.0)
    await switch.waits(channel, "hold BridgeWait")
    assert len(await switch.channels()) == 1


async def test_nothing_is_asked_before_it_is_due(switch: Switch) -> None:
    async def later(conversation: Conversation, argument: str) -> None:
        await conversation.set_next("hold", MDG_DUE="9999999999")

    switch.scripts.ivr = later
    carrier = await switch.agent(CARRIER)
    _, channel = await switch.held(carrier)
    await asyncio.sleep(2.5)
    assert switch.scripts.names() == ["ivr"]
    await switch.waits(channel, "hold BridgeWait")


@pytest.mark.requirement("M6")
async def test_in_a_crowd_new_callers_wait_without_music_and_who_has_it_keeps_it(
    switch: Switch,
) -> None:
    def hears_music(channel: str) -> bool:
        started = [each["Channel"] for each in switch.witness.named("MusicOnHoldStart")]
        stopped = [each["Channel"] for each in switch.witness.named("MusicOnHoldStop")]
        return started.count(channel) > stopped.count(channel)

    async def crowd(word: str) -> None:
        await switch.actions.act("Setvar", Variable="GLOBAL(MDG_QUIET)", Value=word)

    carrier = await switch.agent(CARRIER)
    _, first = await switch.held(carrier)
    await until(lambda: hears_music(first))
    await crowd("yes")
    _, second = await switch.held(carrier)
    asked = switch.scripts.names().count("hold")
    await until(lambda: switch.scripts.names().count("hold") >= asked + 4, 8.0)
    assert not [e for e in switch.witness.named("MusicOnHoldStart") if e["Channel"] == second]
    await until(lambda: hears_music(first))
    await switch.waits(second, "hold BridgeWait")
    await crowd("")
    await until(lambda: hears_music(second))


async def test_the_right_token_connects_and_the_end_of_the_talk_is_the_callers(
    switch: Switch,
) -> None:
    phone = await switch.phone("op02")
    carrier = await switch.agent(CARRIER)
    call, channel = await switch.held(carrier)
    assert (await switch.offer(channel, "op02", "o000000000001", "o000000000001"))[
        "Response"
    ] == "Success"
    await until(lambda: phone.invites)
    assert "0466112233" in phone.invites[0]
    await until(lambda: _talking(switch, "o000000000001"))
    leg = next(call for call in phone.calls.values())
    phone.hang_up_answered(leg)
    await until(lambda: "after" in switch.scripts.names())
    await until(call.ended.is_set)
    await switch.empties()


def _talking(switch: Switch, offer: str) -> bool:
    """Whether the leg of an offer is in a bridge with somebody."""
    return any(
        each["Uniqueid"] == f"mdg-{offer}" and each["BridgeNumChannels"] == "2"
        for each in switch.events.named("BridgeEnter")
    ) or any(
        each["BridgeNumChannels"] == "2" and each["BridgeTechnology"] != "holding_bridge"
        for each in switch.events.named("BridgeEnter")
        if each["BridgeUniqueid"]
        in {
            entered["BridgeUniqueid"]
            for entered in switch.events.named("BridgeEnter")
            if entered["Uniqueid"] == f"mdg-{offer}"
        }
    )


async def test_a_leg_without_the_pending_token_is_dropped(switch: Switch) -> None:
    phone = await switch.phone("op02")
    carrier = await switch.agent(CARRIER)
    _, channel = await switch.held(carrier)
    for pending, token in (("o000000000011", "o000000000012"), ("", ""), ("", "o000000000013")):
        phone.received.clear()
        await switch.offer(channel, "op02", pending, token)
        await until(lambda: any(text.startswith("BYE") for text in phone.received))
        await switch.waits(channel, "hold BridgeWait")
    assert len(await switch.channels()) == 1


async def test_a_second_operator_cannot_take_a_caller_who_talks(switch: Switch) -> None:
    one = await switch.phone("op01")
    two = await switch.phone("op02")
    carrier = await switch.agent(CARRIER)
    call, channel = await switch.held(carrier)
    await switch.offer(channel, "op01", "o000000000021", "o000000000021")
    await until(lambda: _talking(switch, "o000000000021"))
    await switch.actions.act(
        "Originate",
        "Variable: MDG_OFFER=o000000000021",
        f"Variable: MDG_CALLER={channel}",
        Channel="PJSIP/op02",
        Context="operator",
        Exten="s",
        Priority="1",
        Timeout="5000",
        Async="true",
    )
    await until(lambda: any(text.startswith("BYE") for text in two.received))
    assert not any(text.startswith("BYE") for text in one.received)
    assert not call.ended.is_set()


async def test_a_caller_who_left_is_not_joined_to_anybody(switch: Switch) -> None:
    phone = await switch.phone("op02")
    carrier = await switch.agent(CARRIER)
    await switch.held(carrier)
    await switch.offer("PJSIP/carrier-ffffffff", "op02", "o000000000031", "o000000000031")
    await until(lambda: any(text.startswith("BYE") for text in phone.received))


@pytest.mark.parametrize(
    "dial",
    [
        "PJSIP/110@carrier",
        "PJSIP/119",
        "PJSIP/0101212@carrier",
        "PJSIP/0990123@carrier",
        "PJSIP/+12125551234@carrier",
        "Local/s@operator",
        "PJSIP/op02&PJSIP/op01",
        "",
    ],
)
async def test_the_way_out_refuses_what_the_rule_forbids(switch: Switch, dial: str) -> None:
    phone = await switch.phone("op02")
    carrier = await switch.agent(CARRIER)
    call, channel = await switch.held(carrier)
    await switch.actions.act("Setvar", Channel=channel, Variable="MDG_DIAL", Value=dial)
    await switch.actions.act(
        "Redirect", Channel=channel, Context="outward", Exten="s", Priority="1"
    )
    await until(lambda: "hold" in switch.scripts.names())
    await switch.waits(channel, "hold BridgeWait")
    assert not call.ended.is_set(), "the controller decides what the caller is told"
    assert phone.invites == []
    assert switch.witness.named("DialBegin") == []


async def test_the_way_out_reaches_an_allowed_entry(switch: Switch) -> None:
    phone = await switch.phone("op02")
    carrier = await switch.agent(CARRIER)
    call, channel = await switch.held(carrier)
    await switch.actions.act("Setvar", Channel=channel, Variable="MDG_DIAL", Value="PJSIP/op02")
    await switch.actions.act(
        "Redirect", Channel=channel, Context="outward", Exten="s", Priority="1"
    )
    await until(lambda: phone.invites)
    await switch.waits(channel, "lines Dial")
    carrier.hang_up(call)
    await switch.empties()


async def test_who_is_not_reached_on_the_way_out_is_told_by_the_controller(switch: Switch) -> None:
    async def later(conversation: Conversation, argument: str) -> None:
        await conversation.set_next("hold", MDG_DUE="9999999999")

    switch.scripts.ivr = later
    switch.scripts.hold = switch.scripts.announce  # hangs up
    phone = await switch.phone("op02")
    phone.answer_with = 486
    carrier = await switch.agent(CARRIER)
    call, channel = await switch.held(carrier)
    await switch.actions.act("Setvar", Channel=channel, Variable="MDG_DIAL", Value="PJSIP/op02")
    await switch.actions.act(
        "Redirect", Channel=channel, Context="outward", Exten="s", Priority="1"
    )
    await until(call.ended.is_set)
    assert phone.invites != []
    assert switch.scripts.names() == ["ivr", "hold"]


# -- without the controller -----------------------------------------------------------------------


async def test_a_dead_menu_server_is_tried_again_and_then_done_without(switch: Switch) -> None:
    began = asyncio.Event()

    async def stuck(conversation: Conversation, argument: str) -> None:
        began.set()
        await asyncio.sleep(60)

    switch.scripts.ivr = stuck
    one, two = await switch.agent(CARRIER), await switch.agent(CARRIER)
    phone = await switch.phone("op01")
    await one.call("0466501111")
    await asyncio.wait_for(began.wait(), 20.0)
    await switch.stop_serving()
    await asyncio.sleep(0.5)
    channel = switch.scripts.begun[0][1].channel
    switch.scripts.reset()
    await switch.serve()
    await switch.waits(channel, "hold BridgeWait")
    assert switch.scripts.names()[0] == "ivr"

    await switch.stop_serving()
    await two.call("0466502222")
    await until(lambda: phone.invites, 8.0)  # the static queue's only member
    await switch.serve()


async def test_where_nobody_serves_the_menu_that_was_named_the_other_one_is_tried(
    switch: Switch,
) -> None:
    """The dialplan knows every controller's address: it need not wait until a leader names one."""
    await switch.stop_serving()
    await switch.serve(elsewhere=True)
    try:
        carrier = await switch.agent(CARRIER)
        await carrier.call("0466501111")
        await until(lambda: switch.scripts.begun)
        await switch.waits(switch.scripts.begun[0][1].channel, "hold BridgeWait")
        assert switch.scripts.names()[0] == "ivr"
    finally:
        await switch.stop_serving()
        await switch.serve()


async def test_without_a_heartbeat_callers_reach_the_static_queue(switch: Switch) -> None:
    phone = await switch.phone("op01")
    phone.answer_with = 0
    carrier, later = await switch.agent(CARRIER), await switch.agent(CARRIER)
    _, channel = await switch.held(carrier)
    before = len(switch.scripts.begun)
    await switch.stop_beating()
    await switch.waits(channel, "fallback Queue", 8.0)
    call = await later.call("0466502222")
    assert call.status == 200, "who comes now is answered too"
    await until(lambda: phone.invites)
    shown = await switch.process.cli("queue show fallback")
    assert "PJSIP/carrier-" in shown
    assert "ivr" not in switch.scripts.names()[before:]
    record = switch.paths.run / "log" / "cel.csv"
    await until(lambda: "0466502222" in [c.dialled for c in read_cel([record]).calls.values()])
    await switch.beat()


async def test_whom_the_static_queue_has_connected_is_nobody_elses(switch: Switch) -> None:
    """A controller that came back late took the caller for one who waits, and rings somebody."""
    static, rung = await switch.phone("op01"), await switch.phone("op02")
    carrier = await switch.agent(CARRIER)
    call, channel = await switch.held(carrier)

    def said(event: str, name: str, value: str) -> bool:
        found = [each for each in switch.events.named(event) if each["Channel"] == channel]
        return any(each[name] == value for each in found)

    await switch.stop_beating()
    await switch.actions.act("Setvar", Variable="GLOBAL(MDG_BEAT)", Value="1")
    await until(lambda: said("BridgeEnter", "BridgeTechnology", "simple_bridge"))
    assert static.invites
    assert said("UserEvent", "UserEvent", "MdgAway")
    await switch.beat()
    await switch.offer(channel, "op02", "o000000000061", "o000000000061")
    await until(lambda: any(text.startswith("BYE") for text in rung.received))
    await switch.waits(channel, "fallback Queue")
    assert not any(text.startswith("BYE") for text in static.received)
    assert not call.ended.is_set()


async def test_an_offer_that_nobody_follows_up_holds_a_caller_only_so_long(switch: Switch) -> None:
    await switch.phone("op01")
    carrier = await switch.agent(CARRIER)
    _, channel = await switch.held(carrier)
    await switch.actions.act(
        "Setvar", Channel=channel, Variable="SHARED(MDG_OFFER)", Value="o000000000051"
    )
    await switch.stop_beating()
    await asyncio.sleep(switch.spec.beat_max_s + 4.0)
    await switch.waits(channel, "hold BridgeWait")  # an operator may still be about to answer
    await switch.waits(channel, "fallback Queue", switch.spec.offer_max_s + 2.0)
    await switch.beat()
