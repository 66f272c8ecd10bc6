"""Everybody who acts in a rehearsal: callers who give up or have talked, operators who wrote up.

Follows the engine's events and keeps the scenario's times from the very moments at which the
engine counts them: patience from the line's beginning, talk from the answer, wrap-up from the end
of the talk. A caller is told to hang up by a note to SIPp, which then hangs up as callers do.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence

from acd.core.events import (
    CallAnswered,
    CallClosed,
    CallOpened,
    CallQueued,
    Event,
    LegClosed,
)
from acd.core.ids import CallId
from acd.core.inputs import AgentReadied, Input
from sim.inputs.draws import Draws
from sim.rehearsal.piece import HOST

_NOTE = """\
MESSAGE sip:caller@{host}:{port} SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKnote{number}
From: <sip:conductor@{host}>;tag=note{number}
To: <sip:caller@{host}:{port}>;tag=c{number}
Call-ID: {call_id}
CSeq: 1 MESSAGE
Content-Length: 0

"""
_FIRST_DIGITS = "0466"


def caller_number(index: int) -> str:
    """The number that the ``index``-th caller calls from."""
    return f"{_FIRST_DIGITS}{index:06d}"


def index_of(number: str) -> int | None:
    """Whose number it is; None if it is nobody's here."""
    tail = number.removeprefix(_FIRST_DIGITS)
    return int(tail) if tail != number and len(tail) == 6 and tail.isascii() else None


class Conductor:
    """An EventSink. ``deliver`` takes inputs for the engine; ``port`` is that of SIPp's callers and
    ``call_id`` gives the Call-ID of the n-th of them (from 1)."""

    def __init__(
        self,
        draws: Draws,
        pace: float,
        deliver: Callable[[Input], None],
        port: int,
        call_id: Callable[[int], str],
    ) -> None:
        self._talk_s = draws.talk_s / pace
        self._wrap_s = draws.wrap_s / pace
        self._patience_s = draws.patience_s / pace
        self._deliver, self._port, self._call_id = deliver, port, call_id
        self._index: dict[CallId, int] = {}
        self._giving_up: dict[CallId, asyncio.TimerHandle] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self.closed = 0

    def close(self) -> None:
        """Tell nobody anything any more."""
        for timer in self._giving_up.values():
            timer.cancel()
        self._socket.close()

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Take the events of one step."""
        loop = asyncio.get_running_loop()
        for event in events:
            if isinstance(event, CallOpened):
                index = index_of(event.caller.number)
                if index is not None and index < len(self._talk_s):
                    self._index[event.call] = index
            elif isinstance(event, CallClosed):
                self.closed += event.call in self._index
                self._stay(event.call)
            elif isinstance(event, CallQueued | CallAnswered | LegClosed):
                index = self._index.get(event.call)
                if index is not None:
                    self._act(loop, event, index)

    def _act(
        self,
        loop: asyncio.AbstractEventLoop,
        event: CallQueued | CallAnswered | LegClosed,
        index: int,
    ) -> None:
        if isinstance(event, CallQueued):
            patience_s = float(self._patience_s[index])
            if patience_s < float("inf"):
                timer = loop.call_later(patience_s, self._hang_up, index)
                self._giving_up[event.call] = timer
        elif isinstance(event, CallAnswered):
            self._stay(event.call)
            loop.call_later(float(self._talk_s[index]), self._hang_up, index)
        elif self._wrap_s[index] > 0:
            ready = AgentReadied(event.agent)
            loop.call_later(float(self._wrap_s[index]), self._deliver, ready)

    def _stay(self, call: CallId) -> None:
        timer = self._giving_up.pop(call, None)
        if timer is not None:
            timer.cancel()

    def _hang_up(self, index: int) -> None:
        number = index + 1
        note = _NOTE.format(
            host=HOST, port=self._port, number=number, call_id=self._call_id(number)
        )
        self._socket.sendto(note.replace("\n", "\r\n").encode(), (HOST, self._port))
