"""An operator's browser as a telephone: real Asterisk, real chromium, sound at both ends."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.e2e.browser_kit import (
    HEARD,
    LEVEL,
    OPERATOR_HZ,
    SILENCE,
    Office,
    Telephone,
    contents,
    running_office,
    until,
)
from tests.e2e.browser_talk import (
    at_full_level,
    both_hear,
    contacts,
    heard_by,
    operator_is,
    put_away,
    talk,
)
from tests.fakes.voice import PCMU

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

PEOPLE = {"op01": "tax = 5", "op02": "waste = 5"}
WASTE = "0466001113"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    folder = Path(tempfile.mkdtemp(prefix="mdg-browser-"))
    async with running_office(folder, PEOPLE, ring_s=10.0) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(loop_scope="module")
async def phone(office: Office) -> AsyncIterator[Telephone]:
    """The telephone of op01, ready; logged out and gone afterwards."""
    made = await office.telephone("op01")
    yield made
    await put_away(office, made)


async def test_a_whole_call_is_heard_both_ways(office: Office, phone: Telephone) -> None:
    caller = await talk(office, phone)
    await at_full_level(phone, caller)
    assert set(caller.voice.kinds) == {PCMU}
    media = await phone.media()
    assert (media["codec"], media["dtls"]) == ("audio/PCMU", "connected")
    assert media["srtp"]

    await phone.run("phone.mute(true)")
    await until(lambda: heard_by(caller) < SILENCE)
    await phone.until(muted=True, level=pytest.approx(LEVEL, abs=0.05))
    await phone.run("phone.mute(false)")
    await both_hear(phone, caller)

    await phone.run("phone.hold(true)")
    await operator_is(office, "hold")
    await phone.until(state="held")
    await until(lambda: heard_by(caller) < 0.1)  # music, and not the operator
    assert any(caller.voice.heard[-4000:].count(byte) < 3900 for byte in (0xFF, 0x7F))
    await until(lambda: no_longer_hears(phone))
    await phone.run("phone.hold(false)")
    await operator_is(office, "talking")
    await both_hear(phone, caller)

    await phone.until(quality=4)
    await phone.run("phone.hangUp()")
    await asyncio.wait_for(caller.dialog.over.wait(), 20.0)
    await phone.until(state="ready", quality=None)
    await caller.hang_up()
    assert await phone.seen() == [
        *("offline", "connecting", "link up", "ready", "ringing", "talking"),
        *("held", "talking", "ready"),
    ]


async def test_the_caller_hangs_up_or_is_declined(office: Office, phone: Telephone) -> None:
    caller = await talk(office, phone)
    await caller.hang_up()
    await phone.until(state="ready")
    await operator_is(office, "ready")
    again = await office.caller()
    await phone.until(state="ringing")
    await phone.run("phone.hangUp()")
    await phone.until(state="ready")
    await phone.until(state="ringing")  # after a moment the caller comes again
    await again.hang_up()
    await phone.until(state="ready")


@pytest.mark.requirement("M23")
async def test_at_logout_secret_and_registration_are_gone_and_others_are_not_disturbed(
    office: Office, phone: Telephone
) -> None:
    other = await office.telephone("op02")
    caller = await talk(office, other, WASTE)
    mine = await phone.page.evaluate("tool.ask('POST', 'softphone')")
    await phone.until(link="displaced", state="offline")
    # A REGISTER on Asterisk's own door, past our server: the secret counts, and the one before not.
    assert await register(office, mine["user"], mine["password"]) == 200
    assert await register(office, mine["user"], "x" * 32) == 401
    assert sorted(await contacts(office)) == ["web-op02"], "a line that closes takes its contact"
    await office.kit.request("POST", "/api/agents/op01/logout", {})
    await until(lambda: secret_is_gone(office, mine))
    assert await register(office, mine["user"], mine["password"]) in (401, 403, 500)
    assert await contacts(office) == ["web-op02"]
    await both_hear(other, caller)
    await other.run("phone.hangUp()")
    await asyncio.wait_for(caller.dialog.over.wait(), 20.0)
    await office.kit.request("POST", "/api/agents/op02/logout", {})
    await other.until(link="logged_out", state="offline")
    assert await contacts(office) == []
    await other.close()
    await caller.hang_up()


async def secret_is_gone(office: Office, mine: dict[str, str]) -> bool:
    return mine["user"] not in await office.kit.switch.cli("database show ps_auth")


async def test_no_secret_is_written_anywhere(office: Office, phone: Telephone) -> None:
    found = await phone.page.evaluate("tool.ask('POST', 'softphone')")
    await asyncio.sleep(0.2)
    files = contents(office.kit.folder)
    assert len(files) > 20
    assert [path for path, data in files.items() if found["password"].encode() in data] == []
    assert found["password"] not in await phone.page.content()


async def test_the_second_tab_wins_the_first_is_told_and_its_talk_goes_on(
    office: Office, phone: Telephone
) -> None:
    caller = await talk(office, phone)
    second = Telephone(await phone.page.context.new_page())
    await second.open()
    await second.page.evaluate("tool.ask('POST', 'softphone').then((c) => tool.phone.start(c))")
    await second.until(state="ready", link="up")
    await phone.until(link="displaced", state="talking")
    await both_hear(phone, caller)
    assert await contacts(office) == ["web-op01"]
    await caller.hang_up()
    # Nobody can tell the first page: it notices by the silence.
    await phone.until(within_s=15.0, state="offline", link="displaced")
    await operator_is(office, "ready")
    await (await talk(office, second)).hang_up()
    await second.until(state="ready")


async def test_the_echo_test_and_other_devices(office: Office, phone: Telephone) -> None:
    found = await phone.page.evaluate("tool.phone.devices()")
    assert found["inputs"]
    assert all(each["label"] for each in found["inputs"])
    assert found["input"] in {each["id"] for each in found["inputs"]}
    await phone.page.evaluate("void tool.phone.echoTest()")
    await phone.until(testing=True)

    async def hears_itself() -> bool:
        return await phone.hears(OPERATOR_HZ) > HEARD

    await until(hears_itself)
    await choose(phone, found["inputs"][-1]["id"])
    caller = await talk(office, phone)  # a call ends the test
    assert not (await phone.state())["testing"]
    await choose(phone, found["inputs"][0]["id"])
    await both_hear(phone, caller)
    await caller.hang_up()
    await phone.until(state="ready")


async def test_opus_over_the_centres_own_certificate(tmp_path: Path) -> None:
    """One origin and one certificate serve page, interface and telephone."""
    async with running_office(tmp_path, PEOPLE, codecs='"opus"', tls=True) as away:
        phone = await away.telephone("op01")
        assert await phone.page.evaluate("location.protocol + isSecureContext") == "https:true"
        caller = await talk(away, phone)
        await at_full_level(phone, caller)
        assert (await phone.media())["codec"] == "audio/opus"
        await caller.hang_up()
        await phone.until(state="ready")


async def test_quality_follows_the_standards_figures(phone: Telephone) -> None:
    """ITU-T G.107: R = 93.2 is a score of 4.41; a delay of 400 ms or 10 % of loss is heard."""
    score = """async ([delay, jitter, loss]) => {
        const { grade, opinionScore } = await import("/static/softphone/quality.js");
        const score = opinionScore(delay, jitter, loss);
        return [Math.round(score * 100) / 100, grade(score)];
    }"""

    async def of(delay_ms: float, jitter_ms: float, loss: float) -> list[float]:
        found: list[float] = await phone.page.evaluate(score, [delay_ms, jitter_ms, loss])
        return found

    assert await of(-40, 0, 0) == [4.41, 4]
    assert await of(5, 2, 0) == [4.39, 4]
    assert (await of(400, 0, 0))[1] == 1
    assert (await of(20, 5, 0.02))[1] == 4
    assert (await of(20, 5, 0.10))[1] == 2
    assert (await of(20, 5, 1))[1] == 0


async def no_longer_hears(phone: Telephone) -> bool:
    return await phone.hears() < SILENCE


async def choose(phone: Telephone, microphone: str) -> None:
    await phone.page.evaluate("(input) => tool.phone.choose({ input })", microphone)


async def register(office: Office, user: str, password: str) -> int:
    """The answer to a REGISTER over Asterisk's own WebSocket, with digest, and gone again."""
    url = f"ws://127.0.0.1:{office.kit.settings.softphone.ws_port}/ws"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=("sip",)) as socket,
    ):
        challenge, number = "", 0
        while True:
            number += 1
            await socket.send_str(_register(user, number, challenge))
            answer = ""
            while not answer.startswith("SIP/2.0 "):  # Asterisk may ask first whether we live
                answer = (await socket.receive(timeout=20.0)).data
            status = int(answer.split(" ")[1])
            asked = re.search(r'nonce="([^"]+)"(?:.*?opaque="([^"]+)")?', answer)
            if status != 401 or number == 2 or asked is None:
                return status
            challenge = _digest(user, password, asked[1], asked[2] or "")


