"""Alarms at work: look at the facts, tell the floor at once and people elsewhere within a minute.

In quiet hours only what is critical is told elsewhere; the rest waits, and what is over by then is
not told at all. Each way to tell has a line of its own, so that one that hangs holds up no other.
Alarms outlive a restart (:mod:`acd.app.alarm_memory`): what lasts goes on since when it began, and
what nobody was told of yet is told.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

import structlog
from msgspec import Struct

from acd.app.alarm_memory import AlarmMemory, Heard, Remembered, ended
from acd.app.alarm_rules import Active, Change, Facts, Watch, at_least, is_quiet
from acd.app.alarm_text import notice, said, test_notice
from acd.config.alarm_settings import AlarmKind, QuietSettings, Rule, Severity
from acd.errors import LimitExceeded, MadoguchiError
from acd.ports_watch import AlarmBook, AlarmChannel, AlarmNotice

#: Seconds between two looks at the facts.
EVERY_S = 5.0
#: Messages that wait for one way to tell; beyond it the oldest is dropped, and that is logged.
WAITING = 100
#: Ended alarms that are remembered.
REMEMBERED = 200
#: A way to tell has this long for one message.
SEND_WITHIN_S = 55.0
#: Pause between two tests.
TEST_EVERY_S = 5.0
#: What the controller before had seen is waited for so long; then it is looked without it.
READ_WITHIN_S = 10.0

#: Kinds that the floor hears of from the engine itself, at once.
TOLD_BY_THE_ENGINE = frozenset({AlarmKind.SWITCH_GONE})

#: Shows a kind, its subject, what is said of it (Japanese, English) and since when it is so.
Show = Callable[[str, str, tuple[str, str], float], None]
#: Names of queues, Japanese and English, by id.
Names = Mapping[str, tuple[str, str]]
_log = structlog.get_logger("madoguchi.alarms")


def _its_end(over: tuple[Active, float]) -> float:
    return over[1]


class ChannelTold(Struct, frozen=True):
    """What came of telling one channel: an error's code, or nothing."""

    channel: str
    fault: str


class Ended(Struct, frozen=True):
    """An alarm that is over."""

    alarm: Active
    until_s: float


class Shown(Struct, frozen=True):
    """An alarm as it is listed; ``until_s`` is None while it lasts."""

    alarm: str
    kind: str
    severity: str
    subject: str
    value: float
    since_s: float
    until_s: float | None
    text_ja: str
    text_en: str


class _Message(Struct, frozen=True):
    """What is to be told, and whom to tell that it was."""

    notice: AlarmNotice
    arrived: Callable[[], None]


class _Line:
    """One channel and what waits for it."""

    def __init__(self, channel: AlarmChannel) -> None:
        self.channel = channel
        self.waiting: deque[_Message] = deque()
        self.filled = asyncio.Event()
        self.retired = False

    def takes(self, notice: AlarmNotice) -> bool:
        return at_least(Severity(notice.severity), Severity(self.channel.least))

    def put(self, message: _Message) -> None:
        if not self.takes(message.notice):
            return
        if len(self.waiting) >= WAITING:
            self.waiting.popleft()
            _log.error("alarm_not_told", channel=self.channel.name, code="too_many")
        self.waiting.append(message)
        self.filled.set()

    def retire(self) -> deque[_Message]:
        """End when what is being sent is sent; what waits is for another."""
        self.retired = True
        self.filled.set()
        waiting, self.waiting = self.waiting, deque()
        return waiting

    async def run(self) -> None:
        while not self.retired:
            await self.filled.wait()
            while self.waiting:
                message = self.waiting.popleft()
                fault = await _tell(self.channel, message.notice)
                if fault:
                    _log.error("alarm_not_told", channel=self.channel.name, code=fault)
                else:
                    message.arrived()
            self.filled.clear()


