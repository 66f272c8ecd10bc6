"""What phones noted of their ringing, held against the ledger's offers in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from acd.core.cdr_types import LegRecord
from acd.core.events import OfferResult
from sim.load.counts import Fact

#: How far a ring may lie outside of its offer: both stamp a moment apart.
_APART_MS = 250

#: What became of an offer that was taken back: it crossed whatever the phone did meanwhile.
_TAKEN_BACK = frozenset({"", "cancelled", "refused", "was_hung_up", "hung_up"})
#: What a phone may have seen of an offer with this result (``None``: a talk; ``""``: no ring).
#: ``rang`` alone is never right: that phone was forgotten.
_PHONE_SAW: Mapping[OfferResult | None, frozenset[str]] = {
    None: frozenset({"hung_up", "was_hung_up"}),
    OfferResult.NO_ANSWER: frozenset({"cancelled", "was_hung_up"}),
    OfferResult.BUSY: frozenset({"refused"}),
    # Refused, or picked up and hung up before the caller was there.
    OfferResult.REJECTED: frozenset({"refused", "hung_up"}),
    OfferResult.UNREACHABLE: frozenset({"", "refused"}),
    OfferResult.CALLER_GONE: _TAKEN_BACK,
    OfferResult.WITHDRAWN: _TAKEN_BACK,
    OfferResult.AGENT_LEFT: _TAKEN_BACK,
}


@dataclass(frozen=True, slots=True)
class Ring:
    """A phone's note of one ringing: when, and the last thing it saw of it."""

    phone: str
    at_s: float
    last: str
    answered: bool


def rings_of(facts: Iterable[Fact]) -> list[Ring]:
    """A phone has one call at a time: a new ring begins where it rang."""
    rings: list[Ring] = []
    open_at: dict[str, int] = {}
    for fact in facts:
        if fact.what == "rang":
            open_at[fact.who] = len(rings)
            rings.append(Ring(fact.who, fact.at_s, "rang", False))
        elif fact.who in open_at:
            ring = rings[open_at[fact.who]]
            answered = ring.answered or fact.what == "answered"
            rings[open_at[fact.who]] = Ring(ring.phone, ring.at_s, fact.what, answered)
    return rings


def fits(leg: LegRecord, ring: Ring | None) -> bool:
    """Whether the ledger's result allows what the phone saw (None: no ring)."""
    allowed = _PHONE_SAW.get(leg.result)
    return allowed is None or (ring.last if ring else "") in allowed


def _near(leg: LegRecord, ring: Ring) -> bool:
    """Whether it began to ring while the offer lasted."""
    began_ms = ring.at_s * 1000
    return leg.offered_ms - _APART_MS <= began_ms <= leg.offered_ms + leg.ring_ms + _APART_MS


def aligned(
    legs: Sequence[LegRecord], rings: Sequence[Ring]
) -> list[tuple[LegRecord | None, Ring | None]]:
    """One phone's offers with their rings, both in the order of time, with the fewest differences:
    an offer that was taken back at once has no ring, and the next one's may come soon after."""
    fewest = [[0] * (len(rings) + 1) for _ in range(len(legs) + 1)]
    choices: dict[tuple[int, int], tuple[int, int]] = {}
    for i in range(len(legs), -1, -1):
        for j in range(len(rings), -1, -1):
            ways = []
            if i < len(legs) and j < len(rings) and _near(legs[i], rings[j]):
                ways.append((fewest[i + 1][j + 1] + (not fits(legs[i], rings[j])), (1, 1)))
            if i < len(legs):
                ways.append((fewest[i + 1][j] + (not fits(legs[i], None)), (1, 0)))
            if j < len(rings):
                ways.append((fewest[i][j + 1] + 1, (0, 1)))
            if ways:
                fewest[i][j], choices[i, j] = min(ways, key=lambda way: way[0])
    pairs: list[tuple[LegRecord | None, Ring | None]] = []
    at = (0, 0)
    while at in choices:
        (i, j), (taken, rung) = at, choices[at]
        pairs.append((legs[i] if taken else None, rings[j] if rung else None))
        at = (i + taken, j + rung)
    return pairs
