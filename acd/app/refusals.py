"""How many callers each trunk was one too many for, since the start."""

from __future__ import annotations

from collections.abc import Sequence

from acd.core.events import AlertKind, AlertRaised, Event


class Refusals:
    """An EventSink that counts by trunk; trunks are named in the settings, so they are few."""

    def __init__(self) -> None:
        self.by_trunk: dict[str, int] = {}

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Take the events of one step."""
        for event in events:
            if isinstance(event, AlertRaised) and event.kind is AlertKind.TRUNK_FULL:
                self.by_trunk[event.subject] = self.by_trunk.get(event.subject, 0) + 1
