"""What supervisors must look at, and who of them has: one list for all screens.

Whoever marks an alarm as seen does so for everybody, once. The same thing happening again is
another alarm, and comes back.
"""

from __future__ import annotations

from collections.abc import Callable

from acd.errors import NotFound
from web.floor_views import Json

#: FloorAlarms that are kept; those that were seen go first.
KEPT = 50


class FloorAlarms:
    """The alarms of a running controller. ``seen_by`` is empty until somebody has looked."""

    def __init__(self) -> None:
        self._kept: dict[str, Json] = {}
        self._count = 0
        self._told: Callable[[Json], None] = lambda alarm: None

    def follow(self, told: Callable[[Json], None]) -> None:
        """Whom to tell about an alarm that is new, or was seen."""
        self._told = told

    def all(self) -> list[Json]:
        """Every alarm, the oldest first."""
        return list(self._kept.values())

    def add(
        self, at_s: float, kind: str, subject: str = "", text: tuple[str, str] = ("", "")
    ) -> None:
        """Something happened. The id names the kind, for the operation log, and never whom.
        ``text`` (Japanese, English) is what it says; without one the screen has its own words."""
        self._count += 1
        alarm: Json = {
            "id": f"{kind}-{int(at_s)}-{self._count}",
            "at_s": at_s,
            "kind": kind,
            "subject": subject,
            "text": dict(zip(("ja", "en"), text, strict=True)),
            "seen_by": "",
            "seen_s": None,
        }
        if len(self._kept) >= KEPT:
            seen = (each["id"] for each in self._kept.values() if each["seen_by"])
            del self._kept[next(seen, next(iter(self._kept)))]
        self._kept[alarm["id"]] = alarm
        self._told(alarm)

    def seen(self, alarm_id: str, by: str, at_s: float) -> Json:
        """Somebody has looked at it; who was first stays. Raises NotFound."""
        alarm = self._kept.get(alarm_id)
        if alarm is None:
            raise NotFound("there is no such alarm any more", code="unknown_alarm")
        if not alarm["seen_by"]:
            alarm = self._kept[alarm_id] = {**alarm, "seen_by": by, "seen_s": at_s}
            self._told(alarm)
        return alarm
