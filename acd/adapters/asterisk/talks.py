"""Carrying out what is to become of a talk that is going on (see ``docs/adr/0009``)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from acd.adapters.asterisk.actions_talk import dial_out, talk_actions
from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.translate import Translator
from acd.core.commands_talk import DialOut, DropParty, HandOver, RingParty, TalkCommand
from acd.core.ids import OfferId
from acd.core.party import PartyKind


class Talks:
    """Takes talks apart and puts them together.

    ``send`` sends actions and raises when one fails; ``try_to`` says whether all channels were
    there; ``chase`` hangs up a leg that the switch has not made yet.
    """

    def __init__(
        self,
        picture: Translator,
        send: Callable[[tuple[Action, ...]], Awaitable[None]],
        try_to: Callable[[tuple[Action, ...]], Awaitable[bool]],
        chase: Callable[[OfferId], None],
    ) -> None:
        self._picture = picture
        self._send = send
        self._try_to = try_to
        self._chase = chase
        #: The id under which a call outside is recorded; empty: it is not.
        self.recording_of: Callable[[DialOut], str] = lambda _: ""

    async def carry_out(self, command: TalkCommand) -> None:
        """Carry out one command; raises a SwitchError."""
        if isinstance(command, DialOut):
            self._picture.expect(command.offer, None)
            await self._send((dial_out(command, self.recording_of(command)),))
            return
        wanted = talk_actions(command, self._picture.number_of(command.call))
        if isinstance(command, RingParty):
            with_caller = command.kind is PartyKind.TRANSFER
            self._picture.expect(command.party, command.call if with_caller else None)
            await self._send(wanted)
        elif isinstance(command, DropParty):
            # Nothing that it still does is of interest; it may not even have been made yet.
            self._picture.give_up(command.party)
            if not await self._try_to(wanted):
                self._chase(command.party)
        elif isinstance(command, HandOver):
            try:
                await self._send(wanted[:-1])
            finally:
                # The operator has left in any case, maybe by putting down the phone.
                await self._try_to(wanted[-1:])
        else:
            await self._send(wanted)
