"""Which carrier's line takes a call to the outside. Pure.

A group's members stand in ranks: a lower ``order`` comes first. Among equals the weights decide,
call by call, by weighted rendezvous hashing: each member draws ``-ln(u) / weight`` with ``u`` from
a hash of the call's key and the member's name, and the smallest draw is first. So over many calls a
member of weight 3 is first three times as often as one of weight 1, the same call finds the same
order on every machine, and nothing has to be counted or remembered. (Source of the rule: the
smallest of independent exponential variables is the i-th with probability w_i / sum of w.)

A member that is down or full is passed over, and the answer says why. One that refused a call a
moment ago (``resting``) is still tried, behind all others: its OPTIONS may be answered by a machine
that cannot carry calls.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from hashlib import blake2b

from msgspec import Struct

#: Bits of the hash that a draw is made of.
_BITS = 53


class PassedOver(StrEnum):
    """Why a line did not get a call.

    DOWN: it does not answer OPTIONS. FULL: its channels are in use, or those kept for calls out.
    GROUP_FULL: those of the whole group are. CONGESTED: it was tried and refused the call. SILENT:
    it was tried and did not answer at all. UNREACHED: it was tried, and there was no way to it.
    """

    DOWN = "down"
    FULL = "full"
    GROUP_FULL = "group_full"
    CONGESTED = "congested"
    SILENT = "silent"
    UNREACHED = "unreached"

    __hash__ = str.__hash__


class Member(Struct, frozen=True):
    """A line in a group. ``max_channels`` calls at once in both directions, ``max_outgoing`` of
    them to the outside; 0: as many as there are. ``asked``: whether OPTIONS tell if it is up."""

    trunk: str
    order: int = 1
    weight: int = 1
    max_channels: int = 0
    max_outgoing: int = 0
    asked: bool = True


class TrunkGroup(Struct, frozen=True):
    """Lines that stand in for one another. ``overflow_after_s``: how long a carrier may say nothing
    to a call before the next one is tried. ``rest_s``: how long one that refused a call is the last
    choice. ``max_channels`` is for all members together, in both directions; 0: no limit."""

    id: str
    members: tuple[Member, ...]
    overflow_after_s: float = 5.0
    rest_s: float = 10.0
    max_channels: int = 0


class LineState(Struct, frozen=True):
    """A line at this moment: ``up`` (None: nobody asks it), calls in both directions, calls out,
    and whether it refused a call a moment ago."""

    up: bool | None = None
    used: int = 0
    outgoing: int = 0
    resting: bool = False


class Passed(Struct, frozen=True, gc=False):
    """A line that did not get the call, and why."""

    trunk: str
    reason: PassedOver


class Route(Struct, frozen=True):
    """``lines`` to try one after another, and those that are not tried at all."""

    lines: tuple[str, ...]
    passed: tuple[Passed, ...] = ()


def alone(member: Member) -> TrunkGroup:
    """A line that is in no group: there is nothing to choose, but it may be down or full."""
    return TrunkGroup(member.trunk, (member,))


def choose(group: TrunkGroup, states: Mapping[str, LineState], used: int, key: str) -> Route:
    """The lines of a group for one call, in the order to try them.

    ``states`` by trunk (who is missing counts as free), ``used`` channels of the whole group,
    ``key`` the id of call or leg: ties of ``order`` are broken by :func:`draw` of it.
    """
    if group.max_channels and used >= group.max_channels:
        full = tuple(Passed(each.trunk, PassedOver.GROUP_FULL) for each in group.members)
        return Route((), full)
    fit: list[tuple[bool, int, float, str]] = []
    passed: list[Passed] = []
    for member in group.members:
        state = states.get(member.trunk, LineState())
        reason = _why_not(member, state)
        if reason is not None:
            passed.append(Passed(member.trunk, reason))
        else:
            mine = draw(key, member.trunk, member.weight)
            fit.append((state.resting, member.order, mine, member.trunk))
    return Route(tuple(trunk for *_, trunk in sorted(fit)), tuple(passed))


def _why_not(member: Member, state: LineState) -> PassedOver | None:
    if state.up is False:
        return PassedOver.DOWN
    if member.max_channels and state.used >= member.max_channels:
        return PassedOver.FULL
    if member.max_outgoing and state.outgoing >= member.max_outgoing:
        return PassedOver.FULL
    return None


def draw(key: str, trunk: str, weight: int) -> float:
    """The member's draw for this call: exponential with rate ``weight``; the smallest is first."""
    data = blake2b(f"{key}|{trunk}".encode(), digest_size=8).digest()
    uniform = ((int.from_bytes(data, "big") >> (64 - _BITS)) + 0.5) / (1 << _BITS)
    return -math.log(uniform) / weight


#: Q.850 causes by which a carrier, and not the one who is called, turns a call away, as Asterisk
#: makes them of SIP: congestion (503: 34), out of order (500: 38, 502: 27), 409 (41), 504 (102), no
#: channel (44, 47), no way (3), not registered (20), and no answer to an INVITE at all (408: 18).
NO_WAY, NO_ANSWER = 3, 18
_UNREACHED = frozenset({NO_WAY, 20})
TURNED_AWAY = frozenset({27, 34, 38, 41, 42, 44, 47, 102, NO_ANSWER}) | _UNREACHED
#: How much later than ``overflow_after_s`` the end of a silent line may be told.
SLACK_S = 1.0


def turned_away(cause: int, after_s: float, within_s: float) -> PassedOver | None:
    """Why the next carrier is to be tried after a call that ended with ``cause``, ``after_s`` from
    when it was sent; None: it is over (busy, refused, not answered by the one who was called)."""
    if cause not in TURNED_AWAY or after_s > within_s:
        return None
    if cause == NO_ANSWER:
        return PassedOver.SILENT
    return PassedOver.UNREACHED if cause in _UNREACHED else PassedOver.CONGESTED
