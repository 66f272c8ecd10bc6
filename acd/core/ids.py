"""Names of things: plain strings with a type each, so that they cannot be mixed up.

A call's id is the switch's own unique id of the caller's channel. Offer and visit ids are made by
the engine, all of one length, since the switch matches some names by prefix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NewType

from msgspec import Meta

if TYPE_CHECKING:
    CallId = NewType("CallId", str)
    OfferId = NewType("OfferId", str)
    VisitId = NewType("VisitId", str)
    AgentId = NewType("AgentId", str)
    QueueId = NewType("QueueId", str)
    SwitchId = NewType("SwitchId", str)
    SpyId = NewType("SpyId", str)
    TimerToken = NewType("TimerToken", int)
else:
    # A NewType is a Python function at each use. Where every call passes, even ``str`` is left out.
    CallId = OfferId = VisitId = AgentId = QueueId = SwitchId = SpyId = str
    TimerToken = int

#: A field that holds personal data: never in log text, metric labels or file names.
Personal = Annotated[str, Meta(extra_json_schema={"personal": True})]


#: Added before a number is written, it fills up to twelve digits (half the time of a format).
_TWELVE = 10**12


def offer_id(number: int) -> OfferId:
    """The id of the n-th offer: ``o`` and twelve digits."""
    return "o" + str(_TWELVE + number)[1:]  # type: ignore[return-value]


def visit_id(number: int) -> VisitId:
    """The id of the n-th queue visit: ``v`` and twelve digits."""
    return "v" + str(_TWELVE + number)[1:]  # type: ignore[return-value]


def spy_id(number: int) -> SpyId:
    """The id of the n-th supervisor's leg: ``s`` and twelve digits."""
    return SpyId(f"s{number:012d}")


def outside_device(agent: AgentId) -> str:
    """An operator's telephone in the public network; no telephone of a plan is called so."""
    return f"out-{agent}"


def browser_device(agent: AgentId) -> str:
    """The telephone that an operator's browser is; no telephone of a plan is called so."""
    return f"web-{agent}"


def floor_seat(number: int) -> AgentId:
    """Who a supervisor's browser is as a telephone; no operator's id begins with a hyphen."""
    return AgentId(f"-{number}")


def node_endpoint(switch: SwitchId) -> str:
    """What another switch is called at one: no telephone and no trunk is called so."""
    return f"node-{switch}"
