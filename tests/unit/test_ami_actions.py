"""Core commands → manager actions: what is sent, in which order, and what is refused."""

from __future__ import annotations

import msgspec
import pytest

from acd.adapters.asterisk.actions import actions_for, beat, hush, ring
from acd.adapters.asterisk.codec import Action, encode
from acd.core.commands import (
    CallCommand,
    CancelOffer,
    DialTarget,
    HangUpCaller,
    HangUpLeg,
    HoldCaller,
    OfferCall,
    PlayAnnouncement,
)
from acd.core.ids import AgentId, CallId, QueueId, SwitchId, offer_id
from acd.errors import ActionFailed

CALL, PBX = CallId("1700000000.5"), SwitchId("pbx")
CHANNEL = "PJSIP/carrier-00000006"
OFFER = OfferCall(offer_id(1), CALL, AgentId("a1"), PBX, CHANNEL, "op1", 15.0, QueueId("tax"), "q")


def shown(action: Action) -> str:
    return " ".join([action.name, *(f"{name}={value}" for name, value in action.headers)])


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (OFFER, [f"Setvar Channel={CHANNEL} Variable=SHARED(MDG_OFFER) Value=o000000000001"]),
        (
            CancelOffer(offer_id(1), CALL, PBX, CHANNEL),
            [
                f"Setvar Channel={CHANNEL} Variable=SHARED(MDG_OFFER) Value=",
                "Hangup Channel=mdg-o000000000001 Cause=16",
            ],
        ),
        (
            HoldCaller(CALL, PBX, CHANNEL),
            [
                f"Setvar Channel={CHANNEL} Variable=SHARED(MDG_OFFER) Value=",
                f"Redirect Channel={CHANNEL} Context=hold Exten=s Priority=1",
            ],
        ),
        (
            DialTarget(CALL, PBX, CHANNEL, "tax", "PJSIP/0312345678@carrier"),
            [
                f"Setvar Channel={CHANNEL} Variable=MDG_MORE Value=",
                f"Setvar Channel={CHANNEL} Variable=MDG_PATIENCE Value=0",
                f"Setvar Channel={CHANNEL} Variable=MDG_DIAL Value=PJSIP/0312345678@carrier",
                f"Redirect Channel={CHANNEL} Context=outward Exten=s Priority=1",
            ],
        ),
        (
            PlayAnnouncement(CALL, PBX, CHANNEL, "closed"),
            [
                f"Setvar Channel={CHANNEL} Variable=MDG_ANNOUNCEMENT Value=closed",
                f"Redirect Channel={CHANNEL} Context=announce Exten=s Priority=1",
            ],
        ),
        (HangUpCaller(CALL, PBX, CHANNEL), [f"Hangup Channel={CHANNEL} Cause=16"]),
        (HangUpLeg(offer_id(1), PBX), ["Hangup Channel=mdg-o000000000001 Cause=16"]),
    ],
)
def test_what_is_sent(command: CallCommand, expected: list[str]) -> None:
    assert [shown(action) for action in actions_for(command)] == expected


def test_a_ring_names_leg_caller_and_prompt_and_outlasts_the_engines_timer() -> None:
    headers = ring(OFFER, "0312345678").headers
    values = dict(headers)
    assert values["Channel"] == "PJSIP/op1"
    assert values["ChannelId"] == "mdg-o000000000001"
    assert values["CallerID"] == "<0312345678>"
    assert values["Async"] == "true"
    assert int(values["Timeout"]) > 15_000
    assert [value for name, value in headers if name == "Variable"] == [
        "MDG_OFFER=o000000000001",
        f"MDG_CALLER={CHANNEL}",
        "MDG_ANNOUNCE=q",
        "MDG_AGENT=a1",
        "MDG_QUEUE=tax",
    ]


@pytest.mark.parametrize(
    ("announce", "outside", "begins"),
    [
        ("q", "", ("operator", "announced")),
        ("", "", ("operator", "s")),
        # Who must press a key first hears the prompt after it: [confirm] sees to that.
        ("q", "PJSIP/0312345678@carrier", ("confirm", "s")),
    ],
)
def test_who_is_to_hear_a_prompt_begins_where_it_is_played(
    announce: str, outside: str, begins: tuple[str, str]
) -> None:
    command = msgspec.structs.replace(OFFER, announce=announce, outside=outside)
    sent = dict(ring(command, "").headers)
    assert (sent["Context"], sent["Exten"]) == begins


def test_a_recording_is_named_by_an_id_of_ours_and_nothing_else() -> None:
    assert ("Variable", f"MDG_RECORDING={'0a' * 16}") in ring(OFFER, "", "0a" * 16).headers
    for evil in ("../x", "0a" * 16 + "/x", "0466123456", "a,b", "${X}"):
        with pytest.raises(ActionFailed):
            ring(OFFER, "", evil)


def test_a_recording_is_hushed_on_both_sides_of_the_leg() -> None:
    leg = "MixMonitorMute Channel=mdg-o000000000001 Direction=both"
    assert shown(hush(OFFER.offer, True)) == f"{leg} State=1"
    assert shown(hush(OFFER.offer, False)) == f"{leg} State=0"


@pytest.mark.requirement("M7")
def test_a_caller_without_a_number_is_shown_as_anonymous() -> None:
    assert dict(ring(OFFER, "").headers)["CallerID"] == '"Anonymous" <anonymous>'


def test_the_heartbeat_is_a_global_variable() -> None:
    assert shown(beat(1795363371)) == "Setvar Variable=GLOBAL(MDG_BEAT) Value=1795363371"


@pytest.mark.requirement("M25")
@pytest.mark.parametrize("evil", ["op1,evil=1", "op1&PJSIP/op2", "../op1", "", "a\r\nX: 1", "窓"])
def test_a_device_that_no_phone_can_have_is_refused(evil: str) -> None:
    with pytest.raises(ActionFailed):
        ring(msgspec.structs.replace(OFFER, device=evil), "")


@pytest.mark.requirement("M25")
@pytest.mark.parametrize("evil", ["all", "PJSIP/a,b", "PJSIP/a b", "", "PJSIP/a\nb", "/PJSIP/.*/"])
def test_a_channel_that_the_switch_cannot_have_is_refused(evil: str) -> None:
    with pytest.raises(ActionFailed):
        actions_for(HangUpCaller(CALL, PBX, evil))


@pytest.mark.requirement("M25")
@pytest.mark.parametrize("evil", ["Local/x@from-trunk,n", "PJSIP/1&PJSIP/2", "System(reboot)", ""])
def test_a_dial_string_with_more_than_one_target_is_refused(evil: str) -> None:
    with pytest.raises(ActionFailed):
        actions_for(DialTarget(CALL, PBX, CHANNEL, "x", evil))


def test_every_action_fits_the_switchs_lines() -> None:
    long = msgspec.structs.replace(OFFER, channel="PJSIP/" + "x" * 120, announce="y" * 120)
    for action in (*actions_for(long), ring(long, "0" * 32)):
        assert encode(action, "m1")
