"""One step of the engine: what it decides while it handles one input."""

from __future__ import annotations

from msgspec import Struct

from acd.core.apply import APPLIERS
from acd.core.commands import Command
from acd.core.events import Event
from acd.core.state import State


class Outcome(Struct, gc=False):
    """What one input led to: events to be journaled, then commands to be carried out."""

    events: list[Event]
    commands: list[Command]


class Step(Outcome, gc=False, eq=False):
    """An outcome in the making: an emitted event is applied at once."""

    state: State
    now: float

    def __eq__(self, other: object) -> bool:
        """Two steps are equal that led to the same, in whatever engine."""
        if not isinstance(other, Step):
            return NotImplemented
        return self.events == other.events and self.commands == other.commands

    __hash__ = None  # type: ignore[assignment]

    def emit(self, event: Event) -> None:
        """Decide ``event``: it changes the state before the next decision is made."""
        self.events.append(event)
        APPLIERS[type(event)](self.state, event, self.now)

    def command(self, command: Command) -> None:
        """Ask for something to be done once the events are safe."""
        self.commands.append(command)
