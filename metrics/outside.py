"""What came of the calls that operators made to the outside. Pure.

They are calls of their own: offered to nobody, so part of no service level.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from acd.core.cdr_types import OutsideRecord
from acd.core.dial import DialOutcome


class OutsideFigures(Struct, frozen=True):
    """Calls by how they ended, every outcome named, by operator, and by the carrier's line that had
    them (who got no line is left out); ``talk_s`` is the sum.

    Example: three calls of which one was answered for 30 s and two were busy give
    ``calls == 3``, ``outcomes["answered"] == 1``, ``outcomes["busy"] == 2``, ``talk_s == 30.0``.
    """

    calls: int
    outcomes: dict[str, int]
    by_agent: dict[str, int]
    talk_s: float
    by_trunk: dict[str, int] = {}


def outside_figures(rows: Iterable[OutsideRecord]) -> OutsideFigures:
    """Count the rows; operators in the order of their ids."""
    outcomes = {outcome.value: 0 for outcome in DialOutcome}
    by_agent: dict[str, int] = {}
    by_trunk: dict[str, int] = {}
    talk_ms = 0
    for row in rows:
        outcomes[row.outcome] += 1
        by_agent[row.agent] = by_agent.get(row.agent, 0) + 1
        if row.trunk:
            by_trunk[row.trunk] = by_trunk.get(row.trunk, 0) + 1
        talk_ms += row.talk_ms
    calls = sum(outcomes.values())
    agents, trunks = dict(sorted(by_agent.items())), dict(sorted(by_trunk.items()))
    return OutsideFigures(calls, outcomes, agents, talk_ms / 1000, trunks)
