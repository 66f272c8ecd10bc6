"""What the picture of a switch's channels is made of, and what its causes mean."""

from __future__ import annotations

from acd.core.dial import DialOutcome
from acd.core.ids import CallId, OfferId
from acd.core.inputs import EndedBy, OfferFailure

#: Q.850 causes of a leg that was never answered. Others count as no answer.
FAILURES = {
    17: OfferFailure.BUSY,
    21: OfferFailure.REJECTED,
    1: OfferFailure.UNREACHABLE,
    3: OfferFailure.UNREACHABLE,
    20: OfferFailure.UNREACHABLE,
    27: OfferFailure.UNREACHABLE,
    34: OfferFailure.UNREACHABLE,
    38: OfferFailure.UNREACHABLE,
    41: OfferFailure.UNREACHABLE,
    42: OfferFailure.UNREACHABLE,
    58: OfferFailure.UNREACHABLE,
    102: OfferFailure.UNREACHABLE,
}
#: The same of somebody who was called outside.
OUTCOMES = {
    OfferFailure.BUSY: DialOutcome.BUSY,
    OfferFailure.REJECTED: DialOutcome.REJECTED,
    OfferFailure.UNREACHABLE: DialOutcome.UNREACHABLE,
    OfferFailure.NO_ANSWER: DialOutcome.NOT_ANSWERED,
}


class PicturedCaller:
    """A caller's channel: whether it waits, the talk's bridge, the number to show. ``dialled``: no
    caller at all, but somebody who was called from here."""

    __slots__ = ("bridge", "dialled", "held_in", "number")

    def __init__(self) -> None:
        self.held_in = ""
        self.bridge = ""
        self.number = ""
        self.dialled = False


class PicturedLeg:
    """An operator's channel, from the offer until its hang-up. ``outward``: it dials outside;
    ``joined``: it met a leg of ours; ``hung_up``: it was put down, or told to end."""

    __slots__ = (
        "answered",
        "bridge",
        "call",
        "connected",
        "doubt",
        "ended_by",
        "hung_up",
        "joined",
        "offer",
        "outward",
    )

    def __init__(self, offer: OfferId, call: CallId | None) -> None:
        self.offer = offer
        self.call = call
        self.bridge = ""
        self.answered = False
        self.connected = False
        self.outward = False
        self.joined = False
        self.hung_up = False
        self.doubt: OfferFailure | None = None
        self.ended_by: EndedBy | None = None
