"""Letting a supervisor hear a talk: the commands, and on which Asterisk that is allowed.

A whisper must never reach the caller. Whether it does is a matter of the release: on any other than
the one that the audio test has proven, a supervisor hears nothing unless somebody has run that test
against it and says so in the settings (``whisper_proven_on``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from acd.adapters.asterisk import actions
from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.devices import Devices
from acd.adapters.asterisk.session import Session
from acd.adapters.asterisk.translate import LEG_PREFIX, SPY_PREFIX
from acd.adapters.asterisk.version import PROVEN, parse_version
from acd.core.commands_floor import SpyCommand, SpyTalk, StopSpying, TurnSpy
from acd.core.ids import OfferId, SpyId
from acd.errors import ActionFailed

#: How long the switch may take to say what a leg's channel is called.
NAME_TIMEOUT_S = 3.0
#: How long the supervisor's phone rings.
RING_S = 20

#: Which channel is heard, by its full name, and how (read by [spy] in the dialplan).
HEARD, HOW = "MDG_SPY_ON", "MDG_SPY_HOW"
#: "yes" once the phone was answered and the leg hears, or is about to.
HEARS = "MDG_SPY_HEARS"


class Spying:
    """Carries out the commands for one switch.

    ``session`` gives the connection for actions, ``send`` sends actions and raises when one fails,
    ``try_to`` does not mind channels that are gone, ``devices`` knows which phones have a
    leg. ``proven_on`` is the release that somebody has tested beside the one that we did.
    """

    def __init__(
        self,
        session: Callable[[], Session],
        send: Callable[[tuple[Action, ...]], Awaitable[None]],
        try_to: Callable[[tuple[Action, ...]], Awaitable[bool]],
        devices: Devices,
    ) -> None:
        self._session = session
        self._send = send
        self._try_to = try_to
        self._devices = devices
        self._version = ""
        self.proven_on = ""

    def met(self, version: str) -> None:
        """The switch says which release it is."""
        self._version = version

    @property
    def allowed(self) -> bool:
        """Whether a whisper is proven to stay with the operator on this switch."""
        if not self._version:
            return False
        return parse_version(f"Asterisk {self._version}") == PROVEN or (
            self.proven_on != "" and self._version == self.proven_on
        )

    async def carry_out(self, command: SpyCommand) -> None:
        """Carry out one command; raises a SwitchError."""
        if isinstance(command, StopSpying):
            await self._try_to((_hang_up(command.spy),))
            return
        if not self.allowed:
            raise ActionFailed(
                "Whispers are not proven to stay unheard on this Asterisk.", code="spying_unproven"
            )
        heard = await self._name_of(command.offer)
        if isinstance(command, SpyTalk):
            # Who takes the talk over at this telephone later rings it when it hears no longer.
            await self._devices.take(command.device, OfferId(command.spy))
            await self._send(spy(command, heard))
        else:
            await self._turn(command, heard)

    async def _turn(self, command: TurnSpy, heard: str) -> None:
        """A leg whose phone still rings only learns what it is to hear: taken out of there, it
        would become another channel. Asked after it was told, so that nothing slips between."""
        told, moved = turn(command, heard)
        await self._send(told)
        question = Action("Getvar", (("Channel", _leg(command.spy)), ("Variable", HEARS)))
        if (await self._session().call(question, NAME_TIMEOUT_S)).get("Value") == "yes":
            await self._send(moved)

    async def _name_of(self, offer: OfferId) -> str:
        """The full name of an operator's channel: the only one that ChanSpy finds surely."""
        leg = actions.checked_word(LEG_PREFIX + offer, "offer id")
        question = Action("Getvar", (("Channel", leg), ("Variable", "CHANNEL(name)")))
        answer = await self._session().call(question, NAME_TIMEOUT_S)
        return actions.checked_channel(answer.get("Value"))


def spy(command: SpyTalk, heard: str) -> tuple[Action, ...]:
    """Ring the supervisor's phone; what it hears is decided when it answers."""
    device = actions.checked_word(command.device.removeprefix("PJSIP/"), "device")
    return (
        Action(
            "Originate",
            (
                ("Channel", actions.checked_dial(f"PJSIP/{device}")),
                ("ChannelId", _leg(command.spy)),
                ("Context", "spy"),
                ("Exten", "s"),
                ("Priority", "1"),
                ("Timeout", str(RING_S * 1000)),
                ("CallerID", actions.ANONYMOUS),
                ("Variable", f"{HEARD}={actions.checked_channel(heard)}"),
                ("Variable", f"{HOW}={command.mode.value}"),
                ("Async", "true"),
            ),
        ),
    )


def turn(command: TurnSpy, heard: str) -> tuple[tuple[Action, ...], tuple[Action, ...]]:
    """What tells a leg that is there what to hear, and what lets it begin anew."""
    leg = _leg(command.spy)
    told = (
        _set(leg, HEARD, actions.checked_channel(heard)),
        _set(leg, HOW, command.mode.value),
    )
    where = (("Context", "spy"), ("Exten", "s"), ("Priority", "1"))
    return told, (Action("Redirect", (("Channel", leg), *where)),)


def _set(leg: str, name: str, value: str) -> Action:
    return Action("Setvar", (("Channel", leg), ("Variable", name), ("Value", value)))


def _hang_up(leg: SpyId) -> Action:
    return Action("Hangup", (("Channel", _leg(leg)), ("Cause", "16")))


def _leg(leg: SpyId) -> str:
    return actions.checked_word(SPY_PREFIX + leg, "id of a supervisor's leg")
