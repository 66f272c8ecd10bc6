"""The reception: leads one caller through the menu, the announcements on hold and the goodbye.

Each method drives one conversation (a request of the dialplan) to its end. What is decided comes
from ``ivr``; what happened goes to the engine's inbox; the caller's channel learns by its marker
variable where to go on. Without that marker the dialplan tries again and then does without a
controller, so an error here is never the end of a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog

from acd.app.call_rules import CallRules, rules_for
from acd.app.surveying import ask_caller, wants_answer
from acd.core.call import Call, CallState
from acd.core.engine import Engine
from acd.core.ids import CallId, QueueId, SwitchId, VisitId
from acd.core.inputs import (
    CallArrived,
    FlowEnded,
    FlowEnding,
    Input,
    MenuStepped,
    QueueRequested,
)
from acd.core.step import Outcome
from acd.ports import CallerGone, CallInfo, Clock, Conversation, Deliver
from ivr.announce import (
    Told,
    Waiting,
    due_s,
    in_another_line,
    stay,
    stay_due_s,
    what_to_say,
)
from ivr.flow import Flow, is_straight, straight_to
from ivr.prompts import CATALOGUE, LANGUAGES
from ivr.session import EnterQueue, Finish, Listen, Play, SendTo, Session, Surroundings

#: Hands an input to the engine; the result is there once the journal has the step.
Submit = Callable[[Input], Awaitable[Outcome]]

#: Where the dialplan goes on (the values of its marker variable).
HOLD, HANG_UP, EXPECT = "hold", "hangup", "dial"

#: Variable of the caller's channel: nothing to announce before this second.
DUE = "MDG_DUE"
#: Variable of the caller's channel: what follows the talk.
AFTER, SKIP = "MDG_AFTER", "skip"
#: What the dialplan says of an operator who was gone at once.
SHORT = "short"
#: A moment that never comes, for a queue that announces nothing.
NEVER_S = 9_999_999_999

#: What an announcement ends with, unless it is that itself.
GOODBYE = "goodbye"
#: Said instead of an announcement that nobody has written.
UNKNOWN = "trouble"

#: What the switch says of an operator who came and went is here within this time, seconds; until
#: then it is looked for as often.
NEWS_S, LOOK_EVERY_S = 1.0, 0.05

#: Callers whose last announcement is remembered; beyond it the oldest is forgotten.
MAX_REMEMBERED = 20_000

log = structlog.get_logger(__name__)


class Reception:
    """Talks to callers on behalf of one centre.

    ``sounds`` is the folder of the prompts as the switch sees it; a prompt is played as
    ``<sounds>/<language>/<id>``; of several switches ``sounds_at`` says it of each. ``quiet`` is
    true while callers wait without music, ``records`` while talks are recorded at all.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        flows: Mapping[str, Flow],
        clock: Clock,
        submit: Submit,
        deliver: Deliver,
        sounds: str,
        quiet: Callable[[], bool] = lambda: False,
        records: Callable[[], bool] = lambda: True,
        sounds_at: Mapping[SwitchId, str] | None = None,
    ) -> None:
        self._current = engine
        self._clock = clock
        self._submit = submit
        self._deliver = deliver
        self._sounds, self._sounds_at = sounds, sounds_at or {}
        self._quiet = quiet
        self._records = records
        self._told: dict[CallId, tuple[VisitId, Told]] = {}
        self.adopt(flows)

    def adopt(self, flows: Mapping[str, Flow]) -> None:
        """Use these flows for callers who come from now on (the plan goes to the engine)."""
        self._flows = dict(flows)
        self._written = dict(CATALOGUE)
        for flow in flows.values():
            self._written.update(flow.prompts)

    @property
    def _engine(self) -> Engine:
        """The engine in force: the controller may have made it anew."""
        return self._current()

    async def answer(self, conversation: Conversation) -> None:
        """A call has come in: greet it, ask what it is about, and hand it on."""
        info = conversation.info
        known = self._engine.calls.get(info.call)
        if known is not None and known.state is not CallState.MENU:
            # The controller died between the request and the marker; the request counts.
            await self._to_hold(conversation)
            return
        rules = rules_for(self._engine, info)
        self._deliver(_arrived(info, rules.listed))
        try:
            await self._walk(conversation, self._session(rules, info.dialled), rules)
        except CallerGone:
            raise
        except Exception:
            # A person answers whoever a flow fails.
            log.exception("flow_failed", call=info.call)
            await self._enqueue(conversation, QueueRequested(info.call, self._default_queue))

    def waits(self, info: CallInfo) -> None:
        """A caller is in the waiting bridge. One whom the engine has not met was led straight
        there by the dialplan (see :meth:`straight_numbers`), or by a controller that died."""
        known = self._engine.calls.get(info.call)
        if known is not None and known.state is not CallState.MENU:
            return
        rules = rules_for(self._engine, info)
        if known is None:
            self._deliver(_arrived(info, rules.listed))
        session = self._session(rules, info.dialled)
        step = session.begin(self._clock.now())
        for passed in session.passed:
            self._deliver(MenuStepped(info.call, passed.node, passed.key))
        if isinstance(step, EnterQueue):
            self._deliver(_request(info.call, step, rules))
        else:
            self._deliver(QueueRequested(info.call, self._default_queue))

    def straight_numbers(self) -> list[str]:
        """Numbers whose flow is a queue and nothing else: nothing said before, nor after. None in
        a drill that goes by who calls, which the switch does not look at."""
        disaster = self._engine.planned.disaster
        if self._engine.state.floor.mode.drill and disaster and disaster.drill_callers:
            return []
        return [
            number.number
            for number in self._engine.plan.numbers
            if number.flow in self._flows and is_straight(self._flows[number.flow])
        ]

    async def hold(self, conversation: Conversation) -> None:
        """A caller on hold may be told something now."""
        call = self._engine.calls.get(conversation.info.call)
        if call is not None and call.state is CallState.LEAVING:
            # Nobody will come: what was to be said instead did not reach the caller.
            await self._say(conversation, (UNKNOWN, GOODBYE), call.language)
            await conversation.set_next(HANG_UP)
            return
        if call is not None and call.state is CallState.QUEUED:
            await self._announce_wait(conversation, call)
        await self._to_hold(conversation)

    async def after(self, conversation: Conversation, talked: str = "") -> None:
        """The operator is gone and the caller is still there. ``talked``: :data:`SHORT` when it was
        so short that it may have been no talk at all, by the switch's own clock."""
        if talked == SHORT and await self._still_in_line(conversation.info.call):
            await self._to_hold(conversation)
            return
        call = self._engine.calls.get(conversation.info.call)
        flow, seed = self._flow(rules_for(self._engine, conversation.info)), self._engine.plan.seed
        if call is not None and flow.survey is not None and wants_answer(flow.survey, call, seed):
            files = partial(self._files, conversation)
            await ask_caller(conversation, call, flow.survey, files, self._deliver)
        if flow.goodbye:
            await self._say(conversation, (GOODBYE,), self._language(conversation))
        await conversation.set_next(HANG_UP)

    async def announce(self, conversation: Conversation, announcement: str) -> None:
        """Say what the engine decided instead of an operator, and goodbye."""
        if announcement not in self._written:
            log.error("announcement_unknown", call=conversation.info.call)
            announcement = UNKNOWN
        prompts = (announcement,) if announcement == GOODBYE else (announcement, GOODBYE)
        await self._say(conversation, prompts, self._language(conversation))
        await conversation.set_next(HANG_UP)

    async def _still_in_line(self, call: CallId) -> bool:
        """Whether the operator who came for this caller was gone before they were in one bridge.
        The switch asks at once; what it says of bridges and hang-ups comes a moment later."""
        for _ in range(round(NEWS_S / LOOK_EVERY_S)):
            known = self._engine.calls.get(call)
            if known is None or known.state is not CallState.OFFERED:
                return known is not None and known.state is CallState.QUEUED
            await asyncio.sleep(LOOK_EVERY_S)
        return True

    # -- the menu ---------------------------------------------------------------------------

    async def _walk(self, conversation: Conversation, session: Session, rules: CallRules) -> None:
        """Carry out a session's steps until one is final."""
        call = conversation.info.call
        step = session.begin(self._clock.now())
        told = False
        while True:
            while session.passed:
                passed = session.passed.popleft()
                self._deliver(MenuStepped(call, passed.node, passed.key))
            match step:
                case Play():
                    last = session.decided
                    if last is not None and last.ending is FlowEnding.CLOSED:
                        # Before it is said: who hangs up in the middle of these words came out of
                        # hours all the same, and is none of those whom an answer was owed.
                        await self._submit(FlowEnded(call, last.ending, last.detail))
                        told = True
                    files = self._files(conversation, step.prompts, step.language)
                    key = await conversation.play(files, step.keys) if files else ""
                case Listen():
                    key = await conversation.wait_key(step.timeout_s)
                case EnterQueue():
                    own = {} if session.goodbye else {AFTER: SKIP}
                    await self._enqueue(conversation, _request(call, step, rules), **own)
                    return
                case SendTo():
                    ended = FlowEnded(call, FlowEnding.SENT_ELSEWHERE, step.entry)
                    await self._submit(ended)
                    await conversation.set_next(EXPECT)
                    return
                case Finish():
                    if not told:
                        await self._submit(FlowEnded(call, step.ending, step.detail))
                    await conversation.set_next(HANG_UP)
                    return
            step = session.heard(key, self._clock.now())

    async def _enqueue(
        self, conversation: Conversation, request: QueueRequested, **variables: str
    ) -> None:
        """Ask the engine for an operator, then let the caller wait."""
        await self._submit(request)
        await self._to_hold(conversation, **variables)

    def _session(self, rules: CallRules, dialled: str) -> Session:
        """A session in the call's flow; without a usable one straight to the default queue. The
        number goes in as we write it, whatever the carrier sent."""
        flow, number = self._flow(rules), rules.number
        return Session(
            flow,
            Surroundings(
                dialled=number.number if number is not None else dialled,
                recorded=self._records() and (number is None or number.recorded),
                calendars=rules.calendars,
                waiting=rules.waiting_in,
            ),
        )

    def _flow(self, rules: CallRules) -> Flow:
        """The call's flow, or the one that leads to the default queue where there is none."""
        return self._flows.get(rules.flow) or straight_to(self._default_queue)

    @property
    def _default_queue(self) -> QueueId:
        return self._engine.plan.default_queue

    # -- on hold ------------------------------------------------------------------------------

    async def _announce_wait(self, conversation: Conversation, call: Call) -> None:
        """Tell a waiting caller place and expected wait, if it is time to."""
        now_s = self._clock.now()
        due = self._due_s(call)
        if due is None or now_s < due:
            return
        before, own_due = self._told_so_far(call), self._own_due_s(call)
        if own_due is None or now_s < own_due:
            prompts, told = stay(now_s, before)
        else:
            waiting = Waiting(
                self._engine.position(call.id), self._engine.expected_wait(call.id, now_s)
            )
            prompts, told = what_to_say(now_s, waiting, before)
        while len(self._told) >= MAX_REMEMBERED:
            del self._told[next(iter(self._told))]
        # Noted before it is played: an operator may take the call in the middle of a sentence.
        self._told.pop(call.id, None)
        self._told[call.id] = (call.visit, told)
        await self._say(conversation, prompts, call.language)

    async def _to_hold(self, conversation: Conversation, **variables: str) -> None:
        """Let the caller wait, and the switch not ask before something is due."""
        call = self._engine.calls.get(conversation.info.call)
        due = self._due_s(call) if call is not None else 0.0
        variables[DUE] = str(NEVER_S if due is None else int(due))
        await conversation.set_next(HOLD, **variables)

    def _due_s(self, call: Call) -> float | None:
        """From when on the call may be told something; None = never."""
        own = self._own_due_s(call)
        if not self._quiet():
            return own
        due = stay_due_s(self._told_so_far(call), call.visit_from_s)
        return due if own is None else min(own, due)

    def _own_due_s(self, call: Call) -> float | None:
        """From when on the queue's own announcement is due; None = it has none."""
        queue = self._engine.state.queue_of(call)
        return due_s(self._told_so_far(call), call.visit_from_s, queue.announce_every_s)

    def _told_so_far(self, call: Call) -> Told | None:
        """What the caller was told in this line, or at least when in the one before."""
        visit, told = self._told.get(call.id, (call.visit, None))
        return told if told is None or visit == call.visit else in_another_line(told)

    # -- speaking -----------------------------------------------------------------------------

    async def _say(
        self, conversation: Conversation, prompts: tuple[str, ...], language: str
    ) -> None:
        files = self._files(conversation, prompts, language)
        if files:
            await conversation.play(files)

    def _files(
        self, conversation: Conversation, prompts: tuple[str, ...], language: str
    ) -> list[str]:
        """Sound files of the prompts that say something in a language."""
        spoken = language if language in LANGUAGES else LANGUAGES[0]
        sounds = self._sounds_at.get(conversation.info.switch, self._sounds)
        return [
            f"{sounds}/{spoken}/{prompt}"
            for prompt in prompts
            if prompt in self._written and self._written[prompt].text(spoken)
        ]

    def _language(self, conversation: Conversation) -> str:
        call = self._engine.calls.get(conversation.info.call)
        return call.language if call is not None else LANGUAGES[0]


def _arrived(info: CallInfo, listed: bool) -> CallArrived:
    """The arrival of a call that the switch described."""
    return CallArrived(
        call=info.call,
        switch=info.switch,
        channel=info.channel,
        trunk=info.trunk,
        dialled=info.dialled,
        caller=info.caller,
        listed=listed,
    )


def _request(call: CallId, step: EnterQueue, rules: CallRules) -> QueueRequested:
    """What the flow wants of the engine."""
    return QueueRequested(
        call=call,
        queue=rules.queue(step.queue),
        call_type=step.call_type,
        language=step.language,
        needs=step.needs,
        prefers=step.prefers,
        priority=step.priority,
    )
