"""One step of the engine: what it decides while it handles one input."""

from __future__ import annotations

from msgspec import Struct

from acd.core.apply import APPLIERS
from acd.core.commands import Command
from acd.core.events import Event
from acd.core.state import State


class Step(Struct, gc=False):
    """Collects events and commands; an emitted event is applied at once."""

    state: State
    now: float
    events: list[Event] = []
    commands: list[Command] = []

    def emit(self, event: Event) -> None:
        """Decide ``event``: it changes the state before the next decision is made."""
        self.events.append(event)
        APPLIERS[type(event)](self.state, event, self.now)

    def command(self, command: Command) -> None:
        """Ask for something to be done once the events are safe."""
        self.commands.append(command)
