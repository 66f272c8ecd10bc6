"""Supervisors' legs on the switch that exists only in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from acd.core.commands_floor import SpyCommand, SpyTalk, StopSpying
from acd.core.ids import OfferId, SpyId
from acd.core.inputs import Input
from acd.core.inputs_floor import SpyLegGone, SpyMode
from acd.errors import ActionFailed
from acd.ports import ChannelSeen


@dataclass
class FakeSpy:
    """A supervisor's leg and what it hears; its phone answers at once."""

    device: str
    offer: OfferId
    mode: SpyMode


class FakeSpies:
    """``legs`` are the operators' legs, by offer; ``tell`` delivers an input."""

    def __init__(self, legs: Mapping[OfferId, object], tell: Callable[[Input], None]) -> None:
        self._legs = legs
        self._tell = tell
        self.hearing: dict[SpyId, FakeSpy] = {}

    def carry_out(self, command: SpyCommand) -> None:
        """As the real one would; raises ActionFailed when somebody is not there."""
        if isinstance(command, StopSpying):
            self._gone(command.spy)
            return
        if command.offer not in self._legs:
            raise ActionFailed("No such channel.", code="no_such_channel")
        if isinstance(command, SpyTalk):
            self.hearing[command.spy] = FakeSpy(command.device, command.offer, command.mode)
            return
        spy = self.hearing.get(command.spy)
        if spy is None:
            raise ActionFailed("No such channel.", code="no_such_channel")
        spy.offer, spy.mode = command.offer, command.mode

    def talk_over(self, offer: OfferId) -> None:
        """The leg that is heard is gone, and whoever hears it."""
        for spy in [each for each, heard in self.hearing.items() if heard.offer == offer]:
            self._gone(spy)

    def seen(self) -> Iterator[ChannelSeen]:
        """The legs as a sweep shows them."""
        for spy, heard in self.hearing.items():
            name = f"PJSIP/{heard.device}-{spy}"
            yield ChannelSeen(name, f"mds-{spy}", None, None, True, False, "", 0.0, "spy", spy=spy)

    def _gone(self, spy: SpyId) -> None:
        if self.hearing.pop(spy, None) is not None:
            self._tell(SpyLegGone(spy))
