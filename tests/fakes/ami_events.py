"""Whole manager events from a few headers, as a switch of release 22 writes them."""

from __future__ import annotations

_CHANNEL = (
    "Channel=PJSIP/carrier-00000001",
    "ChannelState=6",
    "ChannelStateDesc=Up",
    "CallerIDNum=0312345678",
    "CallerIDName=<unknown>",
    "ConnectedLineNum=<unknown>",
    "ConnectedLineName=<unknown>",
    "Language=en",
    "AccountCode=",
    "Context=hold",
    "Exten=s",
    "Priority=1",
    "Uniqueid=",
    "Linkedid=",
)
_BRIDGE = (
    "BridgeUniqueid=",
    "BridgeType=base",
    "BridgeTechnology=simple_bridge",
    "BridgeCreator=BridgeWait",
    "BridgeName=madoguchi",
    "BridgeNumChannels=1",
    "BridgeVideoSourceMode=none",
)
_ORIGINATE = (
    "Response=Success",
    "Channel=PJSIP/op1-00000002",
    "Context=operator",
    "Exten=s",
    "Reason=4",
    "Uniqueid=",
    "CallerIDNum=<unknown>",
    "CallerIDName=<unknown>",
)
_FORMS = {
    "BridgeEnter": _BRIDGE + _CHANNEL,
    "BridgeLeave": _BRIDGE + _CHANNEL,
    "DTMFEnd": (*_CHANNEL, "Digit=1", "DurationMs=100", "Direction=Received"),
    "Hangup": (*_CHANNEL, "Cause=16", "Cause-txt=Normal Clearing"),
    "HangupRequest": _CHANNEL,
    "Hold": _CHANNEL,
    "Unhold": _CHANNEL,
    "UserEvent": (*_CHANNEL, "UserEvent=MdgLine"),
    "OriginateResponse": _ORIGINATE,
}


def whole(kind: str, **headers: str) -> str:
    """The text of an event without its last empty line. ``Linkedid`` is ``Uniqueid`` unless
    given; ``Timestamp`` is there when given."""
    pairs = dict(default.split("=", 1) for default in _FORMS[kind])
    pairs |= headers
    if "Linkedid" in pairs:
        pairs["Linkedid"] = pairs["Linkedid"] or pairs["Uniqueid"]
    made_at = pairs.pop("Timestamp", "")
    head = [f"Event: {kind}", "Privilege: call,all"]
    head += [f"Timestamp: {made_at}"] if made_at else []
    return "\r\n".join([*head, *(f"{name}: {value}" for name, value in pairs.items())])


def from_line(line: str) -> str:
    """The text of an event from ``Kind | Header: value | Header: value``."""
    kind, *headers = line.split(" | ")
    return whole(kind, **dict(header.split(": ", 1) for header in headers))
