"""A running centre against callers and strangers who mean harm, and numbers that nobody may see."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.centre_kit import HOST, NUMBER, CentreKit, running_kit
from tests.e2e.raw_sip import RawCall, RawSip

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: A number that is withheld; a trunk whose identity headers are believed comes from this address.
SECRET, TRUSTED = "0466998877", "127.0.0.3"
PLAIN = "127.0.0.1"
#: In everything hostile, so that it can be looked for.
MARK = "Zq7xMark"
ASSERTED = f"P-Asserted-Identity: <sip:{SECRET}@carrier.invalid>"
ANONYMOUS = "sip:anonymous@anonymous.invalid"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[CentreKit]:
    trusted = (
        f'[trunks.trusted]\nkind = "address"\nmatch = ["{TRUSTED}"]\ntrust_id_inbound = true\n'
    )
    async with running_kit({"op1": "tax = 5"}, more_settings=trusted) as running:
        await running.work()
        yield running


async def talks(kit: CentreKit, count: int = 1) -> bool:
    return len(await kit.agents_in("talking")) == count


async def quiet(kit: CentreKit) -> bool:
    return await kit.channels() == [] and not (await kit.state())["calls"]


@contextlib.asynccontextmanager
async def calling(
    kit: CentreKit, host: str, caller: str, *headers: str, number: str = NUMBER, to: str = ""
) -> AsyncIterator[RawCall]:
    """A call with these headers, answered by Asterisk; hung up and gone afterwards."""
    carrier = await RawSip.open((HOST, kit.settings.switch.sip_port), host)
    call = await carrier.call(number, *headers, caller=caller, to=to)
    try:
        yield call
    finally:
        if call.status == 200:
            carrier.hang_up(call)
        await kit.until(lambda: quiet(kit))
        carrier.close()


#: What Asterisk itself warns of when a display name has more characters than it keeps (80).
_TOO_LONG = "res_pjsip.c: CallerID Name '"


async def places(kit: CentreKit, text: str) -> list[str]:
    """Where a text is found: lines of logs, files of controller and Asterisk, the interface."""
    found = [f"state: {text}"] if text in str(await kit.state()) else []
    for path in (path for path in kit.folder.rglob("*") if path.is_file()):
        lines = path.read_bytes().split(b"\n")
        name = str(path.relative_to(kit.folder))
        found += [f"{name}: {line[:300]!r}" for line in lines if text.encode() in line]
    return [place for place in found if _TOO_LONG not in place]


@pytest.mark.requirement("M7")
@pytest.mark.parametrize("host", [PLAIN, TRUSTED])
@pytest.mark.parametrize(
    ("kind", "caller", "headers"),
    [
        ("withheld", f'"Anonymous" <{ANONYMOUS}>', (ASSERTED, "Privacy: id")),
        ("withheld", f"<sip:{SECRET}@carrier.invalid>", (ASSERTED, "Privacy: user;id")),
        ("payphone", f'"Coin line/payphone" <{ANONYMOUS}>', ("Privacy: none",)),
        ("unavailable", '"Interaction with other service" <sip:x@x.invalid>', ()),
        ("unavailable", '"Unavailable" <sip:x@x.invalid>', ()),
    ],
)
async def test_what_a_caller_does_not_tell_is_found_nowhere(
    kit: CentreKit, host: str, kind: str, caller: str, headers: tuple[str, ...]
) -> None:
    kit.phones["op1"].rung.clear()
    async with calling(kit, host, caller, *headers):
        await kit.until(lambda: talks(kit))
        (found,) = (await kit.state())["calls"].values()
        expected = "withheld" if "Privacy: id" in headers else kind
        assert found["caller"] == {"kind": expected}
        assert await places(kit, SECRET) == []
    await kit.until(lambda: newest(kit, expected))
    assert await places(kit, SECRET) == []
    (rung,) = kit.phones["op1"].rung
    assert SECRET not in str(rung.headers)


async def newest(kit: CentreKit, kind: str) -> bool:
    rows = kit.sql("select caller_kind, caller_number from calls order by closed_ms desc limit 1")
    return bool(rows == [(kind, "")])


@pytest.mark.requirement("M7")
async def test_a_number_that_is_told_is_kept_where_it_belongs(kit: CentreKit) -> None:
    """The search above does find what is there; logs and Asterisk's files never hold a number."""
    told = "0466123987"
    async with calling(kit, PLAIN, f"<sip:{told}@carrier.invalid>"):
        await kit.until(lambda: talks(kit))
    await kit.until(lambda: (told,) in kit.sql("select caller_number from calls"))
    holding = {place.partition(":")[0] for place in await places(kit, told)}
    assert holding <= {f"var/madoguchi.sqlite{end}" for end in ("", "-wal")} | {
        place for place in holding if place.startswith("var/spool/")
    }
    assert any(place.startswith("var/spool/") for place in holding)
    assert not any(told in path.name for path in kit.folder.rglob("*"))


