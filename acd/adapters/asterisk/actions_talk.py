"""What the core wants done with a talk → manager actions. Pure: says what to send, sends nothing.

The contexts are in ``asterisk-conf/extensions.conf`` (docs/adr/0009 says why it is done so). Legs
are named by the unique ids that we gave them, all of one length, callers by their full channel
name. Nobody is ever taken out of a running application: who is moved sits in a bridge, or, the
operator's leg alone, in the application that holds a talk.
"""

from __future__ import annotations

from acd.adapters.asterisk import actions
from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.translate import LEG_PREFIX
from acd.core.commands_talk import (
    DialOut,
    DropParty,
    HandOver,
    MergeTalk,
    PartTalk,
    ReuniteTalk,
    RingParty,
    TalkCommand,
)
from acd.core.ids import OfferId
from acd.core.party import PartyKind

#: Whom a party, or a caller who joins a talk, is to be with: a full channel name or a leg's id.
PEER = "MDG_PEER"
#: Where the peer goes when the party leaves.
PEER_NEXT = "MDG_PEER_NEXT"
#: How long a key sounds.
KEY_MS = 120
#: Says to a party that the operator it talked with left it the caller.
HANDED = "MDG_HANDED"


def talk_actions(command: TalkCommand, number: str, recording: str = "") -> tuple[Action, ...]:
    """The actions that carry out a command, in the order to send them. ``number`` is the caller's,
    for the display of whoever is rung; empty: Anonymous is shown. ``recording`` is the id under
    which the talk of a colleague is recorded who gets the caller; empty: it is not.

    Raises :class:`acd.errors.ActionFailed` for a name that nothing in the switch can have.
    """
    match command:
        case PartTalk() if command.offer:
            waits = "asking" if command.asking else "desk"
            return (_both(command.channel, "parted", leg(command.offer), waits),)
        case PartTalk():
            return (actions.redirect(command.channel, "parted"),)
        case ReuniteTalk():
            # Whoever is asked and answers now finds no token, and goes.
            return (
                _set(leg(command.offer), actions.OFFER_TOKEN, ""),
                _redirect(leg(command.offer), "reunite"),
            )
        case RingParty():
            tone = (_redirect(leg(command.offer), "asking"),) if command.tone else ()
            return (
                _set(_peer(command), actions.OFFER_TOKEN, command.party),
                *tone,
                _ring(command, number, recording),
            )
        case HandOver():
            return _hand_over(command)
        case MergeTalk():
            return (
                actions.set_variable(command.channel, PEER, leg(command.offer)),
                actions.redirect(command.channel, "join"),
            )
        case DropParty():
            return (actions.hang_up_leg(command.party),)
        case DialOut():
            return (dial_out(command),)


def leg(offer: OfferId) -> str:
    """The unique id of a leg of ours, checked."""
    return actions.checked_word(LEG_PREFIX + offer, "offer id")


def _peer(command: RingParty) -> str:
    if command.kind is PartyKind.TRANSFER:
        return actions.checked_channel(command.channel)
    return leg(command.offer)


def _ring(command: RingParty, number: str, recording: str) -> Action:
    shown = command.shown or number
    next_ = "after" if command.kind is PartyKind.TRANSFER else "desk"
    join = "yes" if command.kind is PartyKind.GUEST else ""
    timeout_ms = int((command.ring_timeout_s + actions.RING_MARGIN_S) * 1000)
    return Action(
        "Originate",
        (
            ("Channel", actions.checked_dial(command.dial)),
            ("ChannelId", leg(command.party)),
            ("Context", "confirm" if command.confirm else "party"),
            ("Exten", "s"),
            ("Priority", "1"),
            ("Timeout", str(timeout_ms)),
            ("CallerID", f"<{shown}>" if shown else actions.ANONYMOUS),
            ("Variable", f"MDG_OFFER={command.party}"),
            ("Variable", f"{PEER}={_peer(command)}"),
            ("Variable", f"{PEER_NEXT}={next_}"),
            ("Variable", f"MDG_JOIN={join}"),
            ("Variable", f"MDG_COLLEAGUE={'yes' if command.colleague else ''}"),
            ("Variable", f"MDG_RECORDING={actions.checked_recording(recording)}"),
            *(actions.whose(command.colleague, command.queue) if command.colleague else ()),
            ("Async", "true"),
        ),
    )


def dial_out(command: DialOut, recording: str = "", more: str = "", patience_s: int = 0) -> Action:
    """Ring the operator's telephone for a call outside, recorded under this id (empty: not).
    ``more``: lines to try next (``second:third``) when one fails within ``patience_s``."""
    return Action(
        "Originate",
        (
            ("Channel", f"PJSIP/{actions.checked_device(command.device)}"),
            ("ChannelId", leg(command.offer)),
            ("Context", "outgoing"),
            ("Exten", "s"),
            ("Priority", "1"),
            ("Timeout", str(int((command.own_ring_s + actions.RING_MARGIN_S) * 1000))),
            ("CallerID", f"<{actions.checked_word(command.number.lstrip('+'), 'number')}>"),
            ("Variable", f"MDG_DIAL={actions.checked_dial(command.dial) if command.dial else ''}"),
            ("Variable", f"MDG_MORE={actions.checked_word(more, 'list of lines')}"),
            ("Variable", f"MDG_PATIENCE={patience_s}"),
            ("Variable", f"MDG_SHOWN={actions.checked_word(command.shown, 'number')}"),
            ("Variable", f"MDG_RING_S={int(command.ring_s)}"),
            ("Variable", f"MDG_RECORDING={actions.checked_recording(recording)}"),
            ("Async", "true"),
        ),
    )


def digit(offer: OfferId, key: str) -> Action:
    """A key as if pressed on a leg of ours: whoever is with it gets it as RFC 4733 event.

    Played *to* a channel it would keep the connection busy for as long as it sounds; as something
    received it is put into the channel's queue, and the switch spaces several by itself.
    """
    return Action(
        "PlayDTMF",
        (
            ("Channel", leg(offer)),
            ("Digit", actions.checked_key(key)),
            ("Duration", str(KEY_MS)),
            ("Receive", "true"),
        ),
    )


def _hand_over(command: HandOver) -> tuple[Action, ...]:
    """The party is told whom it has now, then goes there: at once if it answered, else by itself
    when it does (or when it turns out that it just did)."""
    party, caller = leg(command.party), actions.checked_channel(command.channel)
    told = (
        _set(caller, actions.OFFER_TOKEN, command.party),
        _set(party, PEER, caller),
        _set(party, PEER_NEXT, "after"),
        _set(party, HANDED, "yes"),
    )
    moved = (_redirect(party, "handed"),) if command.answered else ()
    return (*told, *moved, actions.hang_up_leg(command.offer))


def _both(channel: str, context: str, extra: str, extra_context: str) -> Action:
    """Move two at once: neither sees the other leave and goes its own way."""
    return Action(
        "Redirect",
        (
            ("Channel", actions.checked_channel(channel)),
            ("Context", context),
            ("Exten", "s"),
            ("Priority", "1"),
            ("ExtraChannel", extra),
            ("ExtraContext", extra_context),
            ("ExtraExten", "s"),
            ("ExtraPriority", "1"),
        ),
    )


def _redirect(channel: str, context: str) -> Action:
    return Action(
        "Redirect",
        (("Channel", channel), ("Context", context), ("Exten", "s"), ("Priority", "1")),
    )


def _set(channel: str, name: str, value: str) -> Action:
    return Action("Setvar", (("Channel", channel), ("Variable", name), ("Value", value)))
