"""Is this event really one that the switch made? Pure.

A caller can write line breaks into the number that he calls from (``%0d%0a`` in SIP), and the
switch prints numbers into its events as they are: up to 22.10.1 a call that is cancelled before the
dialplan cuts its number down ends with a Hangup event that carries up to 79 characters of the
caller's choice, a second event for instance (seen on a real switch; a test does it again). So an
event counts only if it has all the lines that the switch writes, in its order, up to the unique
ids: that takes more room than a number has.
"""

from __future__ import annotations

import re

from acd.adapters.asterisk.codec import Message

_VALUE = r"[^\r\n]*"


def _lines(*names: str) -> str:
    return "".join(rf"{name}: {_VALUE}\r\n" for name in names)


# A switch that is one of several names itself in each event.
_HEAD = (
    rf"\r\nEvent: {{kind}}\r\nPrivilege: {_VALUE}\r\n(?:Timestamp: [0-9.]+\r\n)?"
    r"(?:SystemName: [A-Za-z0-9_-]+\r\n)?"
)
_IDS = r"Uniqueid: [^\r\n]+\r\n" + _lines("Linkedid")
_CHANNEL = (
    _lines("Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName")
    + _lines("ConnectedLineNum", "ConnectedLineName", "Language", "AccountCode")
    + _lines("Context", "Exten", "Priority")
    + _IDS
)
_BRIDGE = (
    r"BridgeUniqueid: [^\r\n]+\r\n"
    + _lines("BridgeType", "BridgeTechnology", "BridgeCreator", "BridgeName", "BridgeNumChannels")
    + rf"(?:BridgeVideo[A-Za-z]+: {_VALUE}\r\n)*"
)
_ORIGINATE = (
    rf"(?:ActionID: {_VALUE}\r\n)?"
    + _lines("Response", "Channel", "Context", "Exten", "Reason")
    + r"Uniqueid: [^\r\n]+\r\n"
)
_USER = _CHANNEL + _lines("UserEvent")
_CONTACT = _lines("URI", "ContactStatus", "AOR", "EndpointName")
_STATUS = (
    _CHANNEL
    + rf"(?:Tenantid: {_VALUE}\r\n)?"
    + _lines("Type", "DNID", "EffectiveConnectedLineNum", "EffectiveConnectedLineName")
    + _lines("TimeToHangup", "BridgeID", "Application", "Data")
)
_BODIES = {
    "BridgeEnter": _BRIDGE + _CHANNEL,
    "ContactStatus": _CONTACT,
    "DTMFEnd": _CHANNEL,
    "Hangup": _CHANNEL,
    "HangupRequest": _CHANNEL,
    "Hold": _CHANNEL,
    "Unhold": _CHANNEL,
    "UserEvent": _USER,
    "OriginateResponse": _ORIGINATE,
    "Status": _STATUS,
}
_FORMS = {
    kind: re.compile(_HEAD.format(kind=kind) + body, re.ASCII) for kind, body in _BODIES.items()
}


def is_genuine(message: Message) -> bool:
    """True for an event of a kind that we use, or a row of ``Status``, with all of the switch's own
    lines in order."""
    form = _FORMS.get(message.event)
    return form is not None and form.match(message.text) is not None
