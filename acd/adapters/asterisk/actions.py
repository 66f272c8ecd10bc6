"""Core commands → manager actions. Pure: says what to send, sends nothing.

Callers are always named by their full channel name: the switch matches some names by prefix.
Operators' legs are named by the unique id that we chose for them (``mdg-`` and the offer id, all of
one length); Hangup finds a channel by its whole unique id too, never by a part (measured on 22.10).

Values that come from outside (numbers, devices, dial strings) are checked here; the codec refuses
line breaks in any of them.
"""

from __future__ import annotations

import re

from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.translate import LEG_PREFIX
from acd.core.commands import (
    CallCommand,
    CancelOffer,
    DialTarget,
    HangUpCaller,
    HangUpLeg,
    HoldCaller,
    OfferCall,
    PlayAnnouncement,
)
from acd.core.ids import AgentId, OfferId, QueueId
from acd.errors import ActionFailed

#: The offer a caller's channel is reserved for; readable and writable from other channels.
OFFER_TOKEN = "SHARED(MDG_OFFER)"
#: The token of a caller whom an operator has (written by the dialplan).
TAKEN = "connected"
#: The global variable that tells the dialplan that a controller is alive: epoch seconds.
BEAT = "MDG_BEAT"
#: The engine's own ring timer ends an offer; the switch's is later and only a safety net.
RING_MARGIN_S = 3.0
#: What an operator's phone shows for a caller without a number.
ANONYMOUS = '"Anonymous" <anonymous>'

_DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_CHANNEL = re.compile(r"[A-Za-z0-9_]{1,20}/[^\s,&;]{1,120}")
_WORD = re.compile(r"[A-Za-z0-9_.:/-]{0,120}")
_RECORDING = re.compile(r"([0-9a-f]{32})?")
_KEY = re.compile(r"[0-9*#A-D]")
_GLOBAL = re.compile(r"MDG_[A-Z]{1,20}(_[0-9+*#]{1,40})?")
_DIAL = re.compile(r"[A-Za-z0-9_]{1,20}/[A-Za-z0-9_.+*#@:/-]{1,120}")


def actions_for(command: CallCommand) -> tuple[Action, ...]:
    """The actions that carry out a command, in the order to send them. An offer is only reserved
    here: :func:`ring` follows when the caller is in the waiting bridge.

    Raises :class:`ActionFailed` (code ``unsafe_value``) for a name that no channel or device can
    have.
    """
    match command:
        case OfferCall():
            return (reserve(command),)
        case CancelOffer():
            token = TAKEN if command.in_talk else ""
            kept = set_variable(command.channel, OFFER_TOKEN, token)
            return (kept, hang_up_leg(command.offer))
        case HoldCaller():
            return (release(command.channel), redirect(command.channel, "hold"))
        case DialTarget():
            return dial_target(command, checked_dial(command.dial))
        case PlayAnnouncement():
            prompt = _checked(_WORD, command.announcement, "announcement")
            return (
                set_variable(command.channel, "MDG_ANNOUNCEMENT", prompt),
                redirect(command.channel, "announce"),
            )
        case HangUpCaller():
            return (hang_up(command.channel),)
        case HangUpLeg():
            return (hang_up_leg(command.offer),)


def dial_target(
    command: DialTarget, dial: str, more: str = "", patience_s: int = 0
) -> tuple[Action, ...]:
    """Send the caller to ``dial`` (empty: nobody can be reached, the caller comes back), then, if
    that fails within ``patience_s``, over the lines in ``more`` (``second:third``)."""
    channel = command.channel
    return (
        set_variable(channel, "MDG_MORE", _checked(_WORD, more, "list of lines")),
        set_variable(channel, "MDG_PATIENCE", str(patience_s)),
        set_variable(channel, "MDG_DIAL", checked_dial(dial) if dial else ""),
        redirect(channel, "outward"),
    )


def reserve(command: OfferCall) -> Action:
    """Write the offer's token on the caller's channel.

    An action of its own although Originate's ``Variable`` may write ``SHARED(MDG_OFFER,channel)``
    (measured on 22.10, some 1 ms later): an asynchronous Originate writes whenever its thread
    runs, so it could undo a release that was sent after it.
    """
    return set_variable(command.channel, OFFER_TOKEN, command.offer)


def release(channel: str) -> Action:
    """Take the token off the caller's channel: a late leg finds no match and hangs up."""
    return set_variable(channel, OFFER_TOKEN, "")


