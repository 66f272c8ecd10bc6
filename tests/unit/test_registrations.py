"""Where telephones are, of several switches, by what these tell; and how they are dialled."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.registrations import Registrations
from acd.core.ids import OfferId, SwitchId

A, B = SwitchId("a"), SwitchId("b")


def message(event: str, **headers: str) -> Message:
    """An event, or an answer, as the switch writes it."""
    named = {"Event": event, **headers} if event else headers
    return Message("\r\n".join(f"{name}: {value}" for name, value in named.items()))


class World:
    """Two telephones, both at home at the first switch."""

    def __init__(self) -> None:
        self.moves: list[tuple[str, str]] = []
        homes = {"op1": A, "op2": A}
        self.seen = Registrations(
            lambda: list(homes),
            homes.get,
            lambda device, switch: self.moves.append((device, switch)),
        )

    def tell(self, switch: SwitchId, device: str, status: str, address: str = "sip:x@h:1") -> None:
        self.seen.hears(
            switch,
            message("ContactStatus", AOR=device, URI=address, ContactStatus=status),
        )


class Switch:
    """A session that answers what telephones are registered."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.placing: Any = None

    def submit(self, action: Action) -> str:
        return dict(action.headers)["Variable"]

    async def finish(self, asked: str, timeout_s: float) -> Message:
        device = asked.partition("(")[2].rstrip(")")
        return message("", Response="Success", Value=self.known.get(device, ""))


def ring(device: str) -> Action:
    return Action("Originate", (("Channel", device), ("Context", "operator")))


def way(world: World, dialled: str, here: SwitchId) -> str:
    return world.seen.placed(ring(dialled), here).headers[0][1]


def test_a_phone_is_rung_at_home_until_it_is_seen_elsewhere() -> None:
    world = World()
    assert way(world, "PJSIP/op1", A) == "PJSIP/op1"
    assert way(world, "PJSIP/op1", B) == "PJSIP/op1@node-a"
    world.tell(B, "op1", "NonQualified")
    assert way(world, "PJSIP/op1", B) == "PJSIP/op1"
    assert way(world, "PJSIP/op1", A) == "PJSIP/op1@node-b"
    assert world.moves == [("op1", "b")]


def test_a_phone_on_both_is_rung_where_the_caller_is() -> None:
    world = World()
    world.tell(A, "op1", "Created")
    world.tell(B, "op1", "Created")
    assert way(world, "PJSIP/op1", A) == "PJSIP/op1"
    assert way(world, "PJSIP/op1", B) == "PJSIP/op1"
    world.tell(B, "op1", "Removed")
    assert world.moves == [("op1", "a"), ("op1", "b"), ("op1", "a")]


def test_a_new_address_before_the_old_one_is_removed_is_the_same_phone() -> None:
    world = World()
    world.tell(A, "op1", "NonQualified", "sip:x@h:1")
    world.tell(A, "op1", "NonQualified", "sip:x@h:2")
    world.tell(A, "op1", "Removed", "sip:x@h:1")
    assert world.seen.place("op1") == A
    assert world.moves == [("op1", "a")]


def test_only_telephones_of_ours_are_placed() -> None:
    world = World()
    for dialled in ("PJSIP/0461@carrier", "Local/op1@x", "PJSIP/op1@node-b", "PJSIP/nobody"):
        assert way(world, dialled, B) == dialled
    world.tell(B, "node-a", "Reachable")
    assert world.seen.place("node-a") is None
    said = Action("Setvar", (("Channel", "c"), ("Variable", "MDG_DIAL"), ("Value", "PJSIP/op1")))
    assert world.seen.placed(said, B).headers[2][1] == "PJSIP/op1@node-a"
    other = Action("Setvar", (("Channel", "c"), ("Variable", "MDG_X"), ("Value", "PJSIP/op1")))
    assert world.seen.placed(other, B) == other


async def test_what_a_returning_switch_remembers_does_not_call_a_phone_back() -> None:
    world = World()
    world.tell(A, "op1", "Created")
    world.seen.lost(A)
    assert world.seen.place("op1") is None
    world.tell(B, "op1", "Created")
    await world.seen.up(A, cast(Any, Switch({"op1": "PJSIP/op1/sip:x@h:1"})), 1.0)
    assert world.seen.place("op1") == B
    await world.seen.up(B, cast(Any, Switch({})), 1.0)
    assert world.seen.place("op1") == A


async def test_a_phone_behind_another_switch_is_let_go_a_moment_later() -> None:
    world = World()
    devices = world.seen.devices
    await devices.take("op1", OfferId("o1"))
    devices.ended(OfferId("o1"), "PJSIP/node-b-00000001")
    began = asyncio.get_running_loop().time()
    assert await devices.take("op1", OfferId("o2"))
    assert asyncio.get_running_loop().time() - began > 0.05
