"""Carries out the engine's commands on the switches; a failure comes back as an input.

Commands of one call are carried out one after another, those of different calls side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog
from structlog.contextvars import bind_contextvars

from acd.core.commands import HangUpLeg, OfferCall, SwitchCommand
from acd.core.commands_floor import SpyCommand
from acd.core.commands_talk import DialOut, RingParty
from acd.core.ids import SwitchId
from acd.core.inputs import CommandFailed, OfferFailed, OfferFailure
from acd.errors import SwitchError
from acd.ports import Deliver, Telephony

#: Seconds that one command may take, whatever the switch's own deadlines are.
DEADLINE_S = 15.0

_log = structlog.get_logger("madoguchi.executor")


class Executor:
    """Hands commands to telephony. Call it on the event loop; it never blocks."""

    def __init__(self, switches: Mapping[SwitchId, Telephony], deliver: Deliver) -> None:
        self._switches = switches
        self._deliver = deliver
        self._last: dict[str, asyncio.Task[None]] = {}

    def __call__(self, command: SwitchCommand) -> None:
        """Start carrying out a command, after those of the same call."""
        subject = _subject(command)
        before = self._last.get(subject)
        task = asyncio.get_running_loop().create_task(self._carry_out(command, before))
        self._last[subject] = task
        task.add_done_callback(lambda done: self._forget(subject, done))

    def _forget(self, subject: str, done: asyncio.Task[None]) -> None:
        if self._last.get(subject) is done:
            del self._last[subject]

    async def _carry_out(self, command: SwitchCommand, before: asyncio.Task[None] | None) -> None:
        # Each command has a task, and so a context, of its own: every line about it names the call.
        bind_contextvars(**_known_as(command))
        if before is not None and not before.done():
            await asyncio.wait({before})
        try:
            async with asyncio.timeout(DEADLINE_S):
                switch = self._switches.get(command.switch)
                if switch is None:
                    raise SwitchError(f"there is no switch {command.switch}")
                await switch.execute(command)
        except (SwitchError, TimeoutError) as error:
            self._failed(command, getattr(error, "code", "deadline"))
        except Exception as error:
            # A defect in an adapter must not leave an operator reserved for ever.
            _log.error("command_broke", command=_tag(command), error=type(error).__name__)
            self._failed(command, "defect")

    def _failed(self, command: SwitchCommand, reason: str) -> None:
        _log.warning("command_failed", command=_tag(command), reason=reason)
        if isinstance(command, OfferCall):
            self._deliver(OfferFailed(command.offer, OfferFailure.ERROR))
        elif isinstance(command, RingParty):
            self._deliver(OfferFailed(command.party, OfferFailure.ERROR))
        elif isinstance(command, DialOut):
            self._deliver(OfferFailed(command.offer, OfferFailure.ERROR))
        else:
            self._deliver(CommandFailed(_tag(command), _subject(command), reason))

    async def settle(self, within_s: float) -> None:
        """Wait for commands under way (a clean stop)."""
        tasks = [task for task in self._last.values() if not task.done()]
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)


def _subject(command: SwitchCommand) -> str:
    """Whom a command is about: commands of one subject are carried out one after another."""
    if isinstance(command, SpyCommand):
        return command.spy
    return command.offer if isinstance(command, HangUpLeg | DialOut) else command.call


def _known_as(command: SwitchCommand) -> dict[str, str]:
    """The ids under which the log knows what a command is about."""
    named = {name: getattr(command, name, None) for name in ("call", "offer", "spy")}
    return {name: value for name, value in named.items() if value}


def _tag(command: SwitchCommand) -> str:
    return str(type(command).__struct_config__.tag)
