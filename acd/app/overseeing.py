"""What a supervisor may ask for about calls: priority, queue, taking over, hearing a talk.

``by`` is who asked, as the operation log names people; it is part of what is journaled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from acd.app.requests import Submit, ask
from acd.core.call import CallState
from acd.core.engine import Engine
from acd.core.ids import AgentId, CallId, QueueId, browser_device
from acd.core.inputs_floor import (
    CallMoveRequested,
    PriorityGiven,
    SpyEndRequested,
    SpyMode,
    SpyRequested,
    TakeOverRequested,
)
from acd.core.why import why_waits
from acd.core.why_text import WhyTold, told_why
from acd.errors import NotFound, Refused

_WAITING = (CallState.QUEUED, CallState.OFFERED)


class Overseeing:
    """A supervisor's requests about calls.

    ``may_spy`` is false on a switch whose whisper nobody has proven to be unheard by callers.
    """

    def __init__(
        self, submit: Submit, engine: Callable[[], Engine], may_spy: Callable[[], bool]
    ) -> None:
        self._submit = submit
        self._engine = engine
        self._may_spy = may_spy

    @property
    def may_hear(self) -> bool:
        """Whether talks may be heard on this switch at all."""
        return self._may_spy()

    async def priority(self, call: CallId, priority: int, by: str) -> None:
        """Give a waiting call a priority, 0 to 9."""
        await ask(self._submit, PriorityGiven(call, priority, by))

    async def move(self, call: CallId, queue: QueueId, by: str) -> None:
        """Let a waiting call wait in another queue, at its age."""
        await ask(self._submit, CallMoveRequested(call, queue, by))

    async def take_over(self, call: CallId, device: str, by: str) -> None:
        """Let a call ring at a telephone, whoever it rings or talks with now."""
        await ask(self._submit, TakeOverRequested(call, device, by))

    async def hear(self, call: CallId, device: str, mode: SpyMode, by: str) -> None:
        """Let a telephone hear a talk: unheard, heard by the operator, heard by both."""
        if not self.may_hear:
            raise Refused(
                "this Asterisk is not proven to keep whispers from callers",
                code="spying_unproven",
            )
        await ask(self._submit, SpyRequested(call, device, mode, by))

    async def stop_hearing(self, call: CallId, device: str, by: str) -> None:
        """Let a telephone hear a talk no longer."""
        await ask(self._submit, SpyEndRequested(call, device, by))

    def device(self, wanted: str, agent: AgentId | None) -> str:
        """The telephone of a request: the one named, else where the supervisor is logged in.

        Raises NotFound for one that the plan does not know, Refused when none is named.
        """
        engine = self._engine()
        if wanted:
            known = (browser_device(AgentId(each.id)) for each in engine.plan.agents)
            if wanted in {each.device for each in engine.plan.agents} | set(known):
                return wanted
            raise NotFound("there is no such phone in the plan", code="unknown_device")
        own = engine.agents.get(agent) if agent is not None else None
        if own is None:
            raise Refused("say at which telephone", code="device_wanted")
        return own.device

    def why(self, call: CallId, now_s: float) -> WhyTold:
        """Why a call still waits."""
        return told_why(why_waits(self._engine(), call, now_s))

    def why_all(self, now_s: float) -> Sequence[WhyTold]:
        """Why each waiting call still waits, in the order of arrival."""
        engine = self._engine()
        return [
            self.why(call.id, now_s) for call in engine.calls.values() if call.state in _WAITING
        ]
