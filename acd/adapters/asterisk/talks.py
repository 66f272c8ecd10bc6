"""Carrying out what is to become of a talk that is going on (see ``docs/adr/0009``)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import structs

from acd.adapters.asterisk.actions_talk import dial_out, digit, leg, talk_actions
from acd.adapters.asterisk.chasing import Chasing
from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.devices import Devices
from acd.adapters.asterisk.lines_out import LinesOut
from acd.adapters.asterisk.translate import Translator
from acd.core.commands_talk import DialOut, DropParty, HandOver, RingParty, TalkCommand
from acd.core.ids import OfferId
from acd.core.party import PartyKind


class Talks:
    """Takes talks apart and puts them together.

    ``send`` sends actions and raises when one fails; ``try_to`` says whether all channels were
    there; ``chasing`` hangs up a leg that the switch has not made yet; ``devices`` knows whether
    the last leg of a telephone is gone; ``lines`` are the ways to the outside.
    """

    def __init__(
        self,
        picture: Translator,
        send: Callable[[tuple[Action, ...]], Awaitable[None]],
        try_to: Callable[[tuple[Action, ...]], Awaitable[bool]],
        chasing: Chasing,
        devices: Devices,
        lines: LinesOut,
    ) -> None:
        self._picture = picture
        self._send = send
        self._try_to = try_to
        self._chasing = chasing
        self._devices = devices
        self._lines = lines
        #: The id under which a call outside, or a colleague's talk, is recorded; empty: it is not.
        self.recording_of: Callable[[DialOut | RingParty], str] = lambda _: ""

    async def press(self, offer: OfferId, keys: str) -> None:
        """Send keys to whoever is with this leg; raises a SwitchError."""
        await self._send(tuple(digit(offer, key) for key in keys))

    async def carry_out(self, command: TalkCommand) -> None:
        """Carry out one command; raises a SwitchError."""
        if isinstance(command, DialOut):
            self._picture.expect(command.offer, None, outward=True)
            way = await self._lines.way(command.dial, leg(command.offer))
            command = structs.replace(command, dial=way.dial)
            recording = self.recording_of(command)
            await self._send((dial_out(command, recording, way.more, way.patience_s),))
            return
        if isinstance(command, RingParty):
            await self._ring(command)
            return
        wanted = talk_actions(command, self._picture.number_of(command.call))
        if isinstance(command, DropParty):
            # Nothing that it still does is of interest; it may not even have been made yet.
            self._picture.give_up(command.party)
            if not await self._try_to(wanted):
                self._chasing.chase(command.party)
        elif isinstance(command, HandOver):
            try:
                await self._send(wanted[:-1])
            finally:
                # The operator has left in any case, maybe by putting down the phone.
                await self._try_to(wanted[-1:])
        else:
            await self._send(wanted)

    async def _ring(self, command: RingParty) -> None:
        with_caller = command.kind is PartyKind.TRANSFER
        self._picture.expect(command.party, command.call if with_caller else None)
        recording = self.recording_of(command) if command.colleague else ""
        number = self._picture.number_of(command.call)
        wanted = talk_actions(command, number, recording)
        if command.device:
            await self._devices.take(command.device, command.party)
        if not self._picture.was_given_up(command.party):
            *before, ring = wanted
            await self._send((*before, await self._lines.over(leg(command.party), ring)))
