"""Callers who are gone before the menu began: nobody but the switch met them. Pure.

Between the INVITE and the first word of the menu lie some milliseconds, and up to half a second in
which Asterisk waits for the caller's sound. Whoever hangs up then has called all the same, and is
counted; and so is who was one too many for the trunk. Only the hang-up is heard of such a call. Its
account code is the number dialled, set when the dialplan had cut the caller's number down and taken
a withheld one away: without it, a number in the event is nobody's business.
"""

from __future__ import annotations

from acd.adapters.asterisk.agi_info import call_info
from acd.adapters.asterisk.codec import Message
from acd.core.ids import CallId, SwitchId
from acd.core.inputs import (
    CallArrived,
    Caller,
    CallerHungUp,
    CallerKind,
    FlowEnded,
    FlowEnding,
    Input,
)
from acd.errors import MadoguchiError

#: Context of callers whom the dialplan refused because their trunk has no channel left.
FULL_CONTEXT = "full"
#: Contexts of callers whom the menu has not taken leave of; elsewhere they were met, or are the
#: static queue's.
_ARRIVING = ("from-trunk", "arrived", "limited", FULL_CONTEXT)


def with_arrival(message: Message, inputs: list[Input], switch: SwitchId) -> list[Input]:
    """``inputs`` of a hang-up, preceded by the arrival if the caller may not have been met. A call
    that the menu did meet arrives twice then, which changes nothing."""
    context = message.get("Context")
    if message.event != "Hangup" or context not in _ARRIVING:
        return inputs
    out: list[Input] = []
    for happened in inputs:
        if isinstance(happened, CallerHungUp):
            out.append(_arrival(message, happened.call, switch))
            if context == FULL_CONTEXT:
                out.append(FlowEnded(happened.call, FlowEnding.TRUNK_FULL, "trunk_full"))
        out.append(happened)
    return out


def _arrival(message: Message, call: CallId, switch: SwitchId) -> CallArrived:
    channel = message.get("Channel")
    trunk = channel.partition("/")[2].rpartition("-")[0]
    nobody = CallArrived(call, switch, channel, trunk, "", Caller(CallerKind.UNAVAILABLE))
    if not message.get("AccountCode"):
        return nobody
    try:
        info = call_info(
            {
                "agi_uniqueid": call,
                "agi_channel": channel,
                "agi_arg_1": message.get("AccountCode"),
                "agi_callerid": message.get("CallerIDNum"),
                "agi_calleridname": message.get("CallerIDName"),
            },
            switch,
        )
    except MadoguchiError:
        return nobody
    return CallArrived(call, switch, channel, trunk, info.dialled, info.caller)
