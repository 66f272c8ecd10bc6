"""What a switch says of itself: which release it is, since when it runs, and so which calls its
restart has cut off."""

from __future__ import annotations

import datetime as dt
import math
import re

from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.session import Session
from acd.core.ids import CallId

#: A channel's id begins with its first second by the switch's clock, after the switch's name.
_BEGAN = re.compile(r"(?:.*-)?(?P<second>[0-9]{9,11})\.[0-9]+", re.DOTALL)
_OFFSET = Action("Getvar", (("Variable", "STRFTIME(,,%z)"),))


class Release:
    """``version`` as ``22.10.1``, ``started`` in the switch's own words; both as of the last
    question, or handed in from the process before ours."""

    def __init__(self, started: str) -> None:
        self.version = ""
        self.started = started
        self._lost_before_s = -math.inf

    async def ask(self, session: Session, timeout_s: float) -> None:
        """Ask the switch, after each (re)connect; raises a SwitchError."""
        settings = await session.call(Action("CoreSettings"), timeout_s)
        status = await session.call(Action("CoreStatus"), timeout_s)
        offset = await session.call(_OFFSET, timeout_s)
        started = f"{status.get('CoreStartupDate')} {status.get('CoreStartupTime')}"
        anew = self.started not in ("", started)
        self._lost_before_s = _moment_s(started, offset) if anew else -math.inf
        self.version, self.started = settings.get("AsteriskVersion"), started

    def was_lost(self, call: CallId) -> bool:
        """Whether a call that is gone was cut off by a restart of the switch between the last two
        questions. Who came after it, and went while nobody listened, has hung up."""
        began = _BEGAN.fullmatch(call)
        return (int(began["second"]) if began else -math.inf) < self._lost_before_s


def _moment_s(started: str, offset: Message) -> float:
    """Unix seconds; for ever where the switch's words are none that are known."""
    try:
        local = f"{started} {offset.get('Value')}"
        return dt.datetime.strptime(local, "%Y-%m-%d %H:%M:%S %z").timestamp()
    except ValueError:
        return math.inf
