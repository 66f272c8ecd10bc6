"""What the engine wants done for a supervisor who hears a talk: part of its commands.

``spy`` names the supervisor's leg, ``offer`` the operator's. A failure comes back as
:class:`acd.core.inputs.CommandFailed` with the spy's id for a subject.
"""

from __future__ import annotations

from msgspec import Struct

from acd.core.ids import OfferId, SpyId, SwitchId
from acd.core.inputs_floor import SpyMode


class SpyTalk(Struct, frozen=True, gc=False, tag="spy_talk"):
    """Ring ``device`` and, when it answers, let it hear the operator's talk."""

    spy: SpyId
    switch: SwitchId
    device: str
    offer: OfferId
    mode: SpyMode


class TurnSpy(Struct, frozen=True, gc=False, tag="turn_spy"):
    """Let a supervisor's leg that is there hear this talk, in this way, without ringing again."""

    spy: SpyId
    switch: SwitchId
    offer: OfferId
    mode: SpyMode


class StopSpying(Struct, frozen=True, gc=False, tag="stop_spying"):
    """End a supervisor's leg."""

    spy: SpyId
    switch: SwitchId


SpyCommand = SpyTalk | TurnSpy | StopSpying
