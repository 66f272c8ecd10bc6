"""A sweep over the switch's channels, read from what a real one answered."""

from __future__ import annotations

from acd.adapters.asterisk.codec import Message
from acd.adapters.asterisk.sweeping import Sweep, read_sweep, trunk_of
from acd.core.ids import CallId, OfferId
from acd.core.inputs import Caller, CallerKind
from acd.ports import ChannelSeen

ROW = (
    "Event: Status\r\nPrivilege: Call\r\nChannel: {channel}\r\nChannelState: 6\r\n"
    "ChannelStateDesc: {state}\r\nCallerIDNum: {number}\r\nCallerIDName: {name}\r\n"
    "ConnectedLineNum: <unknown>\r\nConnectedLineName: <unknown>\r\nLanguage: en\r\n"
    "AccountCode: \r\nContext: {context}\r\nExten: s\r\nPriority: 1\r\nUniqueid: {unique}\r\n"
    "Linkedid: {linked}\r\nType: PJSIP\r\nDNID: \r\nEffectiveConnectedLineNum: <unknown>\r\n"
    "EffectiveConnectedLineName: <unknown>\r\nTimeToHangup: 0\r\nBridgeID: {bridge}\r\n"
    "Application: BridgeWait\r\nData: madoguchi\r\nSeconds: 12\r\n"
    "Variable: MDG_DIALLED={dialled}\r\nVariable: MDG_CALLER={caller}\r\n"
    "Variable: SHARED(MDG_OFFER)={token}\r\nVariable: CALLERID(num-pres)={pres}\r\nActionID: x-8"
)
WAITING = Message(
    "Event: BridgeListItem\r\nActionID: x-9\r\nBridgeUniqueid: w1\r\nBridgeType: base\r\n"
    "BridgeTechnology: holding_bridge\r\nBridgeName: madoguchi"
)
TALK = Message("Event: BridgeListItem\r\nBridgeUniqueid: t1\r\nBridgeTechnology: simple_bridge")


def row(unique: str, **given: str) -> Message:
    values = {
        "channel": "PJSIP/carrier-00000006",
        "state": "Up",
        "number": "0312345678",
        "name": "<unknown>",
        "context": "hold",
        "linked": unique,
        "bridge": "",
        "dialled": "0570012345",
        "pres": "allowed_not_screened",
        "caller": "(null)",
        "token": "(null)",
    } | given
    return Message(ROW.format(unique=unique, **values))


def look(*rows: Message) -> Sweep:
    end = Message("Event: StatusComplete\r\nEventList: Complete")
    return read_sweep([*rows, end], [WAITING, TALK])


def swept(*rows: Message) -> list[ChannelSeen]:
    return look(*rows).channels


def test_a_waiting_caller() -> None:
    assert swept(row("1.5", bridge="w1")) == [
        ChannelSeen(
            channel="PJSIP/carrier-00000006",
            unique_id="1.5",
            call=CallId("1.5"),
            offer=None,
            answered=True,
            held=True,
            bridge="w1",
            age_s=12.0,
            where="hold",
            dialled="0570012345",
            caller=Caller(CallerKind.NUMBER, "0312345678"),
            trunk="carrier",
        )
    ]


def test_a_talk_is_not_waiting_although_the_application_is_the_same() -> None:
    caller, leg = swept(
        row("1.5", bridge="t1"),
        row("mdg-o000000000001", bridge="t1", linked="1.5", channel="PJSIP/op1-00000007"),
    )
    assert (caller.held, caller.bridge) == (False, "t1")
    assert (leg.offer, leg.call, leg.bridge) == (OfferId("o000000000001"), None, "t1")


def test_a_ringing_leg_is_not_answered() -> None:
    (leg,) = swept(row("mdg-o000000000001", state="Ringing", context="from-operator"))
    assert not leg.answered


def test_a_withheld_or_unknown_number_is_not_taken() -> None:
    for given, kind in (
        ({"name": "Anonymous", "number": "<unknown>"}, CallerKind.WITHHELD),
        ({"pres": "prohib", "number": "0312345678"}, CallerKind.WITHHELD),
        ({"name": "Coin line/payphone", "number": "<unknown>"}, CallerKind.PAYPHONE),
        ({"number": "<unknown>"}, CallerKind.UNAVAILABLE),
    ):
        (seen,) = swept(row("1.5", **given))
        assert seen.caller == Caller(kind)


def test_an_unset_variable_is_none() -> None:
    (seen,) = swept(row("1.5", dialled="(null)"))
    assert seen.dialled == ""


def test_others_are_left_out() -> None:
    assert not swept(
        row("1.6", context="from-operator"),
        row("1.7", linked="1.5", channel="PJSIP/carrier-0000000a"),
        row("1.8", channel="Surrogate/PJSIP/carrier-00000006"),
        row("1.9", channel="Local/1@hold-00000001;1"),
        row("1.10", number="1\r\nUniqueid: 1.5"),
        Message("Event: Status\r\nPrivilege: Call\r\nChannel: x\r\nCallerIDNum: "),
    )


def test_a_trunks_name_may_have_a_hyphen() -> None:
    assert trunk_of("PJSIP/ntt-east-0000001f") == "ntt-east"
    assert trunk_of("nonsense") == ""


def test_a_token_whose_leg_is_gone_is_stale() -> None:
    leg = "mdg-o000000000001"
    sweep = look(
        row("1.5", channel="PJSIP/carrier-05", token="o000000000001", bridge="w1"),
        row("1.6", channel="PJSIP/carrier-06", token="o000000000002", bridge="w1"),
        row("1.7", channel="PJSIP/carrier-07", token="connected", bridge="t1"),
        row("1.8", channel="PJSIP/carrier-08", token="", bridge="w1"),
        row(leg, channel="PJSIP/op1-09", caller="PJSIP/carrier-05", state="Ringing"),
    )
    assert sweep.stale == ["PJSIP/carrier-06"]
    assert sweep.rung_for == {OfferId("o000000000001"): "PJSIP/carrier-05"}
