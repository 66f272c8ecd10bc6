"""Who calls, from the headers of an AGI session. Pure.

The dialplan has already cut names and numbers down to harmless characters and taken a withheld
number away; here both are checked once more, since headers are input like any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from acd.adapters.asterisk.agi_protocol import AgiFault
from acd.core.ids import CallId, SwitchId
from acd.core.inputs import Caller, CallerKind
from acd.ports import CallInfo

_UNIQUE_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_CHANNEL = re.compile(r"[A-Za-z0-9]{1,20}/[A-Za-z0-9_.@+*#:-]{1,120}")
_NUMBER = re.compile(r"\+?[0-9]{1,20}")
_DIALLED = re.compile(r"[0-9+*#]*")
#: No number is longer; what somebody invents is cut rather than refused.
_DIALLED_MAX = 40

#: Display names with which Japanese networks say why there is no number.
_KINDS = {
    "anonymous": CallerKind.WITHHELD,
    "coin line/payphone": CallerKind.PAYPHONE,
    "interaction with other service": CallerKind.UNAVAILABLE,
    "unavailable": CallerKind.UNAVAILABLE,
}
#: The two bits of the presentation, and their value for a number that may not be shown.
_PRESENTATION, _RESTRICTED = 0x60, 0x20


def call_info(headers: Mapping[str, str], switch: SwitchId) -> CallInfo:
    """The call of a session; raises :class:`AgiFault` when the headers cannot be the switch's."""
    unique_id = headers.get("agi_uniqueid", "")
    channel = headers.get("agi_channel", "")
    dialled = headers.get("agi_arg_1", "")
    if not (
        _UNIQUE_ID.fullmatch(unique_id)
        and _CHANNEL.fullmatch(channel)
        and _DIALLED.fullmatch(dialled)
    ):
        raise AgiFault("The headers of an AGI session are not those of our dialplan.")
    return CallInfo(
        call=CallId(unique_id),
        switch=switch,
        channel=channel,
        trunk=channel.partition("/")[2].rpartition("-")[0],
        dialled=dialled[:_DIALLED_MAX],
        caller=caller_of(
            headers.get("agi_callerid", ""),
            headers.get("agi_calleridname", ""),
            headers.get("agi_callingpres", ""),
        ),
    )


def caller_of(number: str, name: str, presentation: str) -> Caller:
    """What the network told about the caller; the number is kept only where it may be shown."""
    restricted = presentation.isdecimal() and int(presentation) & _PRESENTATION == _RESTRICTED
    kind = CallerKind.WITHHELD if restricted else _KINDS.get(name.strip().lower())
    if kind is not None:
        return Caller(kind)
    if _NUMBER.fullmatch(number):
        return Caller(CallerKind.NUMBER, number)
    return Caller(CallerKind.UNAVAILABLE)
