"""What the engine wants done with a talk that is going on: part of its commands.

``offer`` names the operator's leg, ``channel`` is the caller's. Each has the executor's deadline; a
failure comes back as :class:`acd.core.inputs.CommandFailed`, of a ring as ``OfferFailed``.
"""

from __future__ import annotations

from msgspec import Struct

from acd.core.ids import AgentId, CallId, OfferId, Personal, QueueId, SwitchId
from acd.core.party import PartyKind


class PartTalk(Struct, frozen=True, gc=False, tag="part_talk"):
    """Caller and operator part: the caller hears music, the operator waits for what comes, or,
    ``asking``, hears that somebody is being rung. Without an offer the caller alone: the operator's
    leg ends."""

    call: CallId
    switch: SwitchId
    channel: str
    offer: OfferId = OfferId("")
    asking: bool = False


class ReuniteTalk(Struct, frozen=True, gc=False, tag="reunite_talk"):
    """Bring the operator back to the caller, from wherever the operator is."""

    call: CallId
    switch: SwitchId
    channel: str
    offer: OfferId


class RingParty(Struct, frozen=True, gc=False, tag="ring_party"):
    """Ring somebody and let them talk with the operator (CONSULT), with both (GUEST), or with the
    caller (TRANSFER). ``dial`` is the dial string; ``shown`` the number to show, empty: the
    caller's. ``tone``: the operator waits already, and shall hear that it rings. Of a
    ``colleague`` also the telephone, the queue of the call, and whether only a key (``confirm``)
    says that a person answered."""

    party: OfferId
    call: CallId
    switch: SwitchId
    channel: str
    offer: OfferId
    kind: PartyKind
    dial: Personal
    ring_timeout_s: float
    shown: str = ""
    tone: bool = False
    colleague: AgentId = AgentId("")
    device: str = ""
    queue: QueueId = QueueId("")
    confirm: bool = False


class HandOver(Struct, frozen=True, gc=False, tag="hand_over"):
    """The party that was consulted gets the caller (when it answers, if it rings yet); the
    operator's leg ends."""

    call: CallId
    switch: SwitchId
    channel: str
    offer: OfferId
    party: OfferId
    answered: bool


class MergeTalk(Struct, frozen=True, gc=False, tag="merge_talk"):
    """The caller joins operator and party: a talk of three."""

    call: CallId
    switch: SwitchId
    channel: str
    offer: OfferId


class DropParty(Struct, frozen=True, gc=False, tag="drop_party"):
    """Let a party go, whether it is being rung, rings or talks."""

    call: CallId
    switch: SwitchId
    party: OfferId


class DialOut(Struct, frozen=True, gc=False, tag="dial_out"):
    """Ring the operator's ``device`` and, when it answers, dial ``dial`` outside for ``ring_s``
    seconds at most. ``number`` is shown to the operator, ``shown`` outside."""

    offer: OfferId
    switch: SwitchId
    device: str
    dial: Personal
    number: Personal
    shown: str
    own_ring_s: float
    ring_s: float


TalkCommand = PartTalk | ReuniteTalk | RingParty | HandOver | MergeTalk | DropParty | DialOut
