"""Trunks as carriers need them: by registration, with session timers, and with dead lines ended."""

from __future__ import annotations

import asyncio
import math
import re
import socket
import struct
import time

import pytest

from acd.adapters.asterisk.conf_trunks import RegistrationSpec, TrunkSpec
from acd.ports import Conversation
from sim.load.sound import mulaw
from tests.e2e.raw_sip import RawSip, header, proves
from tests.e2e.switch_kit import (
    CARRIER,
    NARROW_CARRIER,
    PHONES_AT,
    SILENT_CARRIER,
    Switch,
    running_switch,
    until,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Where the registrar is: no trunk is known by this address.
REGISTRAR = "127.0.0.7"
SECRET = "se;cr#et[1]"


async def test_a_session_timer_that_the_carrier_asks_for_is_kept(switch: Switch) -> None:
    carrier = await switch.agent(CARRIER)
    asked = ("Supported: timer", "Session-Expires: 600;refresher=uas", "Min-SE: 90")
    call = await carrier.call("0466501111", *asked)
    assert call.status == 200
    assert header(call.answer, "Session-Expires") == "600;refresher=uas"


async def test_a_session_timer_that_would_flood_us_is_refused(switch: Switch) -> None:
    carrier = await switch.agent(CARRIER)
    call = await carrier.call("0466501111", "Supported: timer", "Session-Expires: 5")
    assert call.status == 422
    assert header(call.answer, "Min-SE") == "90"


async def test_a_line_without_sound_is_ended(switch: Switch) -> None:
    carrier = await switch.agent(SILENT_CARRIER)
    call = await carrier.call("0466501111")
    assert call.status == 200
    began = time.monotonic()
    await until(call.ended.is_set, 6.0)
    assert time.monotonic() - began > 0.9
    await switch.empties()


async def test_one_caller_too_many_for_a_trunk_hears_congestion(switch: Switch) -> None:
    carrier = await switch.agent(NARROW_CARRIER)
    first, second = await carrier.call("0466501111"), await carrier.call("0466501111")
    assert (first.status, second.status) == (200, 200)
    third = await carrier.call("0466501112")
    assert third.status == 503
    await until(lambda: [m for m in switch.events.named("Hangup") if m["Context"] == "full"])
    [refused] = [m for m in switch.events.named("Hangup") if m["Context"] == "full"]
    assert (refused["AccountCode"], refused["Cause"]) == ("0466501112", "34")
    other = await switch.agent(CARRIER)
    assert (await other.call("0466501111")).status == 200, "other trunks have their own limit"
    carrier.hang_up(first)
    end = time.monotonic() + 5.0
    while len(await switch.channels()) > 2:
        assert time.monotonic() < end
    assert (await carrier.call("0466501111")).status == 200, "a channel is free again"


async def test_a_line_is_offered_mu_law_and_nothing_else(switch: Switch) -> None:
    carrier = await switch.agent(CARRIER)
    call = await carrier.call("0466501111")
    media = next(line for line in call.answer.split("\r\n") if line.startswith("m=audio"))
    assert re.fullmatch(r"m=audio \d+ RTP/AVP 0", media), media


async def test_keys_are_heard_in_the_sound_where_a_carrier_offers_no_events(
    switch: Switch,
) -> None:
    keys: list[str] = []

    async def listens(conversation: Conversation, argument: str) -> None:
        keys.append(await conversation.wait_key(4.0))
        await conversation.set_next("hold", MDG_DUE="9999999999")

    switch.scripts.ivr = listens
    carrier = await switch.agent(CARRIER)
    call = await carrier.call("0466501111")  # its SDP offers µ-law and no telephone-event
    media = re.search(r"^m=audio (\d+)", call.answer, re.MULTILINE)
    assert media is not None
    await _send_sound((PHONES_AT, int(media[1])), lows=(770.0, 0.0), highs=(1477.0, 0.0))
    await until(lambda: keys)
    assert keys == ["6"]


async def _send_sound(
    to: tuple[str, int], lows: tuple[float, ...], highs: tuple[float, ...]
) -> None:
    """Send RTP in real time: for each pair 200 ms of the two tones (0 Hz is silence)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((CARRIER, 0))
        clock = 0
        for low, high in zip(lows, highs, strict=True):
            for _ in range(10):
                samples = range(clock, clock + 160)
                sound = bytes(
                    mulaw(
                        round(8000 * sum(math.sin(math.tau * hz * n / 8000) for hz in (low, high)))
                    )
                    for n in samples
                )
                head = struct.pack("!BBHII", 0x80, 0, clock // 160, clock, 7)
                line.sendto(head + sound, to)
                clock += 160
                await asyncio.sleep(0.02)


async def test_a_trunk_by_registration_registers_and_is_known_by_its_line() -> None:
    registrar = await RawSip.open((PHONES_AT, 9), REGISTRAR)
    where = f"{REGISTRAR}:{registrar.port}"
    trunk = TrunkSpec(
        "registered",
        contact=f"sip:{where}",
        registration=RegistrationSpec(
            f"sip:{where}", f"sip:0466001111@{where}", "0466001111", SECRET
        ),
    )
    async with running_switch(trunks=(trunk,)) as switch:
        registrar.server = (PHONES_AT, switch.spec.sip_port)
        await until(lambda: len(registrar.registrations) >= 2, 10.0)
        proof = registrar.registrations[-1]
        assert 'username="0466001111"' in header(proof, "Authorization")
        assert proves(proof, SECRET)
        line = re.search(r";line=\w+", header(proof, "Contact"))
        assert line is not None
        call = await registrar.call("s", uri_parameters=line[0], to="<sip:0466001111@x.invalid>")
        assert call.status == 200
        await until(lambda: switch.scripts.begun)
        assert switch.scripts.begun[0][1].trunk == "registered"
        assert switch.scripts.begun[0][1].dialled == "0466001111"
        for other in ("", ";line=abcdefg"):
            stranger = await registrar.call("s", uri_parameters=other)
            assert stranger.status == 401
    registrar.close()
