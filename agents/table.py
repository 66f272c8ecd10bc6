"""The form of every state machine here: a table from (state, trigger) to the state that follows."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from acd.errors import TransitionError

S = TypeVar("S", bound=StrEnum)
T = TypeVar("T", bound=StrEnum)


class Transitions(dict[tuple[S, T], S]):
    """Asked as ``table[state, trigger]``; raises :class:`TransitionError` for a pair it lacks.
    ``subject`` begins the sentence of the error ("a call that is").

    A subscript rather than a function: the engine asks some seven times a call.
    """

    def __init__(self, subject: str, table: Mapping[tuple[S, T], S]) -> None:
        super().__init__(table)
        self._subject = subject

    def __missing__(self, pair: tuple[S, T]) -> S:
        state, trigger = pair
        raise TransitionError(f"{self._subject} {state.value} cannot {trigger.value}")
