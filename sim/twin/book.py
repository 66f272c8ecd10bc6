"""What happened to every call, written down while it happens."""

from __future__ import annotations

from typing import Any

import numpy as np

from acd.core.ids import CallId
from sim.inputs.draws import Draws
from sim.records import Outcome, Records

_ANSWERED = int(Outcome.ANSWERED)
#: The outcome of a call that has none yet, and who answered a call that nobody did.
OPEN = -1
NOBODY = (-1, -1)


class Book:
    """A line for each call, in order of arrival. ``source``: whose draws a call has."""

    def __init__(self, draws: Draws) -> None:
        self.talks = draws.talk_s.tolist()
        self.wraps = draws.wrap_s.tolist()
        self.skills = draws.skill.tolist()
        #: By source: how long the first try waits, and how many more there may be (nobody calls
        #: again: empty).
        self.patience: list[float] = draws.patience_s.tolist()
        self.redials: list[int] = draws.redials.tolist()
        self._first = draws.again_first.tolist()
        self._after = draws.again_after_s.tolist()
        self._again_patience = draws.again_patience_s.tolist()
        self._done = [0] * len(self.redials)
        # Nobody calls again: whose draws a call has is known beforehand, and so are all lines.
        calls = 0 if self.redials else len(draws)
        self.came: list[float] = draws.came_s.tolist()[:calls]
        self.source: list[int] = list(range(calls))
        self.tries: list[int] = [0] * calls
        self.outcome: list[int] = [OPEN] * calls
        self.wait: list[float] = [0.0] * calls
        self.seat: list[tuple[int, int]] = [NOBODY] * calls
        #: The engine's names of the calls.
        self.call: list[CallId] = [CallId(n) for n in map(str, range(calls))]

    def open(self, source: int, now: float) -> int:
        """A call comes: its number."""
        if not self.redials:
            return source
        number = len(self.came)
        self.came.append(now)
        self.source.append(source)
        self.tries.append(self._done[source])
        self.outcome.append(OPEN)
        self.wait.append(0.0)
        self.seat.append(NOBODY)
        self.call.append(CallId(str(number)))
        return number

    def patience_s(self, number: int) -> float:
        """How long this caller waits at most."""
        source, tries = self.source[number], self.tries[number]
        if tries:
            return float(self._again_patience[self._first[source] + tries - 1])
        return self.patience[source]

    def again_s(self, number: int, now: float) -> float | None:
        """When a caller who was not served calls again (None: never)."""
        if not self.redials:
            return None
        source = self.source[number]
        tries = self._done[source]
        if tries >= self.redials[source]:
            return None
        self._done[source] = tries + 1
        return now + float(self._after[self._first[source] + tries])

    def records(self) -> Records:
        """All calls as arrays."""
        outcome = np.array(self.outcome, np.int8)
        source = np.array(self.source, np.int64)
        answered = outcome == _ANSWERED
        seats = np.array(self.seat, np.int32).reshape(-1, 2)

        def of_caller(values: list[Any], kind: type[np.generic]) -> Any:
            return np.array(values, kind)[source]

        return Records(
            came_s=np.array(self.came, np.float64),
            skill=of_caller(self.skills, np.int16),
            outcome=outcome,
            wait_s=np.array(self.wait, np.float64),
            group=seats[:, 0].astype(np.int16),
            agent=seats[:, 1].copy(),
            talk_s=np.where(answered, of_caller(self.talks, np.float64), 0.0),
            wrap_s=np.where(answered, of_caller(self.wraps, np.float64), 0.0),
            tries=np.array(self.tries, np.int16),
        )