def ring(command: OfferCall, number: str, recording: str = "") -> Action:
    """Ring the operator's device; its channel will have the unique id ``mdg-<offer>``.

    ``number`` is the caller's number for the operator's display; empty: Anonymous is shown.
    ``recording`` is the id under which the talk is recorded; empty: it is not.
    """
    outside = command.outside != ""
    rung = checked_dial(command.outside or f"PJSIP/{checked_device(command.device)}")
    number = command.shown if outside else number
    prompt = _checked(_WORD, command.announce, "announcement")
    return Action(
        "Originate",
        (
            ("Channel", rung),
            ("ChannelId", LEG_PREFIX + command.offer),
            ("Context", "confirm" if outside else "operator"),
            ("Exten", "announced" if prompt and not outside else "s"),
            ("Priority", "1"),
            ("Timeout", str(int((command.ring_timeout_s + RING_MARGIN_S) * 1000))),
            ("CallerID", f"<{number}>" if number else ANONYMOUS),
            ("Variable", f"MDG_OFFER={command.offer}"),
            ("Variable", f"MDG_CALLER={checked_channel(command.channel)}"),
            *_optional("MDG_ANNOUNCE", prompt),
            *_optional("MDG_RECORDING", checked_recording(recording)),
            *whose(command.agent, command.queue),
            ("Async", "true"),
        ),
    )


def _optional(name: str, value: str) -> tuple[tuple[str, str], ...]:
    """A variable that is left out while it is empty: each costs a message inside Asterisk."""
    return (("Variable", f"{name}={value}"),) if value else ()


def whose(agent: AgentId, queue: QueueId) -> tuple[tuple[str, str], ...]:
    """Variables of an operator's leg that say whose it is and what it was rung for: by them
    somebody who leads later knows a talk that nobody told of. A guest has no such name."""
    if _WORD.fullmatch(agent) is None or _WORD.fullmatch(queue) is None:
        return ()
    return (("Variable", f"MDG_AGENT={agent}"), ("Variable", f"MDG_QUEUE={queue}"))


def redirect(channel: str, context: str) -> Action:
    """Move a channel to the start of one of our contexts."""
    return Action(
        "Redirect",
        (
            ("Channel", checked_channel(channel)),
            ("Context", context),
            ("Exten", "s"),
            ("Priority", "1"),
        ),
    )


def set_variable(channel: str, name: str, value: str) -> Action:
    """Set one variable of a channel."""
    return Action(
        "Setvar", (("Channel", checked_channel(channel)), ("Variable", name), ("Value", value))
    )


def set_global(name: str, value: str) -> Action:
    """Set one variable of the dialplan as a whole."""
    checked = _checked(_GLOBAL, name, "name of a variable")
    return Action("Setvar", (("Variable", f"GLOBAL({checked})"), ("Value", value)))


def hang_up(channel: str) -> Action:
    """Hang up a channel by its full name, with normal clearing."""
    return Action("Hangup", (("Channel", checked_channel(channel)), ("Cause", "16")))


def hang_up_leg(offer: OfferId) -> Action:
    """Hang up an operator's leg, ringing or talking, by the unique id that we gave it."""
    leg = _checked(_WORD, LEG_PREFIX + offer, "offer id")
    return Action("Hangup", (("Channel", leg), ("Cause", "16")))


def hush(offer: OfferId, silent: bool) -> Action:
    """Let the recording of an operator's leg hold silence on both sides, or go on."""
    leg = _checked(_WORD, LEG_PREFIX + offer, "offer id")
    state = "1" if silent else "0"
    return Action("MixMonitorMute", (("Channel", leg), ("Direction", "both"), ("State", state)))


def beat(epoch_s: int) -> Action:
    """Tell the dialplan that the controller is alive."""
    return Action("Setvar", (("Variable", f"GLOBAL({BEAT})"), ("Value", str(epoch_s))))


def checked_channel(name: str) -> str:
    """A channel's full name; raises ActionFailed for anything else."""
    return _checked(_CHANNEL, name, "channel name")


def checked_device(name: str) -> str:
    """A telephone's name, with or without its technology; raises ActionFailed otherwise."""
    return _checked(_DEVICE, name.removeprefix("PJSIP/"), "device")


def checked_word(text: str, what: str) -> str:
    """A plain word (ids, prompts); raises ActionFailed for anything else."""
    return _checked(_WORD, text, what)


def checked_key(text: str) -> str:
    """One key of a telephone; raises ActionFailed for anything else."""
    return _checked(_KEY, text, "key")


def checked_recording(text: str) -> str:
    """A recording's id, or nothing; raises ActionFailed for anything else."""
    return _checked(_RECORDING, text, "recording")


def checked_dial(text: str) -> str:
    """What can be dialled; raises ActionFailed for anything else."""
    return _checked(_DIAL, text, "dial string")


def _checked(pattern: re.Pattern[str], value: str, what: str) -> str:
    if pattern.fullmatch(value) is None:
        raise ActionFailed(f"That is no {what} the switch could have.", code="unsafe_value")
    return value
