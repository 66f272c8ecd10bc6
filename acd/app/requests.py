"""Handing a person's request to the engine, and turning its refusal into an error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from acd.core.events import RefusalReason, RequestRefused
from acd.core.inputs import Input
from acd.core.step import Outcome
from acd.errors import MadoguchiError, NotFound, Refused

#: Hands an input to the controller; resolves when the step is in the journal.
Submit = Callable[[Input], Awaitable[Outcome]]

_UNKNOWN = (
    RefusalReason.UNKNOWN_AGENT,
    RefusalReason.UNKNOWN_CALL,
    RefusalReason.UNKNOWN_TARGET,
    RefusalReason.UNKNOWN_SKILL,
)


async def ask(submit: Submit, happened: Input) -> Outcome:
    """Submit a request; raises :class:`NotFound` or :class:`Refused` with the reason as code."""
    outcome = await submit(happened)
    for event in outcome.events:
        if isinstance(event, RequestRefused):
            raise _error(event)
    return outcome


def _error(event: RequestRefused) -> MadoguchiError:
    kind = NotFound if event.reason in _UNKNOWN else Refused
    words = event.reason.value.replace("_", " ")
    return kind(f"{event.request} is refused: {words}", code=event.reason.value)
