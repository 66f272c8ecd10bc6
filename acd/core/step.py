"""One step of the engine: what it decides while it handles one input."""

from __future__ import annotations

from acd.core.apply import APPLIERS
from acd.core.commands import Command
from acd.core.events import Event
from acd.core.state import State


class Step:
    """Collects events and commands; an emitted event is applied at once."""

    __slots__ = ("commands", "events", "now", "state")

    def __init__(self, state: State, now: float) -> None:
        self.state = state
        self.now = now
        self.events: list[Event] = []
        self.commands: list[Command] = []

    def emit(self, event: Event) -> None:
        """Decide ``event``: it changes the state before the next decision is made."""
        self.events.append(event)
        APPLIERS[type(event)](self.state, event, self.now)

    def command(self, command: Command) -> None:
        """Ask for something to be done once the events are safe."""
        self.commands.append(command)