def _digest(user: str, password: str, nonce: str, opaque: str) -> str:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    first, second = md5(f"{user}:asterisk:{password}"), md5("REGISTER:sip:madoguchi.invalid")
    proof = md5(f"{first}:{nonce}:00000001:c0ffee:auth:{second}")
    return (
        f'Authorization: Digest username="{user}", realm="asterisk", nonce="{nonce}", '
        f'uri="sip:madoguchi.invalid", response="{proof}", algorithm=MD5, qop=auth, '
        f'nc=00000001, cnonce="c0ffee", opaque="{opaque}"\r\n'
    )


def _register(user: str, number: int, more: str) -> str:
    me = f"sip:{user}@madoguchi.invalid"
    return (
        "REGISTER sip:madoguchi.invalid SIP/2.0\r\n"
        f"Via: SIP/2.0/WS x.invalid;branch=z9hG4bK{user}{number}{len(more)}\r\n"
        f"Max-Forwards: 70\r\nFrom: <{me}>;tag=t1\r\nTo: <{me}>\r\nCall-ID: c{len(more)}{user}\r\n"
        f"CSeq: {number} REGISTER\r\nContact: <sip:{user}@x.invalid;transport=ws>;expires=60\r\n"
        f"{more}Content-Length: 0\r\n\r\n"
    )
