"""What the dialplan of one switch is told for all calls, by its global variables."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from acd.adapters.asterisk import actions
from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.fence import legs_anew
from acd.adapters.asterisk.session import Session
from acd.core.ids import SwitchId, node_endpoint
from acd.ports import ChannelSeen

#: Global variable of the dialplan: the mark of numbers that lead straight to a queue.
STRAIGHT = "MDG_STRAIGHT"
#: Global variable of the dialplan: new callers wait without music.
QUIET = "MDG_QUIET"

#: How long a switch may take to say whether it reaches another one.
STATE_TIMEOUT_S = 3.0


class DialplanTold:
    """The part of a telephony adapter that tells; whoever is one knows how to send actions."""

    _straight_mark = 0
    _term = ""

    async def _all(self, wanted: tuple[Action, ...]) -> None:
        """Send all at once, in order; raises a SwitchError."""
        raise NotImplementedError

    async def _tolerant(self, wanted: tuple[Action, ...]) -> bool:
        """As :meth:`_all`, but a channel that is gone is no failure."""
        raise NotImplementedError

    def _session(self) -> Session:
        """The connection for actions; raises a SwitchError."""
        raise NotImplementedError

    async def leave_to_itself(self, channels: Sequence[str]) -> None:
        """Callers whom the engine has given up, and who wait all the same, go to the static queue.
        Raises a SwitchError."""
        if channels:
            await self._tolerant(tuple(actions.redirect(each, "fallback") for each in channels))

    async def let_go_of(self, switch: SwitchId) -> bool:
        """End what still leads to another switch, if this one cannot reach it either: those legs
        hear nothing and would be there for minutes. Whether that is so; raises a SwitchError."""
        name = node_endpoint(switch)
        question = Action("Getvar", (("Variable", f"PJSIP_DIAL_CONTACTS({name})"),))
        answer = await self._session().call(question, STATE_TIMEOUT_S)
        # Of a device in a call the state would say no more than that: the addresses that answer do.
        unreached = answer.get("Value") == ""
        if unreached:
            ended = Action("Hangup", (("Channel", f"/^PJSIP.{name}-/"), ("Cause", "38")))
            await self._tolerant((ended,))
        return unreached

    async def take_over_legs(self, seen: Sequence[ChannelSeen], known: Collection[str]) -> None:
        """Legs that another controller rang: those of offers that are ``known`` may be answered
        under our term, the others end. Raises a SwitchError."""
        await self._tolerant(legs_anew(seen, known, self._term))

    async def lead_straight(self, numbers: Sequence[str]) -> None:
        """Tell the dialplan which numbers need no menu server; those told before no longer count.
        Raises a SwitchError."""
        self._straight_mark += 1
        mark = f"m{self._straight_mark}-{int(time.time())}"
        wanted = [actions.set_global(f"{STRAIGHT}_{number}", mark) for number in numbers]
        await self._all((*wanted, actions.set_global(STRAIGHT, mark if numbers else "")))

    async def play_music(self, on: bool) -> None:
        """Whether callers who come to wait from now on hear music. Raises a SwitchError."""
        await self._all((actions.set_global(QUIET, "" if on else "yes"),))
