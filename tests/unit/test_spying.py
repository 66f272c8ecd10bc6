"""Hearing a talk on the switch: what is sent, on which release, and what the switch tells back."""

from __future__ import annotations

import pytest

from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.devices import Devices
from acd.adapters.asterisk.spying import Spying
from acd.adapters.asterisk.translate import Translator
from acd.core.commands_floor import SpyTalk, StopSpying, TurnSpy
from acd.core.ids import SpyId, SwitchId, offer_id, spy_id
from acd.core.inputs_floor import SpyLegGone, SpyMode
from acd.errors import ActionFailed
from tests.fakes.ami_events import whole

pytestmark = pytest.mark.requirement("M17")

PBX, SPY, OFFER = SwitchId("pbx"), spy_id(1), offer_id(7)


class Actions:
    """Stands for the session: answers where the operator's channel is, keeps what is sent."""

    def __init__(self, channel: str = "PJSIP/op1-00000007", hears: str = "") -> None:
        self.sent: list[str] = []
        self.values = {"CHANNEL(name)": channel, "MDG_SPY_HEARS": hears}

    async def call(self, action: Action, timeout_s: float) -> Message:
        self.sent.append(shown(action))
        value = self.values[dict(action.headers)["Variable"]]
        return Message(f"Response: Success\r\nVariable: x\r\nValue: {value}")

    async def send(self, wanted: tuple[Action, ...]) -> None:
        self.sent += [shown(action) for action in wanted]

    async def try_to(self, wanted: tuple[Action, ...]) -> bool:
        await self.send(wanted)
        return True


def shown(action: Action) -> str:
    return " ".join([action.name, *(f"{name}={value}" for name, value in action.headers)])


def spying(actions: Actions, version: str = "22.10.1") -> Spying:
    send, try_to = actions.send, actions.try_to
    made = Spying(lambda: actions, send, try_to, Devices())  # type: ignore[arg-type, return-value]
    made.met(version)
    return made


async def test_a_phone_is_rung_for_the_full_name_of_the_operators_channel() -> None:
    actions = Actions()
    await spying(actions).carry_out(SpyTalk(SPY, PBX, "boss", OFFER, SpyMode.WHISPER))
    assert actions.sent == [
        "Getvar Channel=mdg-o000000000007 Variable=CHANNEL(name)",
        "Originate Channel=PJSIP/boss ChannelId=mds-s000000000001 Context=spy Exten=s Priority=1"
        ' Timeout=20000 CallerID="Anonymous" <anonymous>'
        " Variable=MDG_SPY_ON=PJSIP/op1-00000007 Variable=MDG_SPY_HOW=whisper Async=true",
    ]


async def test_a_leg_that_is_there_is_turned() -> None:
    actions = Actions(hears="yes")
    await spying(actions).carry_out(TurnSpy(SPY, PBX, OFFER, SpyMode.BARGE))
    assert actions.sent[1:] == [
        "Setvar Channel=mds-s000000000001 Variable=MDG_SPY_ON Value=PJSIP/op1-00000007",
        "Setvar Channel=mds-s000000000001 Variable=MDG_SPY_HOW Value=barge",
        "Getvar Channel=mds-s000000000001 Variable=MDG_SPY_HEARS",
        "Redirect Channel=mds-s000000000001 Context=spy Exten=s Priority=1",
    ]


async def test_a_phone_that_still_rings_only_learns_what_it_is_to_hear() -> None:
    actions = Actions()
    await spying(actions).carry_out(TurnSpy(SPY, PBX, OFFER, SpyMode.BARGE))
    assert [line.split()[0] for line in actions.sent] == ["Getvar", "Setvar", "Setvar", "Getvar"]


async def test_a_leg_is_hung_up_by_its_own_name() -> None:
    actions = Actions()
    await spying(actions, "22.11.0").carry_out(StopSpying(SPY, PBX))
    assert actions.sent == ["Hangup Channel=mds-s000000000001 Cause=16"]


@pytest.mark.parametrize(
    ("version", "proven_on", "allowed"),
    [
        ("22.10.1", "", True),
        ("22.11.0", "", False),
        ("22.11.0", "22.11.0", True),
        ("22.11.1", "22.11.0", False),
        ("20.16.0", "", False),
        ("", "", False),
    ],
)
async def test_only_a_release_that_is_proven_lets_talks_be_heard(
    version: str, proven_on: str, allowed: bool
) -> None:
    actions = Actions()
    made = spying(actions, version)
    made.proven_on = proven_on
    assert made.allowed is allowed
    if not allowed:
        with pytest.raises(ActionFailed) as refused:
            await made.carry_out(SpyTalk(SPY, PBX, "boss", OFFER, SpyMode.LISTEN))
        assert refused.value.code == "spying_unproven"
        assert actions.sent == []


@pytest.mark.parametrize("name", ["", "(null)", "PJSIP/op1-1&PJSIP/op2-2", "PJSIP/a,qB", "x"])
async def test_a_name_that_is_none_is_not_handed_to_the_dialplan(name: str) -> None:
    with pytest.raises(ActionFailed):
        await spying(Actions(name)).carry_out(SpyTalk(SPY, PBX, "boss", OFFER, SpyMode.LISTEN))


@pytest.mark.parametrize("device", ["boss&op1", "boss,q", "", "a b"])
async def test_a_device_that_is_none_is_not_rung(device: str) -> None:
    with pytest.raises(ActionFailed):
        await spying(Actions()).carry_out(SpyTalk(SPY, PBX, device, OFFER, SpyMode.LISTEN))


def test_a_supervisors_leg_is_no_caller() -> None:
    gone = whole("Hangup", Uniqueid="mds-s000000000001", Channel="PJSIP/boss-1", Cause="16")
    assert Translator().feed(Message(gone)) == [SpyLegGone(SpyId("s000000000001"))]
    refused = whole("OriginateResponse", Uniqueid="mds-s000000000001", Response="Failure")
    assert Translator().feed(Message(refused)) == [SpyLegGone(SpyId("s000000000001"))]
    made = whole("OriginateResponse", Uniqueid="mds-s000000000001", Response="Success")
    assert Translator().feed(Message(made)) == []
