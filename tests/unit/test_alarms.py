"""Alarms at work: who is told when, and that nobody who hangs holds up the others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from acd.app.alarms import EVERY_S, WAITING, Alarms, ChannelTold
from acd.config.alarm_settings import USUAL_RULES, QuietSettings, Rule, Severity
from acd.errors import LimitExceeded, MadoguchiError
from acd.ports_watch import AlarmBook, AlarmChannel, AlarmNotice

RULES = (USUAL_RULES["longest_wait"], USUAL_RULES["switch_gone"])
NIGHT = (QuietSettings(begins="22:00", ends="07:00"),)
#: 2026-11-20 21:50 in Tokyo.
EVENING_S = 1_795_179_000.0


@dataclass
class Ear:
    """A way to be told."""

    name: str = "ear"
    least: str = "notice"
    heard: list[dict[str, Any]] = field(default_factory=list)
    fails: MadoguchiError | None = None
    hangs: bool = False

    async def send(self, notice: AlarmNotice) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise self.fails
        self.heard.append(json.loads(notice.body))


@dataclass
class World:
    """Facts and a clock that a test turns."""

    channels: Sequence[AlarmChannel]
    now_s: float = EVENING_S
    wait_s: float = 0.0
    gone: float = 0.0
    shown: list[tuple[str, str, str]] = field(default_factory=list)
    book: AlarmBook | None = None
    rules: Sequence[Rule] = RULES

    def __post_init__(self) -> None:
        self.alarms = Alarms(
            self.rules,
            NIGHT,
            lambda: {"longest_wait": {"tax": self.wait_s}, "switch_gone": {"": self.gone}},
            lambda: self.now_s,
            lambda: ZoneInfo("Asia/Tokyo"),
            self.channels,
            book=self.book,
        )
        self.alarms.show_on(
            lambda kind, subject, text, _since_s: self.shown.append((kind, subject, text[1]))
        )

    def passes(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += EVERY_S
            self.alarms.look()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20.0):
        while not true():  # noqa: ASYNC110 - a test waits for whatever it is
            await asyncio.sleep(0.005)


async def told_of(world: World, ear: Ear, count: int) -> list[tuple[str, str]]:
    running = asyncio.create_task(world.alarms.run())
    await until(lambda: len(ear.heard) >= count)
    await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return [(each["event"], each["kind"]) for each in ear.heard]


async def test_an_alarm_is_told_once_shown_and_listed_and_so_is_its_end() -> None:
    ear = Ear()
    world = World([ear])
    world.wait_s = 400.0
    world.passes(30)
    said = "Somebody has been waiting for 400 s in tax (limit 300 s)."
    assert world.shown == [("longest_wait", "tax", said)]
    assert [(each.kind, each.until_s) for each in world.alarms.listed()] == [("longest_wait", None)]
    assert world.alarms.counts() == {"notice": 0, "warning": 1, "critical": 0}
    world.wait_s = 0.0
    world.passes(90)
    assert world.alarms.listed()[0].until_s is not None
    assert await told_of(world, ear, 2) == [("raised", "longest_wait"), ("cleared", "longest_wait")]


async def test_quiet_hours_hold_back_all_but_what_is_critical() -> None:
    ear = Ear()
    world = World([ear])
    world.passes(1_200)  # 22:10
    world.wait_s, world.gone = 400.0, 1.0
    world.passes(60)
    # The floor sees it at once; what the engine told it of is not said again.
    assert [(kind, subject) for kind, subject, _ in world.shown] == [("longest_wait", "tax")]
    assert await told_of(world, ear, 1) == [("raised", "switch_gone")]
    world.passes(9 * 3_600)  # 07:11
    assert await told_of(world, ear, 2) == [("raised", "switch_gone"), ("raised", "longest_wait")]


async def test_what_is_over_before_the_quiet_hours_are_is_not_told_at_all() -> None:
    ear = Ear()
    world = World([ear])
    world.passes(1_200)
    world.wait_s = 400.0
    world.passes(60)
    world.wait_s = 0.0
    world.passes(10 * 3_600)
    world.gone = 1.0
    world.passes(60)
    assert await told_of(world, ear, 1) == [("raised", "switch_gone")]


async def test_one_who_hangs_or_fails_holds_up_nobody() -> None:
    ear, stuck = Ear(), Ear("stuck", hangs=True)
    failing = Ear("failing", fails=MadoguchiError("no", code="no"))
    world = World([stuck, failing, ear])
    world.gone = 1.0
    world.passes(60)
    assert await told_of(world, ear, 1) == [("raised", "switch_gone")]


async def test_a_channel_takes_only_what_is_bad_enough_and_not_without_end() -> None:
    ear = Ear(least="critical")
    world = World([ear], now_s=EVENING_S - 12 * 3_600)
    for _ in range(WAITING):
        world.wait_s = 400.0
        world.passes(30)
        world.wait_s = 0.0
        world.passes(90)
    assert len(world.alarms._lines[0].waiting) == 0
    ear.least = "warning"
    for _ in range(WAITING):
        world.wait_s = 400.0
        world.passes(30)
        world.wait_s = 0.0
        world.passes(90)
    assert len(world.alarms._lines[0].waiting) == WAITING
    assert len(world.alarms.listed()) == 200


async def test_other_settings_hold_at_once_and_what_waits_is_told_by_the_new_way() -> None:
    old, new, added = Ear("desk", hangs=True), Ear("desk"), Ear("mail")
    world = World([old, Ear("gone")])
    running = asyncio.create_task(world.alarms.run())
    world.gone, world.wait_s = 1.0, 400.0
    world.passes(30)
    await asyncio.sleep(0.02)  # the old way hangs with the first message
    lower = replace(RULES[0], raise_at=20.0, clear_at=10.0, severity=Severity.CRITICAL)
    world.alarms.adopt([lower], (), [new, added])
    # The rule of the switch is gone, and so its alarm; the other lasts under what it is now.
    assert [(e.alarm, e.until_s is None, e.severity) for e in world.alarms.listed()] == [
        ("longest_wait", True, "critical"),
        ("switch_gone", False, "critical"),
    ]
    world.wait_s = 15.0
    world.passes(90)
    assert len(world.alarms.listed()) == 2
    world.wait_s = 9.0
    world.passes(90)
    await until(lambda: len(new.heard) == 3 and len(added.heard) == 2)
    assert [(each["event"], each["kind"]) for each in new.heard] == [
        ("raised", "switch_gone"), ("cleared", "switch_gone"), ("cleared", "longest_wait"),
    ]  # fmt: skip
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_way_that_is_gone_ends_when_it_has_told_what_it_was_telling() -> None:
    ear, began, go_on = Ear(), asyncio.Event(), asyncio.Event()

    class Slow(Ear):
        async def send(self, notice: AlarmNotice) -> None:
            began.set()
            await go_on.wait()
            await ear.send(notice)

    world = World([Slow()])
    running = asyncio.create_task(world.alarms.run())
    world.gone = 1.0
    world.passes(30)
    await asyncio.wait_for(began.wait(), 5.0)
    world.alarms.adopt(RULES, NIGHT, [])
    go_on.set()
    await until(lambda: ear.heard)
    assert [line.channel.name for line in world.alarms._lines] == []
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_test_says_what_came_of_each_and_cannot_be_sent_in_a_row() -> None:
    ear = Ear(least="critical")
    world = World([ear, Ear("bad", fails=MadoguchiError("no", code="webhook_failed"))])
    assert await world.alarms.test() == [
        ChannelTold("ear", ""),
        ChannelTold("bad", "webhook_failed"),
    ]
    assert ear.heard[0]["event"] == "test"
    with pytest.raises(LimitExceeded):
        await world.alarms.test()
