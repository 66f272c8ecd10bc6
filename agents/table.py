"""The form of every state machine here: a table from (state, trigger) to the state that follows."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from acd.errors import TransitionError

S = TypeVar("S", bound=StrEnum)
T = TypeVar("T", bound=StrEnum)


class After(dict[S, S]):
    """What follows each state on one trigger: a column of a table, with the table's errors."""

    def __init__(self, table: Transitions[S, T], trigger: T) -> None:
        super().__init__({state: then for (state, on), then in table.items() if on == trigger})
        self.table, self.trigger = table, trigger

    def __missing__(self, state: S) -> S:
        return self.table[state, self.trigger]


class Transitions(dict[tuple[S, T], S]):
    """Asked as ``table[state, trigger]``; raises :class:`TransitionError` for a pair it lacks.
    ``subject`` begins the sentence of the error ("a call that is").

    A subscript rather than a function, and by column where it is asked for every call.
    """

    def __init__(self, subject: str, table: Mapping[tuple[S, T], S]) -> None:
        super().__init__(table)
        self._subject = subject

    def on(self, trigger: T) -> After[S]:
        """The column of one trigger."""
        return After(self, trigger)

    def __missing__(self, pair: tuple[S, T]) -> S:
        state, trigger = pair
        raise TransitionError(f"{self._subject} {state.value} cannot {trigger.value}")
