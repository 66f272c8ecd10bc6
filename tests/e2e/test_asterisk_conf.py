"""``asterisk-conf/`` on a real Asterisk: what is loaded, what listens, and who may come in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from acd.adapters.asterisk import proctree
from acd.adapters.asterisk.translate import REQUIRED_EVENTS
from tests.e2e.raw_sip import RawSip
from tests.e2e.switch_kit import (
    CARRIER,
    PHONES_AT,
    STRANGER,
    Ami,
    Switch,
    until,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET_NUMBER = "0466998877"


# -- what is there ------------------------------------------------------------------------------


async def test_every_module_of_the_list_runs_and_no_other(switch: Switch) -> None:
    text = (switch.paths.etc / "modules.conf").read_text(encoding="utf-8")
    listed = set(re.findall(r"^(?:pre)?load = (\S+)", text, re.MULTILINE))
    shown = await switch.process.cli("module show like .so")
    running = {
        line.split()[0] for line in shown.splitlines() if re.search(r"\.so .* Running ", line)
    }
    assert running == listed


async def test_it_starts_without_a_single_warning(shared_switch: Switch) -> None:
    # Other tests make it warn; what counts is what it said before the first call.
    text = (shared_switch.paths.run / "log" / "messages.log").read_text(encoding="utf-8")
    early = [line for line in text.splitlines() if re.match(r"\[.{23}\] (WARNING|ERROR)", line)]
    assert [line for line in early if "[C-" not in line and "loader" in line] == []
    assert not re.search(r"(Could not find|Unable to load|Failed to load|declined)", text), text


async def test_it_listens_on_loopback_only(switch: Switch) -> None:
    carrier = await switch.agent(CARRIER)
    await switch.held(carrier)  # a call opens RTP sockets
    outside = _open_sockets(switch, loopback=False)
    assert [each for each in outside if each[0].startswith("tcp")] == []
    # The SIP library's DNS client has a socket of its own for each family. Nothing answers there.
    assert len(outside) <= 2
    for protocol, port in outside:
        if protocol == "udp":
            probe = await RawSip.open((PHONES_AT, port), CARRIER)
            assert (await probe.call("0466501111", within_s=0.3)).status == 0
            probe.close()
    inside = _open_sockets(switch, loopback=True)
    assert ("tcp", switch.spec.ami_port) in inside
    assert ("udp", switch.spec.sip_port) in inside
    rtp = range(switch.spec.rtp_first, switch.spec.rtp_last + 1)
    assert any(protocol == "udp" and port in rtp for protocol, port in inside)


def _open_sockets(switch: Switch, *, loopback: bool) -> list[tuple[str, int]]:
    """Protocol and port of listening TCP and unconnected UDP sockets of Asterisk."""
    assert switch.process.pid is not None
    inodes = set[str]()
    for pid in proctree.tree(switch.process.pid):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found = []
    for protocol in ("tcp", "udp", "tcp6", "udp6"):
        for line in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]:
            fields = line.split()
            address, _, port = fields[1].partition(":")
            waiting = fields[3] == ("0A" if protocol.startswith("tcp") else "07")
            if fields[9] in inodes and waiting and (address == "0100007F") is loopback:
                found.append((protocol, int(port, 16)))
    return found


async def test_the_accounts_have_the_privileges_of_their_work_and_no_more(switch: Switch) -> None:
    refused = [
        await switch.events.act("Setvar", Variable="GLOBAL(MDG_BEAT)", Value="1"),
        await switch.actions.act("Command", Command="core show version"),
        await switch.actions.act("UpdateConfig", SrcFilename="x", DstFilename="x"),
        await switch.actions.act("Reload"),
        await switch.actions.act("DBPut", Family="a", Key="b", Val="c"),
        await switch.actions.act(
            "Originate", Channel="PJSIP/op01", Application="System", Data="id", Async="true"
        ),
        await switch.actions.act("Setvar", Variable="SHELL(id)", Value="x"),
    ]
    assert [answer["Response"] for answer in refused] == ["Error"] * len(refused)


async def test_an_account_with_a_wrong_secret_is_refused(switch: Switch) -> None:
    with pytest.raises(AssertionError, match="Authentication failed"):
        await Ami.open(switch.spec.ami_port, switch.spec.ami_actions_user, "x" * 20)


async def test_only_the_events_that_are_needed_leave_the_server(switch: Switch) -> None:
    await switch.phone("op02")
    carrier = await switch.agent(CARRIER)
    call, channel = await switch.held(carrier)
    await switch.offer(channel, "op02", "o000000000100", "o000000000100")
    await switch.waits(channel, "hold BridgeWait")
    await until(lambda: switch.events.named("OriginateResponse"))
    await until(lambda: len(switch.events.named("BridgeEnter")) >= 3)
    carrier.hang_up(call)
    await until(lambda: len(switch.events.named("Hangup")) >= 2)
    names = {each["Event"] for each in switch.events.events}
    assert names <= {*REQUIRED_EVENTS, "FullyBooted"}
    assert names >= {"BridgeEnter", "Hangup", "HangupRequest", "OriginateResponse"}
    assert "ChanVariable" not in switch.witness.raw.decode("utf-8", "replace")
    assert switch.witness.named("TestEvent") == []
    assert [each for each in switch.actions.events if each["Event"] != "FullyBooted"] == []


# -- who may come in ----------------------------------------------------------------------------


async def test_a_stranger_is_refused_and_leaves_no_trace(switch: Switch) -> None:
    stranger = await switch.agent(STRANGER)
    call = await stranger.call("0466501111", caller=f"<sip:{SECRET_NUMBER}@x.invalid>")
    assert call.status == 401
    assert await switch.channels() == []
    assert SECRET_NUMBER.encode() not in switch.written()
    assert switch.scripts.begun == []


async def test_a_phone_registers_with_its_own_secret_only(switch: Switch) -> None:
    phone = await switch.agent(PHONES_AT)
    right = {each.name: each.secret for each in switch.spec.phones}
    assert await phone.register("op03", "x" * 32) in (401, 403)
    assert await phone.register("op03", right["op01"]) in (401, 403)
    assert await phone.register("op03", right["op03"]) == 200


async def test_a_caller_who_takes_a_phones_name_gets_nowhere(switch: Switch) -> None:
    carrier = await switch.agent(CARRIER)
    call = await carrier.call("0466501111", caller="<sip:op01@carrier.invalid>")
    assert call.status == 401
    assert switch.scripts.begun == []


@pytest.mark.parametrize(
    "number",
    ["op02", "*43", "PJSIP/op02", "110", "0312345678%40carrier", "s", "outward", "operator"],
)
async def test_nothing_that_a_trunk_sends_dials_out(switch: Switch, number: str) -> None:
    phone = await switch.phone("op02")
    carrier = await switch.agent(CARRIER)
    call = await carrier.call(number)
    if call.status == 200:
        await until(lambda: switch.scripts.begun)
        await switch.waits(switch.scripts.begun[0][1].channel, "hold BridgeWait")
        assert len(await switch.channels()) == 1
    assert phone.invites == []


async def test_a_trunk_may_not_transfer(switch: Switch) -> None:
    phone = await switch.phone("op02")
    carrier = await switch.agent(CARRIER)
    call, channel = await switch.held(carrier)
    carrier.refer(call, f"sip:op02@{PHONES_AT}")
    await until(lambda: [text for text in carrier.received if "3 REFER" in text])
    answer = next(text for text in carrier.received if "3 REFER" in text)
    assert int(answer.split(" ", 2)[1]) >= 400
    assert await switch.where(channel) == "hold BridgeWait"
    assert phone.invites == []


async def test_a_phone_reaches_its_echo_and_nothing_else(switch: Switch) -> None:
    phone = await switch.agent(PHONES_AT)
    secret = next(each.secret for each in switch.spec.phones if each.name == "op03")
    assert await phone.register("op03", secret) == 200
    echo = await phone.call_as("op03", secret, "*43")
    assert echo.status == 200
    phone.hang_up(echo)
    for number in ("0312345678", "110", "op02", "0466501111", "s"):
        refused = await phone.call_as("op03", secret, number)
        assert refused.status == 404
