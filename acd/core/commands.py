"""What the engine wants done outside: imperative, one frozen struct each.

``StartTimer`` goes to the clock, all others to the switch. A command that fails comes back as an
input (:class:`acd.core.inputs.OfferFailed` or :class:`acd.core.inputs.CommandFailed`).
"""

from __future__ import annotations

from msgspec import Struct

from acd.core.commands_floor import SpyCommand
from acd.core.commands_talk import DialOut, RingParty, TalkCommand
from acd.core.ids import AgentId, CallId, OfferId, Personal, QueueId, SwitchId, TimerToken


class StartTimer(Struct, frozen=True, gc=False, tag="start_timer"):
    """Send ``TimerFired(token)`` at ``at_s`` (engine time). There is no cancelling: the engine
    ignores tokens that it has forgotten."""

    token: TimerToken
    at_s: float


class OfferCall(Struct, frozen=True, gc=False, tag="offer_call"):
    """Ring ``device`` and, when it answers, connect it to the caller's ``channel``.

    The offer id is the fence: the caller's channel carries it, the operator's leg must match it.
    ``announce`` is the prompt that the operator hears first (may be empty). ``outside`` is dialled
    instead of the device, and shown ``shown``: whoever answers there must press 1 to accept.
    ``in_talk``: the caller talks with an operator, and goes on doing so until it is answered.
    """

    offer: OfferId
    call: CallId
    agent: AgentId
    switch: SwitchId
    channel: str
    device: str
    ring_timeout_s: float
    queue: QueueId
    announce: str = ""
    outside: Personal = ""
    shown: str = ""
    in_talk: bool = False


class CancelOffer(Struct, frozen=True, gc=False, tag="cancel_offer"):
    """Stop ringing, or drop the operator's leg that was about to connect. ``in_talk``: the caller
    stays in the talk that goes on."""

    offer: OfferId
    call: CallId
    switch: SwitchId
    channel: str
    in_talk: bool = False


class HoldCaller(Struct, frozen=True, gc=False, tag="hold_caller"):
    """Put the caller (back) on hold in the waiting bridge, e.g. after a transfer to a queue."""

    call: CallId
    switch: SwitchId
    channel: str


class DialTarget(Struct, frozen=True, gc=False, tag="dial_target"):
    """Send the caller on to a directory entry; ``dial`` is the entry's dial string."""

    call: CallId
    switch: SwitchId
    channel: str
    entry: str
    dial: str


class PlayAnnouncement(Struct, frozen=True, gc=False, tag="play_announcement"):
    """Play an announcement to a waiting caller and hang up after it (goodbye included)."""

    call: CallId
    switch: SwitchId
    channel: str
    announcement: str


class HangUpCaller(Struct, frozen=True, gc=False, tag="hang_up_caller"):
    """End the call: the caller's channel, and with it all of the call."""

    call: CallId
    switch: SwitchId
    channel: str


class HangUpLeg(Struct, frozen=True, gc=False, tag="hang_up_leg"):
    """End an operator's leg of a talk; the caller goes on to what follows the talk."""

    offer: OfferId
    switch: SwitchId


CallCommand = (
    OfferCall | CancelOffer | HoldCaller | DialTarget | PlayAnnouncement | HangUpCaller | HangUpLeg
)
SwitchCommand = CallCommand | TalkCommand | SpyCommand
Command = StartTimer | SwitchCommand
#: Commands that make an operator's leg, which may be recorded.
Recorded = OfferCall | DialOut | RingParty