async def _tell(channel: AlarmChannel, message: AlarmNotice) -> str:
    """Send one message; the fault's code, or nothing."""
    try:
        async with asyncio.timeout(SEND_WITHIN_S):
            await channel.send(message)
    except TimeoutError:
        return "deadline"
    except MadoguchiError as error:
        return error.code
    except Exception as error:
        return type(error).__name__
    return ""


class Alarms:
    """One per controller. ``book`` keeps alarms beyond its end."""

    def __init__(
        self,
        rules: Sequence[Rule],
        quiet: Sequence[QuietSettings],
        facts: Callable[[], Facts],
        now: Callable[[], float],
        zone: Callable[[], ZoneInfo],
        channels: Sequence[AlarmChannel] = (),
        names: Callable[[], Names] = dict,
        book: AlarmBook | None = None,
    ) -> None:
        self._watch = Watch(rules)
        self._memory = AlarmMemory(book)
        self._quiet, self._facts, self._now, self._zone = quiet, facts, now, zone
        self._lines = [_Line(channel) for channel in channels]
        self._names = names
        self._group: asyncio.TaskGroup | None = None
        self._held: dict[tuple[str, str], Change] = {}
        self._ended: deque[Ended] = deque(maxlen=REMEMBERED)
        self._tested_s = float("-inf")
        self._show: Show | None = None
        self._resumed = asyncio.Event()

    def show_on(self, show: Show) -> None:
        """Put alarms onto the supervisors' floor from now on, and those that last at once."""
        self._show = show
        for alarm in self._watch.active:
            self._put_on_the_floor(alarm)

    async def run(self) -> None:
        """Look again and again and tell, until cancelled."""
        async with asyncio.TaskGroup() as self._group:
            for line in self._lines:
                self._begin(line)
            self._group.create_task(self._go_on(), name="alarms of before")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._resumed.wait(), READ_WITHIN_S)
            while True:
                try:
                    self.look()
                except Exception as error:
                    _log.error("alarms_not_looked_at", error=type(error).__name__)
                await asyncio.sleep(EVERY_S)

    async def _go_on(self) -> None:
        """Resume what lasted when the controller before looked last; then remember what changes."""
        found = await self._memory.read()
        try:
            self._resume(found)
        except Exception as error:
            _log.error("alarms_not_resumed", error=type(error).__name__)
        self._resumed.set()
        await self._memory.write()

    def _resume(self, found: Sequence[Remembered]) -> None:
        met = {alarm.key: alarm for alarm in self._watch.active}
        over = [(each.alarm, each.until_s) for each in self._ended]
        self._ended.clear()
        self._ended.extend(Ended(*each) for each in sorted([*ended(found), *over], key=_its_end))
        lasting = [each.alarm for each in found if each.until_s is None]
        for change in self._watch.resume(lasting, self._now()):
            self._note(change)
        for each in found:
            self._tell_what_was_not(self._memory.now(each))
        for alarm in self._watch.active:
            again = met.get(alarm.key)
            if again is None:
                self._put_on_the_floor(alarm)
            elif again.since_s != alarm.since_s:
                self._memory.forget(again)

    def _tell_what_was_not(self, kept: Remembered) -> None:
        """What the controller before had no time for: at the next look that may tell."""
        if kept.until_s is None and kept.heard is Heard.NOTHING:
            self._hold(Change(kept.alarm, True, kept.alarm.since_s, None))
        elif kept.until_s is not None and kept.heard is Heard.RAISED:
            self._hold(Change(kept.alarm, False, kept.until_s, None))

    def _begin(self, line: _Line) -> None:
        if self._group is not None:
            self._group.create_task(line.run(), name=f"alarms to {line.channel.name}")

    def adopt(
        self,
        rules: Sequence[Rule],
        quiet: Sequence[QuietSettings],
        channels: Sequence[AlarmChannel],
    ) -> None:
        """Other rules, quiet hours and ways to tell from now on. What waits for a way of the same
        name is told by the new one; alarms whose rule is gone are over."""
        self._quiet = quiet
        waiting = {line.channel.name: line.retire() for line in self._lines}
        self._lines = [_Line(channel) for channel in channels]
        for line in self._lines:
            self._begin(line)
            for message in waiting.get(line.channel.name, ()):
                line.put(message)
        for change in self._watch.adopt(rules, self._now()):
            self._note(change)
            self._held.pop(change.alarm.key, None)
            self._send(change)
        _log.info(
            "alarm_settings_adopted",
            rules=len(rules),
            channels=[each.name for each in channels],
        )

    def look(self) -> None:
        """One look at the facts."""
        now_s = self._now()
        quiet = is_quiet(now_s, self._quiet, self._zone())
        for change in self._watch.look(now_s, self._facts()):
            self._note(change)
            waits = quiet and change.alarm.rule.severity is not Severity.CRITICAL
            if waits or change.alarm.key in self._held:
                self._hold(change)
            else:
                self._send(change)
        for key, change in list(self._held.items()):
            if not quiet or change.alarm.rule.severity is Severity.CRITICAL:
                del self._held[key]
                self._send(change)

    def _note(self, change: Change) -> None:
        rule, subject = change.alarm.rule, change.alarm.subject
        if change.raised:
            _log.warning("alarm", alarm=rule.id, subject=subject, value=round(change.value, 3))
            self._memory.began(change.alarm)
            self._put_on_the_floor(change.alarm)
        else:
            _log.info("alarm_over", alarm=rule.id, subject=subject)
            self._memory.over(change.alarm, change.at_s)
            self._ended.append(Ended(change.alarm, change.at_s))

    def _put_on_the_floor(self, alarm: Active) -> None:
        kind = alarm.rule.kind
        if self._show is not None and kind not in TOLD_BY_THE_ENGINE:
            text = said(alarm, self._names(), self._zone())
            self._show(kind.value, alarm.subject, text, alarm.since_s)

    def _hold(self, change: Change) -> None:
        """Until the quiet time is over. What began and ended in it is nobody's sleep worth."""
        key = change.alarm.key
        if self._held.pop(key, None) is None:
            self._held[key] = change

    def _send(self, change: Change) -> None:
        made = notice(change, self._names(), self._zone())
        heard = Heard.RAISED if change.raised else Heard.CLEARED

        def arrived() -> None:
            self._memory.told(change.alarm, heard)

        if not any(line.takes(made) for line in self._lines):
            arrived()
        for line in self._lines:
            line.put(_Message(made, arrived))

    async def test(self) -> list[ChannelTold]:
        """Tell every channel that this is a test, and wait for what comes of it."""
        now_s = self._now()
        if now_s - self._tested_s < TEST_EVERY_S:
            raise LimitExceeded("wait a few seconds before the next test", code="test_too_soon")
        self._tested_s = now_s
        message = test_notice(now_s)
        faults = await asyncio.gather(*(_tell(line.channel, message) for line in self._lines))
        return [
            ChannelTold(line.channel.name, fault)
            for line, fault in zip(self._lines, faults, strict=True)
        ]

    def listed(self) -> list[Shown]:
        """Alarms that last, the worst news first to come, then those that are over."""
        ended = ((each.alarm, each.until_s) for each in reversed(self._ended))
        return [
            *(self._shown(alarm, None) for alarm in reversed(self._watch.active)),
            *(self._shown(alarm, until_s) for alarm, until_s in ended),
        ]

    def _shown(self, alarm: Active, until_s: float | None) -> Shown:
        rule = alarm.rule
        ja, en = said(alarm, self._names(), self._zone())
        return Shown(
            rule.id,
            rule.kind.value,
            rule.severity.value,
            alarm.subject,
            alarm.value,
            alarm.since_s,
            until_s,
            ja,
            en,
        )

    def counts(self) -> dict[str, int]:
        """Alarms that last, by severity; every severity is there."""
        found = {severity.value: 0 for severity in Severity}
        for alarm in self._watch.active:
            found[alarm.rule.severity.value] += 1
        return found
