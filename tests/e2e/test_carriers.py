"""Calls to the outside over several carriers, by a real Asterisk and the real controller.

Carriers live on addresses of this machine. One may be dead (no answer to OPTIONS), congested (503),
mute (an INVITE is answered by nothing, or by 100 alone) or full.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from sim.load.ports import free_ports
from tests.e2e.carriers import Carrier, Does
from tests.e2e.centre_kit import CentreKit, running_kit

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST, SECOND, SPARE = "127.0.0.21", "127.0.0.22", "127.0.0.23"
NAMES = {FIRST: "first", SECOND: "second", SPARE: "spare"}
NUMBER = "0466251111"
OP = "/api/agents/sato"

_SETTINGS = """
[trunk_groups.outside]
overflow_after_s = 1.0
rest_s = 0.3
members = [
  {{ trunk = "first", order = 1 }},
  {{ trunk = "second", order = 2 }},
  {{ trunk = "spare", order = 3 }},
]
{trunks}
"""
_TRUNK = """
[trunks.{name}]
kind = "address"
match = ["{host}"]
host = "{host}"
port = {port}
qualify_s = 1
max_outgoing = {most}
"""
_PLAN = """
[talk]
shown = "0466001111"
[talk.outbound]
trunk = "outside"
allow = ["046625"]
ring_s = 6.0
per_agent = 1000
[directory.hall]
name = { ja = "市役所", en = "City hall" }
dial = { trunk = "outside", number = "0466252222" }
"""


class Carriers:
    """A centre with three carriers."""

    def __init__(self, kit: CentreKit, carriers: dict[str, Carrier]) -> None:
        self.kit = kit
        self.first, self.second, self.spare = (carriers[host] for host in NAMES)
        self.all = tuple(carriers.values())

    async def reset(self) -> None:
        """All is well again, and nobody has been called."""
        for carrier in self.all:
            carrier.alive, carrier.does = True, Does.TAKE
        await self.kit.until(self.kit.no_channels)
        await self.up(first=True, second=True, spare=True)
        await asyncio.sleep(0.4)  # whoever refused a call has rested
        for carrier in self.all:
            carrier.invites.clear()

    async def up(self, **lines: bool) -> None:
        """Wait until the controller knows so of these lines."""

        async def known() -> bool:
            told = (await self.kit.request("GET", "/readyz")).get("lines", {})
            wanted = {name: "up" if is_up else "down" for name, is_up in lines.items()}
            return bool(told.items() >= wanted.items())

        await self.kit.until(known, 20.0)

    def asked(self) -> list[int]:
        """How many calls came to each."""
        return [len(carrier.invites) for carrier in self.all]

    async def dial(self, *, elsewhere: bool = False) -> str:
        """The operator calls outside (``elsewhere``: beside another call), and puts down when the
        other side has picked up, or it is clear that nobody does; returns what the ledger says."""
        before = len(self.kit.sql("select 1 from outside_calls"))
        await self.kit.request("POST", f"{OP}/dial", {"number": NUMBER})
        await self.kit.until(self._heard, 20.0)
        self.hang_up()
        await self.kit.until(lambda: len(self.kit.sql("select 1 from outside_calls")) > before)
        [(outcome, trunk)] = self.kit.sql(
            "select outcome, trunk from outside_calls order by started_ms desc limit 1"
        )
        if not elsewhere:
            await self.kit.until(self.kit.no_channels)
        return f"{outcome} over {trunk or 'nothing'}"

    async def _heard(self) -> bool:
        """Whether the operator talks to somebody, or hears that there is nobody."""
        operator = (await self.kit.state())["agents"]["sato"]
        talk = operator["talk"]
        if talk is None:
            return bool(operator["state"] != "ringing")
        return talk["legs"][0]["state"] not in ("own_phone", "ringing")

    def hang_up(self) -> None:
        """The operator puts down."""
        for dialog in list(self.kit.phones["sato"].calls.values()):
            dialog.put_down()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Carriers]:
    server = ("127.0.0.1", 9)
    ports = dict(zip(NAMES, free_ports(len(NAMES)), strict=True))
    carriers = {host: await Carrier.open(server, host, port) for host, port in ports.items()}
    trunks = "".join(
        _TRUNK.format(name=name, host=host, port=ports[host], most=1 if name == "first" else 0)
        for host, name in NAMES.items()
    )
    more = {"more_settings": _SETTINGS.format(trunks=trunks), "more_plan": _PLAN}
    async with running_kit({"sato": "tax = 5", "kato": "waste = 5"}, **more) as kit:
        for carrier in carriers.values():
            carrier.server = ("127.0.0.1", kit.settings.switch.sip_port)
        await kit.work()
        yield Carriers(kit, carriers)
    for carrier in carriers.values():
        carrier.close()


@pytest.mark.requirement("M18")
async def test_a_call_goes_out_over_the_first_line_and_the_ledger_says_so(shared: Carriers) -> None:
    await shared.reset()
    assert await shared.dial() == "answered over first"
    assert shared.asked() == [1, 0, 0]


@pytest.mark.requirement("M18")
async def test_a_dead_line_is_left_out_and_comes_back(shared: Carriers) -> None:
    await shared.reset()
    shared.first.alive = False
    await shared.up(first=False, second=True)
    assert await shared.dial() == "answered over second"
    assert shared.asked() == [0, 1, 0]
    shared.first.alive = True
    await shared.up(first=True)
    assert await shared.dial() == "answered over first"


@pytest.mark.requirement("M18")
async def test_the_next_carrier_is_tried_where_one_is_congested_or_mute(shared: Carriers) -> None:
    await shared.reset()
    shared.first.does = 503
    assert await shared.dial() == "answered over second"
    shared.second.does = Does.TRYING
    began_s = time.monotonic()
    assert await shared.dial() == "answered over spare"
    assert time.monotonic() - began_s < 4.0, "a mute line is left after a second"
    # The one that refused a moment ago stood behind the others.
    assert shared.asked()[1:] == [2, 1]


async def test_a_party_who_is_busy_or_does_not_pick_up_is_nobodys_fault(shared: Carriers) -> None:
    await shared.reset()
    for does, outcome in ((486, "busy"), (404, "unreachable"), (603, "rejected")):
        shared.first.does = does
        assert await shared.dial() == f"{outcome} over first"
    # It rings longer than any line may be silent, until the operator puts down.
    shared.first.does = Does.RING
    asyncio.get_running_loop().call_later(2.2, shared.hang_up)
    assert await shared.dial() == "cancelled over first"
    assert shared.asked() == [4, 0, 0]


async def test_where_every_carrier_fails_the_operator_hears_so(shared: Carriers) -> None:
    await shared.reset()
    for carrier in shared.all:
        carrier.does = 503
    assert await shared.dial() == "unreachable over nothing"
    assert shared.asked() == [1, 1, 1]


@pytest.mark.requirement("M18")
async def test_a_full_line_gets_no_further_call(shared: Carriers) -> None:
    await shared.reset()
    await shared.kit.request("POST", "/api/agents/kato/dial", {"number": NUMBER})
    await shared.kit.until(lambda: shared.asked() == [1, 0, 0])
    assert await shared.dial(elsewhere=True) == "answered over second"
    assert shared.asked() == [1, 1, 0]
    for dialog in shared.kit.phones["kato"].calls.values():
        dialog.put_down()


@pytest.mark.requirement("M18")
async def test_who_is_asked_in_a_talk_is_rung_over_the_next_line_too(shared: Carriers) -> None:
    await shared.reset()
    kit = shared.kit
    dialog = await kit.call()
    await kit.until(lambda: kit.agents_in("talking"))
    shared.first.does, shared.second.does = 503, Does.NOTHING
    await kit.request("POST", f"{OP}/consult", {"kind": "entry", "target": "hall"})
    await kit.until(lambda: shared.asked() == [1, 1, 1], 20.0)
    shared.first.does = shared.second.does = Does.TAKE

    async def asked() -> bool:
        talk = (await kit.state())["agents"]["sato"]["talk"]
        return bool(talk and talk["consult"] and talk["consult"]["state"] == "talking")

    await kit.until(asked)
    await dialog.hang_up()
    await kit.until(kit.no_channels)
    assert NUMBER not in kit.log()


@pytest.mark.requirement("M18")
async def test_the_figures_name_lines_and_reasons_and_nobody(shared: Carriers) -> None:
    text = (await _metrics(shared.kit)).splitlines()
    taken = [line for line in text if line.startswith("madoguchi_trunk_outgoing_total")]
    assert {line.split('"')[1] for line in taken} == set(NAMES.values())
    passed = {line for line in text if line.startswith("madoguchi_trunk_passed_over_total{")}
    reasons = {line.split('reason="')[1].split('"')[0] for line in passed}
    assert {"down", "congested", "silent", "full"} <= reasons
    assert NUMBER not in "".join(text)


async def _metrics(kit: CentreKit) -> str:
    headers = {"Authorization": f"Bearer {kit.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{kit.url}/metrics") as answer,
    ):
        return await answer.text()
