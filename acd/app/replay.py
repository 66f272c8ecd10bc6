"""Replaying: decide the recorded inputs again, and say where today's engine decides otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from acd.core.engine import Engine
from acd.core.events import Event
from acd.ports import Step


class Difference(Struct, frozen=True):
    """One step that is decided otherwise now; ``failed`` names what deciding raised, if it did."""

    seq: int
    at_s: float
    happened: str
    recorded: tuple[str, ...]
    decided: tuple[str, ...]
    failed: str = ""


class Replayed(Struct):
    """What a replay found. ``gap_at`` is the first missing number: nothing after it was decided."""

    first_seq: int
    steps: int = 0
    events: int = 0
    differing: int = 0
    gap_at: int | None = None
    shown: list[Difference] = []


class Replay:
    """Goes on from an engine's state. After a difference it goes on from what was recorded, so
    that one difference is counted once and not in all that follows from it."""

    #: Differences that are kept in full; all are counted.
    SHOW = 20

    def __init__(self, snapshot: bytes, restore: Callable[[bytes], Engine], after_seq: int) -> None:
        self._restore = restore
        self._engine = restore(snapshot)
        self._recorded = restore(snapshot)
        self._next = after_seq + 1
        self.found = Replayed(after_seq + 1)

    def take(self, seq: int, step: Step) -> bool:
        """Decide one step again; False when the steps before it are missing."""
        if seq != self._next:
            self.found.gap_at = self._next
            return False
        self._next += 1
        self.found.steps += 1
        self.found.events += len(step.events)
        failed = ""
        decided: Sequence[Event] = ()
        try:
            decided = self._engine.handle(step.happened, step.at_s).events
        except Exception as error:
            failed = type(error).__name__
        for event in step.events:
            self._recorded.apply(event, step.at_s)
        if failed or list(decided) != list(step.events):
            self._differs(seq, step, decided, failed)
        return True

    def take_all(self, steps: Iterable[tuple[int, Step]]) -> Replayed:
        """Decide steps again until there are no more, or some are missing."""
        for seq, step in steps:
            if not self.take(seq, step):
                break
        return self.found

    def _differs(self, seq: int, step: Step, decided: Sequence[Event], failed: str) -> None:
        self.found.differing += 1
        if len(self.found.shown) < self.SHOW:
            recorded_only = _names(step.events, decided)
            decided_only = _names(decided, step.events)
            self.found.shown.append(
                Difference(
                    seq, step.at_s, type(step.happened).__name__, recorded_only, decided_only,
                    failed,
                )
            )  # fmt: skip
        self._engine = self._restore(self._recorded.snapshot())


def _names(events: Sequence[Event], others: Sequence[Event]) -> tuple[str, ...]:
    """Events that the other side lacks, by type and by the fields that hold ids or states: a
    caller's number is in none of them."""
    return tuple(_name(event) for event in events if event not in others)


def _name(event: Event) -> str:
    shown = ("offer", "call", "agent", "visit", "queue", "outcome", "result", "state", "kind")
    parts = [
        f"{name}={getattr(getattr(event, name), 'value', getattr(event, name))}"
        for name in shown
        if getattr(event, name, None) is not None
    ]
    return f"{type(event).__name__}({', '.join(parts)})"
