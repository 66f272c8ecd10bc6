"""What happened to every call of one simulated day: the same arrays from every engine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Outcome(IntEnum):
    """How a simulated call ended."""

    ANSWERED = 0
    ABANDONED = 1
    BLOCKED = 2
    LEFT_IN_MENU = 3


@dataclass(frozen=True, slots=True)
class Records:
    """One item a call, in order of arrival; equal arrays mean equal decisions.

    ``came_s`` from the day's beginning; ``skill`` indexes ``scenario.classes``; ``outcome`` is an
    :class:`Outcome`; ``wait_s`` until answered or given up (0 if blocked); ``group`` indexes
    ``scenario.groups`` and ``agent`` counts within the group (both -1 unless answered); ``talk_s``
    and ``wrap_s`` 0 unless answered. ``tries``: 0, or how often this caller had called before.
    ``menu_s``: from arrival to the queue, or until the caller left in the menu (None: no menu).
    ``apart_s``: a row for each stretch in which an operator neither waited for calls nor handled
    one (a ring, a break, the rest after a missed ring): group, from and to (None: none).
    """

    came_s: NDArray[np.float64]
    skill: NDArray[np.int16]
    outcome: NDArray[np.int8]
    wait_s: NDArray[np.float64]
    group: NDArray[np.int16]
    agent: NDArray[np.int32]
    talk_s: NDArray[np.float64]
    wrap_s: NDArray[np.float64]
    tries: NDArray[np.int16]
    menu_s: NDArray[np.float64] | None = None
    apart_s: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.came_s)