EVIL = [
    f"; rm -rf {MARK}",
    f"$(touch /tmp/{MARK})",
    f"`touch /tmp/{MARK}`",
    f"|touch /tmp/{MARK}",
    f"${{SHELL(touch /tmp/{MARK})}}",
    f"',''); drop table calls; -- {MARK}",
    f"<script>alert('{MARK}')</script>",
    f"{MARK}\\r\\nEvent: Hangup",
    f"{MARK}%0d%0aEvent: Hangup%0d%0aUniqueid: 1.1",
    f"{MARK}&PJSIP/op1,{MARK})",
    MARK * 60,
    f"{MARK}\x1b[31m\x07 \u202e{MARK} 山田太郎 ' or 1=1",
]


@pytest.mark.requirement("M25")
@pytest.mark.parametrize("evil", EVIL)
async def test_hostile_names_and_numbers_end_as_an_ordinary_call(kit: CentreKit, evil: str) -> None:
    before = len(kit.sql("select 1 from calls"))
    display = evil.replace('"', "'").replace("\\", "\\\\")
    user = "".join(f"%{byte:02x}" for byte in evil.encode())[:600]
    asserted = f'P-Asserted-Identity: "{display}" <sip:0{user}@x.invalid>'
    who = f'"{display}" <sip:0{user}@x.invalid>'
    async with calling(kit, TRUSTED, who, asserted, f"Privacy: none;{MARK}", to=who) as call:
        if call.status == 200:
            await kit.until(lambda: talks(kit))
    if call.status == 200:
        await kit.until(lambda: len(kit.sql("select 1 from calls")) == before + 1)
    for number, dialled in kit.sql("select caller_number, dialled from calls"):
        assert re.fullmatch(r"\+?[0-9]{0,20}", number)
        assert re.fullmatch(r"[0-9+*#]{0,40}", dialled)
    assert not Path(f"/tmp/{MARK}").exists()
    assert await places(kit, MARK) == []
    assert "[error" not in kit.log()


AGI = [
    f"agi_network: yes\n{MARK}: " + "x" * 2_000_000,
    f"agi_{MARK}: 1\n" * 100_000,
    f"\x00\xff{MARK}" * 1000,
    f"agi_network_script: ivr\nagi_uniqueid: {MARK}' or 1=1\nagi_channel: x\n\n",
    f"agi_network_script: ../../{MARK}\nagi_uniqueid: 1.1\nagi_channel: PJSIP/carrier-1\n\n",
    f"agi_network_script: announce\nagi_uniqueid: 1.1\nagi_channel: PJSIP/carrier-1\n"
    f"agi_arg_2: ../{MARK}\n\n200 result={MARK}\n",
    "agi_network_script: ivr\nagi_uniqueid: 1.2\nagi_channel: PJSIP/carrier-1\n\n"
    + f"200 result=0 ({MARK})\n" * 1000,
    "",
]


@pytest.mark.requirement("M25")
async def test_the_menu_server_outlives_whatever_it_is_sent(kit: CentreKit) -> None:
    for data in AGI:
        await say(kit.settings.agi.port, data.encode("latin-1"))
    # Calls that exist in a stranger's script alone are found out.
    await kit.until(lambda: quiet(kit), 30.0)
    silent = [await asyncio.open_connection(HOST, kit.settings.agi.port) for _ in range(50)]
    await served(kit)
    for _, writer in silent:
        writer.close()


HTTP = [
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + f"{MARK}: 1\r\n".encode() * 20_000 + b"\r\n",
    b"POST /api/reload HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST /api/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n" + b"x" * 100_000,
    b"POST /api/me HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n",
    b"GET /api/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n" + b"\x81\xff" + b"\xff" * 1000,
    f"GET /%2e%2e/%2e%2e/{MARK}%00 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    f"GET /api/state HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {MARK}\r\n\r\n".encode(),
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500,
]


@pytest.mark.requirement("M25")
async def test_the_interface_outlives_whatever_it_is_sent(kit: CentreKit) -> None:
    for data in HTTP:
        await say(kit.settings.api.port, data)
    deep = "[" * 50_000
    for body in (deep, f'{{"reason": "{MARK}"}}', "\x00", '{"a":1,"a":2}', "1e999"):
        await say(kit.settings.api.port, posted(kit, body))
    await served(kit)


def posted(kit: CentreKit, body: str) -> bytes:
    return (
        "POST /api/agents/op1/not-ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"Authorization: Bearer {kit.token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode("latin-1")


async def say(port: int, data: bytes) -> None:
    """Send bytes, wait a little for whatever comes, go away."""
    reader, writer = await asyncio.open_connection(HOST, port)
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(1.0):
            writer.write(data)
            await writer.drain()
            await reader.read(100_000)
    writer.transport.abort()


async def served(kit: CentreKit) -> None:
    """The next caller reaches an operator, and no log has a word of what was sent."""
    assert await kit.healthy()
    async with calling(kit, PLAIN, "<sip:0466123456@x.invalid>"):
        await kit.until(lambda: talks(kit))
    assert MARK not in kit.log()
    assert "Traceback" not in kit.log()
