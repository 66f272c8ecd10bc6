"""Where operators sit: as the plan says, and in the plan's order where it says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TypedDict

from acd.core.plan import AgentPlan, SeatPlan

#: Seats in a row of a plan that names none.
COLUMNS = 6


class Place(TypedDict):
    """Where somebody sits; both from 1 on."""

    row: int
    column: int


def seat_map(agents: Sequence[AgentPlan]) -> dict[str, Place]:
    """A place for everybody, row and column from 1 on, by operator. Whoever has none in the plan
    gets the next one, from left to right, row by row, below those who have."""
    placed = {each.id: each.seat for each in agents if each.seat is not None}
    below = max((seat.row for seat in placed.values()), default=0)
    wide = max((seat.column for seat in placed.values()), default=COLUMNS)
    free = (SeatPlan(below + 1 + at // wide, 1 + at % wide) for at in count())
    seats = {each.id: each.seat or next(free) for each in agents}
    return {agent: {"row": seat.row, "column": seat.column} for agent, seat in seats.items()}
