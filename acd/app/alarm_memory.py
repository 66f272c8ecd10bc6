"""What is remembered of alarms: in the database, so that a restart neither ends nor repeats one.

While the database is away what is new waits here, and is kept when it is back. What the controller
before had seen is read at the start; until that has succeeded nothing is written, so that an alarm
which lasts cannot stand there twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import StrEnum

import msgspec
import structlog
from msgspec import Struct, structs

from acd.app.alarm_rules import Active
from acd.errors import StoreError
from acd.ports_watch import AlarmBook, KeptAlarm

#: Pause before the database is tried again.
RETRY_S = 5.0
#: Alarms that are remembered here at most; beyond it the oldest are no longer brought up to date.
HELD = 1_000

_log = structlog.get_logger("madoguchi.alarms")


class Heard(StrEnum):
    """What people elsewhere were told of an alarm last."""

    NOTHING = ""
    RAISED = "raised"
    CLEARED = "cleared"


class Remembered(Struct, frozen=True):
    """An alarm, until when it lasted (None: it does), and what was told of it."""

    alarm: Active
    until_s: float | None = None
    heard: Heard = Heard.NOTHING


_Key = tuple[str, str, int]


class AlarmMemory:
    """One per controller. Without a ``book`` it ends with the process."""

    def __init__(self, book: AlarmBook | None = None) -> None:
        self._book = book
        self._held: dict[_Key, Remembered] = {}
        self._waiting: dict[_Key, Remembered] = {}
        self._news = asyncio.Event()
        self._failing = False

    async def read(self) -> list[Remembered]:
        """What was kept, the oldest first. A database that is away is asked until it answers."""
        if self._book is None:
            return []
        while True:
            try:
                kept = await self._book.kept()
            except StoreError as error:
                self._fails(error)
                await asyncio.sleep(RETRY_S)
                continue
            self._failing = False
            found = [each for each in map(_opened, kept) if each is not None]
            for each in found:
                self._hold(each)
            return found

    def began(self, alarm: Active) -> None:
        """An alarm began."""
        self._change(Remembered(alarm))

    def over(self, alarm: Active, until_s: float) -> None:
        """An alarm is over."""
        before = self._held.get(_key(alarm), Remembered(alarm))
        self._change(structs.replace(before, until_s=until_s))

    def told(self, alarm: Active, heard: Heard) -> None:
        """People were told that it began, or that it is over."""
        before = self._held.get(_key(alarm))
        if before is not None and before.heard is not Heard.CLEARED:
            self._change(structs.replace(before, heard=heard))

    def now(self, before: Remembered) -> Remembered:
        """What has become of an alarm that was read."""
        return self._held.get(_key(before.alarm), before)

    def forget(self, alarm: Active) -> None:
        """It is another one's continuation, which is remembered."""
        self._held.pop(_key(alarm), None)
        self._waiting.pop(_key(alarm), None)

    def _change(self, one: Remembered) -> None:
        self._hold(one)
        if self._book is not None:
            self._waiting[_key(one.alarm)] = one
            while len(self._waiting) > HELD:
                del self._waiting[next(iter(self._waiting))]
            self._news.set()

    def _hold(self, one: Remembered) -> None:
        self._held.pop(_key(one.alarm), None)
        self._held[_key(one.alarm)] = one
        while len(self._held) > HELD:
            del self._held[next(iter(self._held))]

    async def write(self) -> None:
        """Write what changes, until cancelled; what the database does not take is tried again."""
        while True:
            await self._news.wait()
            self._news.clear()
            waiting = dict(self._waiting)
            try:
                if self._book is not None:
                    await self._book.keep([_closed(each) for each in waiting.values()])
            except StoreError as error:
                self._fails(error)
                self._news.set()
                await asyncio.sleep(RETRY_S)
                continue
            self._failing = False
            for key, one in waiting.items():
                if self._waiting.get(key) is one:
                    del self._waiting[key]

    def _fails(self, error: StoreError) -> None:
        if not self._failing:
            _log.warning("alarms_not_kept", code=error.code)
        self._failing = True


def ended(found: Sequence[Remembered]) -> list[tuple[Active, float]]:
    """Those that are over, and when."""
    return [(each.alarm, each.until_s) for each in found if each.until_s is not None]


def _key(alarm: Active) -> _Key:
    return (*alarm.key, round(alarm.since_s * 1000))


def _closed(one: Remembered) -> KeptAlarm:
    rule, subject, since_ms = _key(one.alarm)
    until_ms = None if one.until_s is None else round(one.until_s * 1000)
    detail = msgspec.json.encode(one.alarm).decode()
    return KeptAlarm(rule, subject, since_ms, until_ms, one.heard.value, detail)


def _opened(kept: KeptAlarm) -> Remembered | None:
    """None for what another version kept in a way of its own."""
    try:
        alarm = msgspec.json.decode(kept.detail, type=Active)
        heard = Heard(kept.told)
    except (msgspec.MsgspecError, ValueError) as error:
        _log.warning("alarm_not_understood", alarm=kept.alarm, error=type(error).__name__)
        return None
    return Remembered(alarm, None if kept.until_ms is None else kept.until_ms / 1000, heard)
