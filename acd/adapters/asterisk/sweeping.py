"""One look at every channel of the switch: what to ask, and how to read the answers. Pure.

``Status`` lists the channels with our variables, ``BridgeList`` tells waiting bridges from talks: a
caller pulled out of the waiting bridge into a talk still shows the waiting application, so the
kind of the bridge decides. An unset variable arrives as the text ``(null)`` (measured on 22.10).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from acd.adapters.asterisk.actions import TAKEN
from acd.adapters.asterisk.agi_info import caller_of
from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.genuine import is_genuine
from acd.adapters.asterisk.translate import LEG_PREFIX, NO_CALLERS, SPY_PREFIX
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SpyId
from acd.core.inputs import Caller
from acd.ports import ChannelSeen

_VARIABLES = "MDG_DIALLED,MDG_CALLER,SHARED(MDG_OFFER),CALLERID(num-pres),MDG_AGENT,MDG_QUEUE"

#: The questions: bridges before and after the channels, since waiting bridges come and go.
STATUS = Action("Status", (("Variables", _VARIABLES), ("AllVariables", "false")))
BRIDGES = Action("BridgeList")


class Sweep(NamedTuple):
    """What one look at the switch showed.

    ``rung_for`` names the caller's channel of each operator's leg. ``stale`` are callers' channels
    that carry the token of an offer whose leg does not exist.
    """

    channels: list[ChannelSeen]
    rung_for: dict[OfferId, str]
    stale: list[str]


def read_sweep(status: Iterable[Message], bridges: Iterable[Message]) -> Sweep:
    """The channels that concern us: callers, operators' legs and supervisors' who hear a
    talk, in the switch's order.

    ``bridges`` are the rows of both looks at them. Left out: what operators dial themselves, legs
    dialled onward, internal channels, rows that a caller has written into.
    """
    waiting = {
        message.get("BridgeUniqueid")
        for message in bridges
        if message.event == "BridgeListItem" and message.get("BridgeTechnology") == "holding_bridge"
    }
    sweep = Sweep([], {}, [])
    tokens: dict[str, str] = {}
    for row in status:
        if row.event != "Status" or not is_genuine(row):
            continue
        variables = _variables(row)
        seen = _channel_seen(row, variables, waiting)
        if seen is None:
            continue
        sweep.channels.append(seen)
        if seen.offer is not None:
            sweep.rung_for[seen.offer] = variables["MDG_CALLER"]
        elif variables["SHARED(MDG_OFFER)"] not in ("", TAKEN):
            tokens[seen.channel] = variables["SHARED(MDG_OFFER)"]
    sweep.stale.extend(name for name, token in tokens.items() if token not in sweep.rung_for)
    return sweep


def _channel_seen(row: Message, variables: dict[str, str], waiting: set[str]) -> ChannelSeen | None:
    unique_id, name, bridge = row.get("Uniqueid"), row.get("Channel"), row.get("BridgeID")
    is_leg = unique_id.startswith(LEG_PREFIX)
    if unique_id.startswith(SPY_PREFIX):
        return _supervisor_seen(row, SpyId(unique_id.removeprefix(SPY_PREFIX)))
    if not is_leg and not _is_caller(row, name, unique_id):
        return None
    return ChannelSeen(
        channel=name,
        unique_id=unique_id,
        call=None if is_leg else CallId(unique_id),
        offer=OfferId(unique_id[len(LEG_PREFIX) :]) if is_leg else None,
        answered=row.get("ChannelStateDesc") == "Up",
        held=bridge in waiting,
        bridge=bridge,
        age_s=float(_whole(row.get("Seconds"))),
        where=row.get("Context"),
        dialled="" if is_leg else variables["MDG_DIALLED"],
        caller=None if is_leg else _caller(row, variables["CALLERID(num-pres)"]),
        trunk="" if is_leg else trunk_of(name),
        agent=AgentId(variables["MDG_AGENT"]) if is_leg else AgentId(""),
        queue=QueueId(variables["MDG_QUEUE"]) if is_leg else QueueId(""),
        peer=variables["MDG_CALLER"] if is_leg else "",
    )


def _supervisor_seen(row: Message, spy: SpyId) -> ChannelSeen:
    return ChannelSeen(
        channel=row.get("Channel"),
        unique_id=row.get("Uniqueid"),
        call=None,
        offer=None,
        answered=row.get("ChannelStateDesc") == "Up",
        held=False,
        bridge="",
        age_s=float(_whole(row.get("Seconds"))),
        where=row.get("Context"),
        spy=spy,
    )


def trunk_of(channel: str) -> str:
    """The endpoint's name in a channel's name: ``PJSIP/carrier-0000001f`` → ``carrier``."""
    return channel.partition("/")[2].rpartition("-")[0]


def _is_caller(row: Message, name: str, unique_id: str) -> bool:
    return (
        row.get("Linkedid") == unique_id
        and row.get("Context") not in NO_CALLERS
        and not name.startswith(("Surrogate/", "Local/"))
    )


def _caller(row: Message, presentation: str) -> Caller:
    restricted = "32" if presentation.startswith("prohib") else ""
    return caller_of(row.get("CallerIDNum"), row.get("CallerIDName"), restricted)


def _variables(row: Message) -> dict[str, str]:
    found = dict.fromkeys(_VARIABLES.split(","), "")
    for pair in row.all("Variable"):
        name, _, value = pair.partition("=")
        if name in found and value != "(null)":
            found[name] = value
    return found


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
