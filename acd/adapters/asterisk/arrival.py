"""A caller who comes into the waiting bridge, as the switch's event tells it. Pure."""

from __future__ import annotations

from acd.adapters.asterisk.agi_info import call_info
from acd.adapters.asterisk.codec import Message
from acd.adapters.asterisk.translate import LEG_PREFIX
from acd.core.ids import SwitchId
from acd.errors import MadoguchiError
from acd.ports import CallInfo


def waiting_info(message: Message, switch: SwitchId) -> CallInfo | None:
    """Who came into the waiting bridge with this BridgeEnter; None for any other bridge.

    The account code is the number dialled, where the dialplan led the caller straight here.
    """
    if message.get("BridgeTechnology") != "holding_bridge":
        return None
    unique_id = message.get("Uniqueid")
    if unique_id.startswith(LEG_PREFIX):
        return None
    headers = {
        "agi_uniqueid": unique_id,
        "agi_channel": message.get("Channel"),
        "agi_arg_1": message.get("AccountCode"),
        "agi_callerid": message.get("CallerIDNum"),
        "agi_calleridname": message.get("CallerIDName"),
    }
    try:
        return call_info(headers, switch)
    except MadoguchiError:
        return None
