"""What supervisors must look at, and who of them has: one list for all screens.

Whoever marks an alarm as seen does so for everybody, once. The same thing happening again is
another alarm, and comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from acd.errors import NotFound
from web.answer import Words

#: FloorAlarms that are kept; those that were seen go first.
KEPT = 50


class FloorAlarm(TypedDict):
    """One alarm; ``text`` is empty where the kind alone says it."""

    id: str
    at_s: float
    kind: str
    subject: str
    text: Words
    seen_by: str
    seen_s: float | None


class FloorAlarms:
    """The alarms of a running controller. ``seen_by`` is empty until somebody has looked."""

    def __init__(self) -> None:
        self._kept: dict[str, FloorAlarm] = {}
        self._count = 0
        self._told: Callable[[FloorAlarm], None] = lambda alarm: None

    def follow(self, told: Callable[[FloorAlarm], None]) -> None:
        """Whom to tell about an alarm that is new, or was seen."""
        self._told = told

    def all(self) -> list[FloorAlarm]:
        """Every alarm, the oldest first."""
        return list(self._kept.values())

    def add(
        self, at_s: float, kind: str, subject: str = "", text: tuple[str, str] = ("", "")
    ) -> None:
        """Something happened. The id names the kind, for the operation log, and never whom.
        ``text`` (Japanese, English) is what it says; without one the screen has its own words."""
        self._count += 1
        alarm: FloorAlarm = {
            "id": f"{kind}-{int(at_s)}-{self._count}",
            "at_s": at_s,
            "kind": kind,
            "subject": subject,
            "text": {"ja": text[0], "en": text[1]},
            "seen_by": "",
            "seen_s": None,
        }
        if len(self._kept) >= KEPT:
            seen = (each["id"] for each in self._kept.values() if each["seen_by"])
            del self._kept[next(seen, next(iter(self._kept)))]
        self._kept[alarm["id"]] = alarm
        self._told(alarm)

    def seen(self, alarm_id: str, by: str, at_s: float) -> FloorAlarm:
        """Somebody has looked at it; who was first stays. Raises NotFound."""
        alarm = self._kept.get(alarm_id)
        if alarm is None:
            raise NotFound("there is no such alarm any more", code="unknown_alarm")
        if not alarm["seen_by"]:
            alarm = self._kept[alarm_id] = {**alarm, "seen_by": by, "seen_s": at_s}
            self._told(alarm)
        return alarm
