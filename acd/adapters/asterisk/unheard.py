"""Hang-ups that the switch took note of and then forgot.

When a caller hangs up in the moment in which ``Bridge()`` moves the caller's channel from the
waiting bridge to the operator, Asterisk (measured on 22.10.1) may lose the hang-up: the call is
over on the line, the channel stays in the talk, and the operator is stuck with nobody. The request
to hang up is told by an event of its own (``HangupRequest``), so a request that no ``Hangup``
follows is asked for once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from acd.adapters.asterisk.codec import Message

#: How long the switch may take to act on a hang-up, and then between further tries.
ACT_WITHIN_S = (0.3, 1.0, 3.0)


class UnheardHangUps:
    """Watches requests to hang up; ``hang_up`` is called with the full name of a channel whose
    request was not acted on."""

    def __init__(self, hang_up: Callable[[str], None]) -> None:
        self._hang_up = hang_up
        self._due: dict[str, asyncio.TimerHandle] = {}
        self.repeated = 0

    def watch(self, message: Message) -> None:
        """Take an event of the switch."""
        if message.event == "HangupRequest":
            unique_id = message.get("Uniqueid")
            if unique_id not in self._due:
                self._wait(unique_id, message.get("Channel"), 0)
        elif message.event == "Hangup":
            due = self._due.pop(message.get("Uniqueid"), None)
            if due is not None:
                due.cancel()

    def forget(self) -> None:
        """The connection is gone: what happens to the channels is not heard any more."""
        for due in self._due.values():
            due.cancel()
        self._due.clear()

    def _wait(self, unique_id: str, channel: str, tries: int) -> None:
        loop = asyncio.get_running_loop()
        self._due[unique_id] = loop.call_later(
            ACT_WITHIN_S[tries], self._again, unique_id, channel, tries
        )

    def _again(self, unique_id: str, channel: str, tries: int) -> None:
        self.repeated += 1
        self._hang_up(channel)
        if tries + 1 < len(ACT_WITHIN_S):
            self._wait(unique_id, channel, tries + 1)
        else:
            del self._due[unique_id]
