"""The telephone in a browser when the line, the network or the controller is gone for a while."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sim.load.ports import free_ports
from tests.e2e.browser_kit import (
    HEARD,
    SILENCE,
    Office,
    Telephone,
    change_address,
    loopback_address,
    running_office,
    until,
)
from tests.e2e.browser_talk import (
    both_hear,
    heard_by,
    operator_is,
    put_away,
    talk,
)
from tests.fakes.tcp_proxy import Line, TcpProxy

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

#: The page's next offer or answer names no address for its sound, as if none had been found.
WITHOUT_ADDRESS = r"""() => {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (frame) {
    if (!frame.includes("\r\na=candidate:")) return send.call(this, frame);
    WebSocket.prototype.send = send;
    const [head, body] = frame.split("\r\n\r\n");
    const rest = body.replace(/a=candidate:.*\r\n/g, "");
    const size = `Content-Length: ${rest.length}`;
    return send.call(this, `${head.replace(/Content-Length: \d+/i, size)}\r\n\r\n${rest}`);
  };
}"""
#: Nobody is woken by the time any more.
NO_TIMERS = "window.setTimeout = window.setInterval = () => 0"
PEOPLE = {"op01": "tax = 5", "op02": "waste = 5"}


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


@pytest_asyncio.fixture(loop_scope="module")
async def stretch(office: Office) -> AsyncIterator[TcpProxy]:
    """The network between a page and the centre."""
    made = TcpProxy(office.kit.settings.api.port)
    await made.listen(free_ports(1)[0])
    yield made
    made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def far_phone(office: Office, stretch: TcpProxy) -> AsyncIterator[Telephone]:
    """The telephone of op01, behind the stretch of network."""
    made = await office.telephone("op01", f"http://127.0.0.1:{stretch.port}")
    yield made
    await put_away(office, made)


async def test_a_line_that_is_silently_cut_is_noticed_and_comes_back(
    office: Office, stretch: TcpProxy, far_phone: Telephone
) -> None:
    phone = far_phone
    caller = await talk(office, phone)

    stretch.cut(Line.SILENT)
    await phone.until(link="lost", state="talking")
    await both_hear(phone, caller)  # sound does not go that way
    stretch.mend()
    await phone.until(link="up", state="talking")
    await both_hear(phone, caller)

    # The caller hangs up while the line is cut: nobody can say so, until it is back.
    stretch.cut(Line.RESET)
    await phone.until(link="lost")
    await caller.hang_up()
    await operator_is(office, "ready")
    assert (await phone.state())["state"] == "talking"
    stretch.mend()
    await phone.until(link="up", state="ready")
    await (await talk(office, phone)).hang_up()


async def test_a_line_that_is_known_to_be_back_is_tried_at_once(
    stretch: TcpProxy, far_phone: Telephone
) -> None:
    phone = far_phone
    await phone.page.evaluate(NO_TIMERS)
    stretch.cut(Line.RESET)
    await phone.until(link="lost")
    # Attempts that hang: each is given up for the next.
    stretch.cut(Line.SILENT)
    tried = stretch.connections
    await phone.run("phone.hurry()")
    await until(lambda: stretch.connections == tried + 1)
    await phone.run("phone.hurry()")
    await until(lambda: stretch.connections == tried + 2)
    stretch.mend()
    await phone.until(link="lost")
    await phone.run("phone.hurry()")
    await phone.until(link="up", state="ready")


async def test_what_was_asked_when_the_line_was_cut_ends_no_talk_and_is_asked_again(
    office: Office, stretch: TcpProxy, far_phone: Telephone
) -> None:
    phone = far_phone
    caller = await talk(office, phone)

    for wish, then, now in ((True, "held", "hold"), (False, "talking", "talking")):
        before = (await phone.state())["state"]
        stretch.cut(Line.SILENT)
        await phone.page.evaluate(
            f"void tool.phone.hold({str(wish).lower()})"
        )  # swallowed by the silence
        await phone.until(link="lost", state=before)
        stretch.mend()
        await phone.until(link="up", state=then)
        await operator_is(office, now)
    await both_hear(phone, caller)

    # Asked while the line was known to be down, and cut again before the answer could come.
    stretch.cut(Line.RESET)
    await phone.until(link="lost")
    await phone.page.evaluate("void tool.phone.hold(true)")
    stretch.mend()
    await phone.until(link="up", state="held")
    stretch.cut(Line.RESET)
    await phone.until(link="lost", state="held")
    stretch.mend()
    await phone.until(link="up", state="held")
    await phone.run("phone.hold(false)")
    await both_hear(phone, caller)
    await caller.hang_up()
    await phone.until(state="ready")


async def test_a_controller_that_is_killed_cuts_no_talk_and_the_page_comes_back(
    office: Office, phone: Telephone
) -> None:
    caller = await talk(office, phone)
    await office.kit.kill_controller()
    await phone.until(link="lost", state="talking")
    await both_hear(phone, caller)
    await office.kit.start_controller()
    await phone.until(link="up", state="talking")
    await both_hear(phone, caller)
    await phone.run("phone.hangUp()")
    await asyncio.wait_for(caller.dialog.over.wait(), 20.0)
    await phone.until(state="ready")
    await caller.hang_up()


async def test_another_network_in_mid_talk_costs_seconds_and_not_the_talk(
    office: Office, phone: Telephone
) -> None:
    caller = await talk(office, phone)

    async def no_way() -> bool:
        change_address("delete")  # again: whoever starts a browser beside us adds it
        caller.voice.heard.clear()
        await asyncio.sleep(0.5)
        return heard_by(caller) < SILENCE

    with loopback_address("10.99.0.2"):
        try:
            await until(no_way)
            await until(lambda: heard_by(caller) > HEARD, 25.0, phone.state)
            await both_hear(phone, caller)
        finally:
            change_address("add")
            await caller.hang_up()
        await phone.until(state="ready")


async def test_a_talk_whose_sound_found_no_way_gets_another_one_by_itself(
    office: Office, phone: Telephone
) -> None:
    await phone.page.evaluate(WITHOUT_ADDRESS)
    caller = await office.caller()
    await phone.answer()
    await phone.until(quality=0)
    await both_hear(phone, caller)
    await phone.until(quality=4)
    await caller.hang_up()
    await phone.until(state="ready")
