"""Alarms after a restart: what lasts goes on, what was not told is told, and nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from acd.app import alarm_memory
from acd.app.alarm_rules import Active, plain
from acd.app.alarms import Alarms
from acd.app.day_targets import Against
from acd.config.alarm_settings import USUAL_RULES, Rule
from acd.errors import StoreUnavailable
from acd.ports_watch import KeptAlarm
from tests.unit.test_alarms import EVENING_S, RULES, Ear, World, until

NIGHT_S = EVENING_S + 3_600.0  # 22:50


@dataclass
class Book:
    """An AlarmBook that may be away."""

    rows: dict[tuple[str, str, int], KeptAlarm] = field(default_factory=dict)
    away: bool = False

    async def keep(self, alarms: Sequence[KeptAlarm]) -> None:
        if self.away:
            raise StoreUnavailable("away")
        self.rows |= {(each.alarm, each.subject, each.since_ms): each for each in alarms}

    async def kept(self) -> list[KeptAlarm]:
        if self.away:
            raise StoreUnavailable("away")
        return sorted(self.rows.values(), key=lambda each: each.since_ms)

    def told(self) -> list[tuple[str, bool, str]]:
        """Rule, whether it lasts, and what was told, the oldest first."""
        rows = sorted(self.rows.values(), key=lambda each: each.since_ms)
        return [(each.alarm, each.until_ms is None, each.told) for each in rows]


@dataclass
class Controller:
    """One that runs with a book, until it is killed."""

    book: Book
    ear: Ear
    now_s: float = EVENING_S
    rules: tuple[Rule, ...] = RULES

    async def __aenter__(self) -> World:
        world = World([self.ear], self.now_s, book=self.book, rules=self.rules)
        self._running = asyncio.create_task(world.alarms.run())
        await asyncio.sleep(0.02)
        return world

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0.02)
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)


def events(ear: Ear) -> list[tuple[str, str]]:
    return [(each["event"], each["kind"]) for each in ear.heard]


def began_s(alarms: Alarms) -> dict[str, tuple[float, bool]]:
    """Since when each is an alarm, and whether it lasts."""
    return {each.alarm: (each.since_s, each.until_s is None) for each in alarms.listed()}


async def a_long_wait(book: Book, ear: Ear) -> dict[str, tuple[float, bool]]:
    """A controller tells that somebody waits, and is killed; since when that was an alarm."""
    async with Controller(book, ear) as world:
        world.wait_s = 400.0
        world.passes(30)
        await until(lambda: ear.heard)
        return began_s(world.alarms)


async def test_what_lasts_is_told_once_and_its_end_is_told_by_the_next() -> None:
    book, ear = Book(), Ear()
    before = await a_long_wait(book, ear)
    assert book.told() == [("longest_wait", True, "raised")]
    async with Controller(book, ear, EVENING_S + 300) as world:
        assert began_s(world.alarms) == before
        assert [kind for kind, _, _ in world.shown] == ["longest_wait"]
        world.wait_s = 400.0
        world.passes(60)
        assert world.alarms.counts()["warning"] == 1
        world.wait_s = 0.0
        world.passes(90)
        await until(lambda: len(ear.heard) == 2)
    assert events(ear) == [("raised", "longest_wait"), ("cleared", "longest_wait")]
    assert ear.heard[0]["since"] == ear.heard[1]["since"]
    assert book.told() == [("longest_wait", False, "cleared")]
    async with Controller(book, ear, EVENING_S + 600) as world:
        assert began_s(world.alarms) == {"longest_wait": (before["longest_wait"][0], False)}
        world.passes(60)
    assert len(ear.heard) == 2


async def test_what_was_held_back_for_the_night_is_told_in_the_morning_by_another() -> None:
    book, ear = Book(), Ear()
    async with Controller(book, ear, NIGHT_S) as world:
        world.wait_s = 400.0
        world.passes(60)
    assert (events(ear), book.told()) == ([], [("longest_wait", True, "")])
    async with Controller(book, ear, NIGHT_S + 600) as world:
        world.wait_s = 400.0
        world.passes(60)
        await asyncio.sleep(0.02)
        assert ear.heard == []
        world.passes(9 * 3_600)
        await until(lambda: ear.heard)
    assert events(ear) == [("raised", "longest_wait")]


async def test_what_nobody_could_be_told_is_told_by_the_next_at_once() -> None:
    book, deaf, ear = Book(), Ear(fails=StoreUnavailable("no")), Ear()
    async with Controller(book, deaf, NIGHT_S) as world:
        world.gone = 1.0
        world.passes(60)
    async with Controller(book, ear, NIGHT_S + 60) as world:
        world.gone = 1.0
        world.passes(5)
        await until(lambda: ear.heard)
    assert events(ear) == [("raised", "switch_gone")]
    assert book.told() == [("switch_gone", True, "raised")]


async def test_an_end_that_was_not_told_is_told_by_the_next() -> None:
    book, ear = Book(), Ear()
    async with Controller(book, ear) as world:
        world.wait_s = 400.0
        world.passes(30)
        await until(lambda: ear.heard)
        ear.fails = StoreUnavailable("no")
        world.wait_s = 0.0
        world.passes(90)
    assert book.told() == [("longest_wait", False, "raised")]
    ear.fails = None
    async with Controller(book, ear, EVENING_S + 300) as world:
        world.passes(5)
        await until(lambda: len(ear.heard) == 2)
    assert events(ear) == [("raised", "longest_wait"), ("cleared", "longest_wait")]


async def test_an_alarm_whose_rule_is_gone_is_over() -> None:
    book, ear = Book(), Ear()
    await a_long_wait(book, ear)
    async with Controller(book, ear, EVENING_S + 60, RULES[1:]) as world:
        assert world.alarms.counts()["warning"] == 0
        world.passes(5)
        await until(lambda: len(ear.heard) == 2)
    assert events(ear)[1] == ("cleared", "longest_wait")
    assert book.told() == [("longest_wait", False, "cleared")]


async def test_a_database_that_is_away_holds_up_no_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm_memory, "RETRY_S", 0.01)
    book, ear = Book(), Ear()
    before = await a_long_wait(book, ear)
    book.away = True
    async with Controller(book, ear, EVENING_S + 300) as world:
        world.wait_s, world.gone = 400.0, 1.0
        world.passes(30)
        assert began_s(world.alarms) != before
        book.away = False
        await until(lambda: len(book.rows) == 2)
        # It is the same alarm, which began before: not a second one.
        assert began_s(world.alarms)["longest_wait"] == before["longest_wait"]
    assert book.told() == [("longest_wait", True, "raised"), ("switch_gone", True, "raised")]


async def test_what_another_version_kept_is_left_alone() -> None:
    book = Book({("x", "", 1): KeptAlarm("x", "", 1, None, "raised", "{}")})
    async with Controller(book, Ear()) as world:
        assert world.alarms.listed() == []


async def test_a_missed_target_keeps_its_figures_and_since_when() -> None:
    rule = USUAL_RULES["target_answer_rate"]
    missed = Against("answer_rate_a", 0.88, 44, 50, 0.9, True)
    alarm = Active(rule, "", missed, EVENING_S, EVENING_S - 30.0)
    book = Book()
    memory = alarm_memory.AlarmMemory(book)
    memory.began(alarm)
    writing = asyncio.create_task(memory.write())
    await until(lambda: book.rows)
    writing.cancel()
    (found,) = await alarm_memory.AlarmMemory(book).read()
    assert found.alarm == alarm
    assert plain(found.alarm.reading) == 0.88
