"""Callers who hang up before the menu began: nobody but the switch met them. Pure.

Between the INVITE and the first word of the menu lie some milliseconds, and up to half a second in
which Asterisk waits for the caller's sound. Whoever hangs up then has called all the same, and is
counted. Of such a call only the hang-up is heard, so number and number dialled are not known.
"""

from __future__ import annotations

from acd.adapters.asterisk.codec import Message
from acd.core.ids import CallId, SwitchId
from acd.core.inputs import CallArrived, Caller, CallerHungUp, CallerKind, Input

#: Contexts of callers whom the menu has not taken leave of; elsewhere they were met, or are the
#: static queue's.
_ARRIVING = ("from-trunk", "arrived")


def with_arrival(message: Message, inputs: list[Input], switch: SwitchId) -> list[Input]:
    """``inputs`` of a hang-up, preceded by the arrival if the caller may not have been met. A call
    that the menu did meet arrives twice then, which changes nothing."""
    if message.event != "Hangup" or message.get("Context") not in _ARRIVING:
        return inputs
    channel = message.get("Channel")
    trunk = channel.partition("/")[2].rpartition("-")[0]
    out: list[Input] = []
    for happened in inputs:
        if isinstance(happened, CallerHungUp):
            nobody = Caller(CallerKind.UNAVAILABLE)
            out.append(CallArrived(CallId(happened.call), switch, channel, trunk, "", nobody))
        out.append(happened)
    return out
