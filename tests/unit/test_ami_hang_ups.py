"""Hang-ups at the edges: before anybody met the caller, and those that the switch forgets."""

from __future__ import annotations

import asyncio

import pytest

from acd.adapters.asterisk import unheard
from acd.adapters.asterisk.codec import Message
from acd.adapters.asterisk.unheard import UnheardHangUps
from acd.adapters.asterisk.unmet import with_arrival
from acd.core.ids import CallId, SwitchId
from acd.core.inputs import CallArrived, Caller, CallerHungUp, CallerKind, Input
from tests.fakes.ami_events import whole

PBX, CALL = SwitchId("pbx"), CallId("1700000000.5")
CHANNEL = "PJSIP/north-trunk-0000001f"


def event(kind: str, **more: str) -> Message:
    return Message(whole(kind, Uniqueid=CALL, Channel=CHANNEL, **more))


@pytest.fixture
def again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(unheard, "ACT_WITHIN_S", (0.02, 0.03))
    return []


async def test_a_hang_up_that_is_acted_on_is_left_alone(again: list[str]) -> None:
    watch = UnheardHangUps(again.append)
    watch.watch(event("HangupRequest"))
    watch.watch(event("Hangup"))
    await asyncio.sleep(0.1)
    assert again == []


async def test_a_forgotten_hang_up_is_asked_for_again_and_not_for_ever(again: list[str]) -> None:
    watch = UnheardHangUps(again.append)
    watch.watch(event("HangupRequest"))
    watch.watch(event("HangupRequest"))
    await asyncio.sleep(0.15)
    assert again == [CHANNEL, CHANNEL]
    assert watch.repeated == 2


async def test_nothing_is_asked_over_a_connection_that_was_lost(again: list[str]) -> None:
    watch = UnheardHangUps(again.append)
    watch.watch(event("HangupRequest"))
    watch.forget()
    await asyncio.sleep(0.1)
    assert again == []


@pytest.mark.requirement("M10")
@pytest.mark.parametrize(
    ("context", "met"),
    [("arrived", False), ("from-trunk", False)]
    + [(context, True) for context in ("hold", "after", "fallback", "operator", "announce")],
)
def test_who_leaves_before_the_menu_has_called_all_the_same(context: str, met: bool) -> None:
    gone: list[Input] = [CallerHungUp(CALL, 16)]
    nobody = Caller(CallerKind.UNAVAILABLE)
    arrival = CallArrived(CALL, PBX, CHANNEL, "north-trunk", "", nobody)
    found = with_arrival(event("Hangup", Context=context), gone, PBX)
    assert found == (gone if met else [arrival, *gone])


def test_a_hang_up_that_is_no_callers_brings_nobody() -> None:
    assert with_arrival(event("Hangup", Context="arrived"), [], PBX) == []
