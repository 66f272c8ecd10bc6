"""Calls to the outside over carriers' lines: which one takes a call, and which one after it.

The decision is :func:`acd.core.trunks.choose`; what it is decided by is asked of the switch at the
same moment. Two kinds of call go out. What the dialplan dials (an operator's own call, a caller who
is handed on) is given all lines at once and goes from one to the next by itself (``[lines]``), also
when no controller is there. What is rung by an Originate (somebody asked in a talk, an operator in
the public network) is rung anew from here over the next line. In both cases it is from here that a
line which says nothing is hung up when its time is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple

import structlog

from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.line_states import LineStates
from acd.adapters.asterisk.session import Session
from acd.adapters.asterisk.translate import LEG_PREFIX, LINE_EVENT
from acd.core.ids import CallId, OfferId
from acd.core.inputs_talk import LineReported
from acd.core.trunks import (
    NO_ANSWER,
    NO_WAY,
    SLACK_S,
    LineState,
    Passed,
    PassedOver,
    Route,
    TrunkGroup,
    choose,
    turned_away,
)
from acd.errors import ActionFailed, SwitchError

#: How long the cause of a failed ring may lag behind the news of it.
SETTLE_AFTER_S = 0.1
ACTION_TIMEOUT_S = 3.0

_log = structlog.get_logger("madoguchi.lines")


class Way(NamedTuple):
    """How the dialplan shall get outside: what to dial (empty: there is no line), the lines after
    it (``second:third``), and within how many seconds one must have failed for them."""

    dial: str
    more: str = ""
    patience_s: int = 0


class _Trial:
    """A call that is trying lines. ``key`` is the unique id of the leg, or of the caller."""

    def __init__(self, key: str, group: TrunkGroup, route: Route, now_s: float) -> None:
        self.key = key
        self.group = group
        self.line = route.lines[0] if route.lines else ""
        self.left = list(route.lines[1:])
        self.passed = list(route.passed)
        self.since_s = now_s
        self.tried = 0
        #: Of what is rung from here: the Originate, and what the switch said of its end.
        self.rung: Action | None = None
        self.said: list[Message] = []

    def next(self, reason: PassedOver, now_s: float) -> None:
        """On to the next line; none is left: the empty one."""
        self.passed.append(Passed(self.line, reason))
        self.tried += 1
        self.line = self.left.pop(0) if self.left else ""
        self.since_s = now_s


class LinesOut:
    """The lines of one switch. ``groups`` by the names that a plan may use, trunks that stand alone
    among them. ``deliver`` takes what is reported, ``again`` a message that was kept back, and
    ``given_up`` says whether nobody wants a leg any more."""

    def __init__(
        self,
        session: Callable[[], Session],
        deliver: Callable[[LineReported], None],
        again: Callable[[Message], None],
        given_up: Callable[[OfferId], bool],
    ) -> None:
        self.groups: Mapping[str, TrunkGroup] = {}
        self._session = session
        self._states = LineStates(session)
        self._deliver = deliver
        self._again = again
        self._given_up = given_up
        self._trials: dict[str, _Trial] = {}
        self._resting: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def states(self) -> LineStates:
        """What the switch says of its lines."""
        return self._states

    # What is dialled, and what is rung

    async def way(self, dial: str, key: str) -> Way:
        """How a call goes outside that the dialplan dials; raises a SwitchError."""
        number, _, name = dial.partition("@")
        group = self.groups.get(name)
        if group is None:
            return Way(dial)
        trial = await self._begin(group, key)
        if not trial.line:
            return Way("")
        patience_s = math.ceil(group.overflow_after_s + SLACK_S) if trial.left else 0
        return Way(f"{number}@{trial.line}", ":".join(trial.left), patience_s)

    async def over(self, key: str, ring: Action) -> Action:
        """The Originate with a line in place of a group's name; raises a SwitchError, also when
        there is no line. Others are left as they are."""
        number, _, name = _channel(ring).partition("@")
        group = self.groups.get(name)
        if group is None:
            return ring
        trial = await self._begin(group, key)
        if not trial.line:
            raise ActionFailed("Every line to the outside is down or full.", code="no_line")
        trial.rung = ring
        self._watch(trial, key)
        return _over(ring, number, trial.line)

    async def _begin(self, group: TrunkGroup, key: str) -> _Trial:
        loop_s = asyncio.get_running_loop().time()
        trunks = [member.trunk for member in group.members]
        up = await self._states.up([each.trunk for each in group.members if each.asked])
        used, counts = await self._states.counts(group.id, trunks)
        states = {
            trunk: LineState(up.get(trunk), both, out, self._resting.get(trunk, 0.0) > loop_s)
            for trunk, (both, out) in zip(trunks, counts, strict=True)
        }
        trial = _Trial(key, group, choose(group, states, used, key), loop_s)
        if trial.line:
            self._trials[key] = trial
        self._report(trial)
        return trial

    def _report(self, trial: _Trial) -> None:
        """Say which line has the call now, in the log and to the engine."""
        passed = {each.trunk: each.reason.value for each in trial.passed}
        said = _log.info if trial.line else _log.warning
        said(
            "line_taken" if trial.line else "no_line",
            group=trial.group.id,
            line=trial.line,
            passed=passed,
        )
        offer, call = OfferId(""), CallId("")
        if trial.key.startswith(LEG_PREFIX):
            offer = OfferId(trial.key[len(LEG_PREFIX) :])
        else:
            call = CallId(trial.key)
        passed_over = tuple(trial.passed)
        where = (offer, call, trial.group.id, trial.line)
        self._deliver(LineReported(*where, passed_over, trial.tried > 0))

    # What the switch tells

    def keeps(self, message: Message) -> bool:
        """Take an event; True when it shall not be told any further (or not yet)."""
        if not self._trials:
            return False
        kind = message.event
        if kind == "UserEvent" and message.get("UserEvent") == LINE_EVENT:
            self._line_event(message)
        elif kind == "OriginateResponse":
            trial = self._trials.get(message.get("Uniqueid"))
            if trial is not None and trial.rung is not None:
                return self._answered(trial, message)
        elif kind == "Hangup":
            trial = self._trials.get(message.get("Uniqueid"))
            if trial is not None and trial.rung is not None:
                return self._kept(trial, message)
            self._trials.pop(message.get("Uniqueid"), None)
        return False

    def _line_event(self, message: Message) -> None:
        sent = message.get("Sent")
        trial = self._trials.get(message.get("Linkedid" if sent else "Uniqueid"))
        if trial is None:
            return
        if sent:
            if sent == trial.line:
                self._watch(trial, message.get("Channel"))
            return
        now_s = asyncio.get_running_loop().time()
        patience_s = trial.group.overflow_after_s + SLACK_S
        reason = turned_away(_whole(message.get("Cause")), now_s - trial.since_s, patience_s)
        if reason is not None:
            self._rest(trial, now_s)
            trial.next(reason, now_s)
            self._report(trial)

    def _answered(self, trial: _Trial, message: Message) -> bool:
        if message.get("Response") == "Success":
            trial.rung = None
            return False
        return self._kept(trial, message)

    def _kept(self, trial: _Trial, message: Message) -> bool:
        """A ring came to nothing: why is known in a moment, and whether that was all."""
        trial.said.append(message)
        if len(trial.said) == 1:
            loop = asyncio.get_running_loop()
            loop.call_later(SETTLE_AFTER_S, self._decide, trial)
        return True

    def _decide(self, trial: _Trial) -> None:
        """On to the next line, or tell what was kept back."""
        now_s = asyncio.get_running_loop().time()
        causes = [each.get("Cause") for each in trial.said if each.event == "Hangup"]
        cause = _whole(causes[0]) if causes else NO_WAY
        reason = turned_away(cause, now_s - trial.since_s, trial.group.overflow_after_s + SLACK_S)
        offer = OfferId(trial.key.removeprefix(LEG_PREFIX))
        said, trial.said = trial.said, []
        if reason is not None:
            self._rest(trial, now_s)
        if reason is not None and trial.left and not self._given_up(offer):
            trial.next(reason, now_s)
            self._report(trial)
            self._start(self._ring_next(trial, said))
            return
        self._trials.pop(trial.key, None)
        if reason is not None:
            trial.next(reason, now_s)
            self._report(trial)
        for message in said:
            self._again(message)

    async def _ring_next(self, trial: _Trial, said: list[Message]) -> None:
        ring = trial.rung
        if ring is None:
            return
        number = _channel(ring).partition("@")[0]
        try:
            await self._session().call(_over(ring, number, trial.line), ACTION_TIMEOUT_S)
        except SwitchError:
            self._trials.pop(trial.key, None)
            for message in said:
                self._again(message)
            return
        self._watch(trial, trial.key)

    # A line that says nothing

    def _watch(self, trial: _Trial, channel: str) -> None:
        if trial.left:
            self._start(self._listen(trial, trial.line, channel))

    async def _listen(self, trial: _Trial, line: str, channel: str) -> None:
        """Hang up a line on which nobody said a word in time."""
        await asyncio.sleep(trial.group.overflow_after_s)
        if self._trials.get(trial.key) is not trial or trial.line != line:
            return
        # A channel that is gone has said something.
        with contextlib.suppress(SwitchError):
            name = await self._states.name_of(channel)
            if await self._states.heard_nothing(name):
                hang_up = (("Channel", name), ("Cause", str(NO_ANSWER)))
                await self._session().call(Action("Hangup", hang_up), ACTION_TIMEOUT_S)

    def _rest(self, trial: _Trial, now_s: float) -> None:
        self._resting[trial.line] = now_s + trial.group.rest_s

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self) -> None:
        """The connection is lost: what is tried now, nobody can say."""
        self._trials.clear()
        for task in self._tasks:
            task.cancel()


def _channel(ring: Action) -> str:
    return next((value for name, value in ring.headers if name == "Channel"), "")


def _over(ring: Action, number: str, line: str) -> Action:
    """The same ring over a line, where it counts as a call out."""
    headers = [
        (name, f"{number}@{line}" if name == "Channel" else value) for name, value in ring.headers
    ]
    return Action(ring.name, (*headers, ("Variable", f"GROUP(out)={line}")))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
