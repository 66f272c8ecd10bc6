"""How a call's line sounds, asked of Asterisk by one ``Getvar`` of ``CHANNEL(rtcp,all)``.

The answer is one line, ``ssrc=..;lp=25;rxjitter=..;rxcount=294;txjitter=..;rlp=..;rtt=..``. Its
names are not what they seem (measured on 22.10.1, a sender that drops every tenth packet and sends
no RTCP): ``rxcount`` and ``lp`` are packets that Asterisk got and missed, but the jitter of what it
got is ``txjitter``; ``rxjitter`` and ``rlp`` are what the other side reports. ``lp`` is brought up
to date every five seconds, when Asterisk makes its own report.
"""

from __future__ import annotations

from collections.abc import Callable

from acd.adapters.asterisk import actions
from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.session import Session
from acd.errors import ActionFailed
from acd.ports_watch import LineSample

#: How long the switch may take for an answer.
TIMEOUT_S = 3.0
_QUESTION = "CHANNEL(rtcp,all)"
_MOST = 2**40


class Lines:
    """A LineProbe's part of one switch; ``session`` gives the connection for actions."""

    def __init__(self, session: Callable[[], Session]) -> None:
        self._session = session

    async def heard(self, channel: str) -> LineSample | None:
        """The channel's sound; None when it is gone or has none. Raises a SwitchError."""
        name = actions.checked_channel(channel)
        question = Action("Getvar", (("Channel", name), ("Variable", _QUESTION)))
        try:
            answer = await self._session().call(question, TIMEOUT_S)
        except ActionFailed:
            return None
        return parse(answer.get("Value"))


def parse(text: str) -> LineSample | None:
    """A sample from Asterisk's line; None for anything else."""
    fields = dict(part.partition("=")[::2] for part in text[:500].split(";"))
    try:
        received, lost, sent, far_lost = (
            _whole(fields[key]) for key in ("rxcount", "lp", "txcount", "rlp")
        )
        jitter_s, far_jitter_s, round_trip_s = (
            _seconds(fields[key]) for key in ("txjitter", "rxjitter", "rtt")
        )
    except (KeyError, ValueError):
        return None
    # A side that never reported leaves nothing but zeros.
    reported = far_lost > 0 or far_jitter_s > 0 or round_trip_s > 0
    return LineSample(
        received,
        lost,
        jitter_s,
        far_lost if reported else None,
        far_jitter_s if reported else None,
        sent,
        round_trip_s if round_trip_s > 0 else None,
    )


def _whole(text: str) -> int:
    number = int(text)
    if not 0 <= number < _MOST:
        raise ValueError(text)
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number < 3600:
        raise ValueError(text)
    return number
