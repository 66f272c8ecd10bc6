"""Which outside numbers an operator may call, and how often in a day. Pure.

Nothing may be dialled that is not allowed: the plan lists how numbers must begin, and what no list
can allow is here. Days are local, from midnight to midnight.
"""

from __future__ import annotations

import re

from msgspec import Struct

from acd.core.ids import AgentId

#: Numbers that are never dialled, whatever a plan says: emergency, directory and message services,
#: international, shared-cost and premium.
FORBIDDEN_NUMBERS = re.compile(
    r"11[0-9]|104|117|171|177|0(?:0|10)\d*|\+(?!81)\d*|(?:0|\+81)(?:990|180|570)\d*"
)
#: What can be a number at all: digits, maybe with a country code.
_NUMBER = re.compile(r"(?:\+81|0)[1-9]\d{7,10}")


class OutboundPlan(Struct, frozen=True):
    """Outside calls by operators. Without a ``trunk`` there are none.

    ``allow``: how an allowed number begins (``0466``) or is (longer numbers are longer beginnings).
    ``per_agent`` and ``per_centre``: calls a day. ``ring_s``: how long the outside is rung.
    """

    trunk: str = ""
    allow: tuple[str, ...] = ()
    per_agent: int = 30
    per_centre: int = 500
    ring_s: float = 40.0


class OutboundCount(Struct):
    """Outside calls of the day that ends at ``until_s`` (engine seconds)."""

    until_s: float = 0.0
    centre: int = 0
    agents: dict[AgentId, int] = {}


def national(number: str) -> str:
    """The number as it is dialled at home: ``+81466...`` is ``0466...``."""
    return "0" + number[3:] if number.startswith("+81") else number


def is_allowed(plan: OutboundPlan, number: str) -> bool:
    """Whether an operator may call this number (digits, as :func:`national` gives them)."""
    if not plan.trunk or _NUMBER.fullmatch(number) is None or FORBIDDEN_NUMBERS.fullmatch(number):
        return False
    return national(number).startswith(plan.allow) if plan.allow else False


def calls_left(plan: OutboundPlan, count: OutboundCount, agent: AgentId, now_s: float) -> int:
    """How many calls more today are within both limits."""
    if now_s >= count.until_s:
        return min(plan.per_agent, plan.per_centre)
    mine = plan.per_agent - count.agents.get(agent, 0)
    return max(0, min(mine, plan.per_centre - count.centre))
