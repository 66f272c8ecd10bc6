"""Numbers on a real Asterisk: what is told, what is withheld, what is hostile."""

from __future__ import annotations

import re

import pytest

from acd.adapters.asterisk.translate import REQUIRED_EVENTS
from acd.core.inputs import CallerKind
from tests.e2e.switch_kit import (
    CARRIER,
    TRUSTED_CARRIER,
    Switch,
    until,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET_NUMBER = "0466998877"

WITHHELD = '"Anonymous" <sip:anonymous@anonymous.invalid>'
SHOWN = f'"Yamada" <sip:{SECRET_NUMBER}@carrier.invalid>'
ASSERTED = f"P-Asserted-Identity: <sip:{SECRET_NUMBER}@carrier.invalid>"


@pytest.mark.requirement("M7")
@pytest.mark.parametrize("host", [CARRIER, TRUSTED_CARRIER])
@pytest.mark.parametrize(
    ("caller", "headers"),
    [
        (WITHHELD, (ASSERTED, "Privacy: id")),
        (SHOWN, (ASSERTED, "Privacy: id")),
        (SHOWN, (ASSERTED, "Privacy: id;user")),
        (SHOWN, (ASSERTED, "Privacy: user; ID ;critical")),
        (
            WITHHELD,
            (f"Remote-Party-ID: <sip:{SECRET_NUMBER}@x.invalid>;privacy=full", "Privacy: id"),
        ),
    ],
)
async def test_a_withheld_number_is_found_nowhere(
    switch: Switch, host: str, caller: str, headers: tuple[str, ...]
) -> None:
    carrier = await switch.agent(host)
    call = await carrier.call("0466501111", *headers, caller=caller)
    assert call.status == 200
    await until(lambda: switch.scripts.begun)
    info = switch.scripts.begun[0][1]
    assert (info.caller.kind, info.caller.number) == (CallerKind.WITHHELD, "")
    await switch.waits(info.channel, "hold BridgeWait")
    number = SECRET_NUMBER
    assert number not in await switch.process.cli(f"core show channel {info.channel}")
    swept = len(switch.actions.events)
    await switch.actions.act("Status")
    await until(lambda: any(e["Event"] == "StatusComplete" for e in switch.actions.events[swept:]))
    assert number not in str(switch.actions.events[swept:])
    carrier.hang_up(call)
    await until(lambda: any(e["Uniqueid"] == info.call for e in switch.events.named("Hangup")))
    await until(lambda: '"HANGUP"' in switch.cel() and info.call in switch.cel())
    assert number.encode() not in switch.events.raw
    assert number.encode() not in switch.written()


@pytest.mark.requirement("M7")
@pytest.mark.parametrize(
    ("caller", "kind", "number"),
    [
        ('"Taro" <sip:0466112233@x.invalid>', CallerKind.NUMBER, "0466112233"),
        ("<sip:+81466112233@x.invalid>", CallerKind.NUMBER, "+81466112233"),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>', CallerKind.WITHHELD, ""),
        ('"Coin line/payphone" <sip:anonymous@x.invalid>', CallerKind.PAYPHONE, ""),
        ('"Interaction with other service" <sip:x@x.invalid>', CallerKind.UNAVAILABLE, ""),
        ('"Unavailable" <sip:x@x.invalid>', CallerKind.UNAVAILABLE, ""),
        ("<sip:x.invalid>", CallerKind.UNAVAILABLE, ""),
    ],
)
async def test_what_the_network_says_of_the_caller_is_understood(
    switch: Switch, caller: str, kind: CallerKind, number: str
) -> None:
    carrier = await switch.agent(CARRIER)
    call = await carrier.call("0466501111", caller=caller)
    assert call.status == 200
    await until(lambda: switch.scripts.begun)
    assert switch.scripts.begun[0][1].caller.kind is kind
    assert switch.scripts.begun[0][1].caller.number == number


@pytest.mark.requirement("M8")
@pytest.mark.parametrize(
    ("request_uri", "to", "dialled"),
    [
        ("0466501111", "<sip:0466509999@city.invalid>", "0466509999"),
        ("madoguchi", "<sip:+81466501111@city.invalid;user=phone>", "+81466501111"),
        ("s", '"0120 <1>" <sip:0466501111@city.invalid>', "0466501111"),
        ("s", '"City Hall, Fujisawa" <sip:0466501111@city.invalid>', "0466501111"),
        ("0466501111", "sip:0466502222@city.invalid", "0466502222"),
        ("s", '"Fujisawa, 99 <sip:1@x.invalid>" <sip:0466501111@city.invalid>', "0466501111"),
        ("0466501111", "<sip:127.0.0.1:5060>", ""),
        ("0466501111", "<sip:city.invalid>", ""),
        ("0466501111", "<sip:no-such@city.invalid>", ""),
    ],
)
async def test_the_number_dialled_is_that_of_to_and_no_number_is_refused(
    switch: Switch, request_uri: str, to: str, dialled: str
) -> None:
    carrier = await switch.agent(CARRIER)
    call = await carrier.call(request_uri, to=to)
    assert call.status == 200
    await until(lambda: switch.scripts.begun)
    assert switch.scripts.begun[0][1].dialled == dialled
    assert switch.scripts.begun[0][1].trunk == "carrier"


@pytest.mark.requirement("M25")
@pytest.mark.parametrize(
    "evil",
    [
        "1\r\nagi_arg_2: x\r\n\r\n",
        "1\r\nagi_uniqueid: 9\r\n",
        "1\r\nEvent: Hangup\r\nUniqueid: 9\r\n\r\nEvent: Hangup\r\nUniqueid: 9\r\n\r\n",
        '";$(id)`id`|${SHELL(id)}',
        "1' OR ''='<script>",
        "${GLOBAL(MDG_BEAT)}",
        "0466)},System(id)",
        "0466&PJSIP/op01",
        "1" * 300,
        "\x00\x7f\xff",
    ],
)
async def test_hostile_names_and_numbers_change_nothing(switch: Switch, evil: str) -> None:
    user = "0" + "".join(f"%{byte:02x}" for byte in evil.encode("latin-1"))
    name = re.sub(r'[\x00-\x1f\x7f"\\]', "?", evil)
    carrier = await switch.agent(CARRIER)
    call = await carrier.call(
        user,
        f"Privacy: {name}",
        caller=f'"{name}" <sip:{user}@x.invalid>',
        to=f'"{name}" <sip:{user}@x.invalid>',
    )
    assert call.status in (200, 400, 404), "answered, or not even a call"
    if call.status != 200:
        return
    await until(lambda: switch.scripts.begun)
    script, info, argument = switch.scripts.begun[0]
    assert (script, argument) == ("ivr", "")
    assert info.call != "9"
    assert re.fullmatch(r"[0-9]{0,20}", info.caller.number)
    assert re.fullmatch(r"[0-9+*#]{0,40}", info.dialled)
    await switch.waits(info.channel, "hold BridgeWait")
    carrier.hang_up(call)
    await until(lambda: any(e["Uniqueid"] == info.call for e in switch.events.named("Hangup")))
    assert {each["Event"] for each in switch.events.events} <= {*REQUIRED_EVENTS, "FullyBooted"}
    assert [each for each in switch.events.events if each.get("Uniqueid") == "9"] == []
