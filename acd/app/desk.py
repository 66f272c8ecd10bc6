"""What an operator may ask for: each request is checked, submitted, and answered or refused."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from acd.app.requests import Submit, ask
from acd.core.engine import Engine
from acd.core.events import CallAnswered, Event, RefusalReason
from acd.core.events_talk import TalkTakenUp
from acd.core.ids import AgentId, CallId, OfferId, browser_device, outside_device
from acd.core.inputs import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    DispositionGiven,
    HangUpRequested,
    HelpRequested,
    Input,
    TransferRequested,
    WrapUpExtended,
)
from acd.core.plan import CallType, Target, TargetKind
from acd.errors import LimitExceeded, NotFound, Refused
from agents.agent import Agent
from agents.state import CHOSEN_REASONS, AgentState, NotReadyReason

#: The longest extension of a wrap-up in one request, in seconds.
MAX_EXTENSION_S = 1_800.0

#: States in which an operator has a call.
IN_CALL = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)

#: An operator may classify this many calls back.
REMEMBERED_CALLS = 50

#: Asks the records whether an operator talked in a call (for calls before the last restart).
TookCall = Callable[[AgentId, CallId], Awaitable[bool]]


class Desk:
    """An operator's requests. It follows the events (it is an EventSink) to know whose call
    was whose; ``took_call`` is asked about calls that it did not see."""

    def __init__(
        self, submit: Submit, engine: Callable[[], Engine], took_call: TookCall | None = None
    ) -> None:
        self._submit = submit
        self._engine = engine
        self._took_call = took_call
        self._calls: dict[AgentId, OrderedDict[CallId, None]] = {}

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Remember who answered which call."""
        for event in events:
            if isinstance(event, CallAnswered | TalkTakenUp):
                calls = self._calls.setdefault(event.agent, OrderedDict())
                calls[event.call] = None
                calls.move_to_end(event.call)
                if len(calls) > REMEMBERED_CALLS:
                    calls.popitem(last=False)

    async def log_in(self, agent: AgentId, device: str = "") -> Agent:
        """Log in, at the plan's phone, at another of the plan's phones, or in the browser."""
        self.agent(agent)
        phones = {each.device for each in self._engine().plan.agents}
        if outside_device(agent) in self._engine().state.outside:
            phones.add(outside_device(agent))
        if device and device not in phones | {browser_device(agent)}:
            raise NotFound("there is no such phone in the plan", code="unknown_device")
        return await self._ask(agent, AgentLoggedIn(agent, device))

    async def log_out(self, agent: AgentId) -> Agent:
        """Log out: now, or after the present talk."""
        return await self._ask(agent, AgentLoggedOut(agent))

    async def ready(self, agent: AgentId) -> Agent:
        """Take calls: now, or after the present talk."""
        return await self._ask(agent, AgentReadied(agent))

    async def not_ready(self, agent: AgentId, reason: NotReadyReason) -> Agent:
        """Take no calls: now, or after the present talk."""
        return await self._ask(agent, AgentPaused(agent, chosen(reason)))

    async def reserve(
        self, agent: AgentId, state: AgentState, reason: NotReadyReason | None = None
    ) -> Agent:
        """Say in a call what to be after it: ready, not ready with a reason, logged out."""
        if self.agent(agent).state not in IN_CALL:
            raise Refused(
                "a next state is reserved during a call", code=RefusalReason.NOT_IN_A_CALL.value
            )
        return await self._ask(agent, _request(agent, state, reason))

    async def extend_wrap_up(self, agent: AgentId, extra_s: float) -> Agent:
        """Prolong the running wrap-up by ``extra_s`` seconds."""
        if not 0 < extra_s <= MAX_EXTENSION_S:
            raise LimitExceeded(
                f"a wrap-up is extended by 1 to {MAX_EXTENSION_S:.0f} seconds at a time",
                code=RefusalReason.OUT_OF_BOUNDS.value,
            )
        return await self._ask(agent, WrapUpExtended(agent, extra_s))

    async def end_wrap_up(self, agent: AgentId) -> Agent:
        """End the running wrap-up now: the reserved next state, or ready."""
        person = self.agent(agent)
        if person.state is not AgentState.WRAP_UP:
            raise Refused("there is no wrap-up to end", code=RefusalReason.NOT_IN_WRAP_UP.value)
        after = person.next_state or AgentState.READY
        return await self._ask(agent, _request(agent, after, person.next_reason))

    async def hang_up(self, agent: AgentId) -> Agent:
        """End the present talk."""
        return await self._ask(agent, HangUpRequested(agent))

    async def transfer(self, agent: AgentId, target: Target) -> Agent:
        """Send the present caller on to a queue, a colleague or a directory entry, without asking
        there."""
        if target.kind not in (TargetKind.QUEUE, TargetKind.NUMBER, TargetKind.AGENT):
            raise Refused("a call is transferred to a queue, a colleague or a directory entry")
        return await self._ask(agent, TransferRequested(agent, target))

    async def dispose(
        self,
        agent: AgentId,
        code: str,
        call: CallId | None = None,
        resolved: bool | None = None,
        call_type: CallType | None = None,
        note: str = "",
    ) -> CallId:
        """Classify a call of the operator's own, by default the present or last one."""
        self.agent(agent)
        if call is None:
            call = self.last_call(agent)
            if call is None:
                raise Refused(
                    "there is no call to classify", code=RefusalReason.NOT_IN_A_CALL.value
                )
        elif not await self.was_in(agent, call):
            # Said alike for calls of others and calls that never were.
            raise NotFound("there is no such call of yours", code=RefusalReason.UNKNOWN_CALL.value)
        await ask(self._submit, DispositionGiven(agent, call, code, resolved, call_type, note))
        return call

    async def call_for_help(self, agent: AgentId) -> Agent:
        """Raise the harassment alarm: supervisors see it at once."""
        return await self._ask(agent, HelpRequested(agent))

    def agent(self, agent: AgentId) -> Agent:
        """The operator, as known to the engine now; raises :class:`NotFound`."""
        found = self._engine().agents.get(agent)
        if found is None:
            raise NotFound("there is no such operator", code=RefusalReason.UNKNOWN_AGENT.value)
        return found

    def last_call(self, agent: AgentId) -> CallId | None:
        """The call in which the operator talks now, or talked last."""
        engine = self._engine()
        person = engine.agents.get(agent)
        if person is not None and person.offer is not None:
            offer = engine.state.offers.get(OfferId(person.offer))
            if offer is not None and person.state in (AgentState.TALKING, AgentState.HOLD):
                return offer.call
        calls = self._calls.get(agent)
        return next(reversed(calls)) if calls else None

    async def was_in(self, agent: AgentId, call: CallId) -> bool:
        """Whether the call is, or was, the operator's own."""
        if call in self._calls.get(agent, ()) or call == self.last_call(agent):
            return True
        return self._took_call is not None and await self._took_call(agent, call)

    async def _ask(self, agent: AgentId, happened: Input) -> Agent:
        self.agent(agent)
        await ask(self._submit, happened)
        return self.agent(agent)


def chosen(reason: NotReadyReason) -> NotReadyReason:
    """A reason that a person may give; raises :class:`Refused` for the engine's own."""
    if reason not in CHOSEN_REASONS:
        raise Refused(
            "this reason is set by the system, not by a person",
            code=RefusalReason.REASON_NOT_ALLOWED.value,
        )
    return reason


def _request(agent: AgentId, state: AgentState, reason: NotReadyReason | None) -> Input:
    match state:
        case AgentState.READY:
            return AgentReadied(agent)
        case AgentState.LOGGED_OUT:
            return AgentLoggedOut(agent)
        case AgentState.NOT_READY if reason is not None:
            return AgentPaused(agent, chosen(reason))
        case _:
            raise Refused("this state cannot be chosen", code="reason_not_allowed")
