"""The switches of a running centre, each with its telephony, and what is said to all of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from acd.adapters.asterisk.registrations import Registrations
from acd.adapters.asterisk.telephony import AsteriskTelephony
from acd.app.music import Music
from acd.app.node_watch import NodeWatch
from acd.app.recorder import Recorder
from acd.bootstrap.switch import directory_phones, floor_seats
from acd.core.decide_dial import switch_of
from acd.core.engine import Engine
from acd.core.events import AgentChanged, Event
from acd.core.ids import AgentId, OfferId, SwitchId, browser_device
from acd.core.inputs import DeviceMoved, Input
from acd.core.plan import Plan
from acd.errors import SwitchError
from acd.ports import ChannelSeen
from acd.ports_recording import Told
from acd.ports_watch import LineSample

if TYPE_CHECKING:
    from acd.bootstrap.centre import RunningCentre


class Switches:
    """All of them, the first one first."""

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self._engine = engine
        self.by_id: dict[SwitchId, AsteriskTelephony] = {}

    def __iter__(self) -> Iterator[AsteriskTelephony]:
        return iter(self.by_id.values())

    def __getitem__(self, switch: SwitchId) -> AsteriskTelephony:
        return self.by_id[switch]

    @property
    def all_up(self) -> bool:
        """Whether commands can be carried out everywhere."""
        return all(each.up for each in self)

    @property
    def any_up(self) -> bool:
        """Whether callers can be served somewhere."""
        return any(each.up for each in self)

    @property
    def lag_s(self) -> float:
        """How late the events of the latest one are."""
        return max(each.lag_s for each in self)

    @property
    def forged(self) -> int:
        """How many events were left aside because a caller had written into them."""
        return sum(each.forged for each in self)

    @property
    def spying_allowed(self) -> bool:
        """Whether a whisper is proven to stay with the operator on all that are there."""
        there = [each.spying.allowed for each in self if each.up]
        return bool(there) and all(there)

    def record_by(self, recorder: Recorder) -> None:
        """Let this one say what is recorded, and hear of every key."""
        for each in self:
            each.recording_of = recorder.begin
            each.on_key = recorder.digit

    def of_leg(self, offer: OfferId) -> AsteriskTelephony:
        """Where an operator's leg is; the first switch for one that nobody knows."""
        state = self._engine().state
        found: SwitchId | None = None
        if (held := state.offers.get(offer) or state.parties.get(offer)) is not None:
            found = state.calls[held.call].switch
        elif (dial := state.dials.get(offer)) is not None:
            found = switch_of(state, dial)
        return self.by_id.get(found or SwitchId("")) or next(iter(self))

    async def hush(self, offer: OfferId, silent: bool) -> None:
        """Let the recording of an operator's leg be silent, or go on; raises a SwitchError."""
        await self.of_leg(offer).hush(offer, silent)

    async def press(self, offer: OfferId, keys: str) -> None:
        """Send keys to whoever is with this leg; raises a SwitchError."""
        await self.of_leg(offer).talks.press(offer, keys)

    async def lead_straight(self, numbers: Sequence[str]) -> None:
        """Tell all which numbers need no menu server; who is away hears it when it is back."""
        for each in self:
            with contextlib.suppress(SwitchError):
                await each.lead_straight(numbers)

    async def told(self, recording: str) -> Told | None:
        """Whose a recording is that one of them began by itself; raises a SwitchError when none
        knows it, and one cannot be asked."""
        silent: SwitchError | None = None
        for each in self:
            try:
                if (found := await each.tapes.told(recording)) is not None:
                    return found
            except SwitchError as error:
                silent = error
        if silent is not None:
            raise silent
        return None

    async def record_until(self, until_s: int) -> None:
        """Tell all how long they may record by themselves."""
        for each in self:
            with contextlib.suppress(SwitchError):
                await each.tapes.record_until(until_s)

    async def exempt(self, numbers: Sequence[str]) -> None:
        """Tell all which numbers they do not record by themselves."""
        for each in self:
            with contextlib.suppress(SwitchError):
                await each.tapes.exempt(numbers)

    async def spare(self, switch: SwitchId, channel: str, on: bool) -> None:
        """Tell one whether it records the talk of this caller."""
        with contextlib.suppress(SwitchError):
            await self.by_id[switch].tapes.spare(channel, on)

    async def heard(self, channel: str, switch: SwitchId) -> LineSample | None:
        """How a channel of one switch sounds; raises a SwitchError."""
        return await self.by_id[switch].lines.heard(channel)


class Telephones:
    """The telephones of a centre of several switches: where each is at home, and what is to be
    told when it is elsewhere. An EventSink, since operators choose their telephone at the login.

    ``others`` are the telephones of nobody in particular (departments, supervisors' seats); they
    are at home at the first switch. ``browsers``: whether operators' browsers are telephones too.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        deliver: Callable[[Input], None],
        first: SwitchId,
        others: Callable[[], Sequence[str]],
        browsers: bool,
    ) -> None:
        self._engine, self._deliver = engine, deliver
        self._first, self._others, self._browsers = first, others, browsers
        self._plan: Plan | None = None
        self._homes: dict[str, SwitchId] = {}
        self.registrations = Registrations(self.known, self.home, self._moved)

    def known(self) -> list[str]:
        """Every telephone that there is."""
        return list(self._at_home())

    def home(self, device: str) -> SwitchId | None:
        """Where a telephone is at home."""
        return self._at_home().get(device)

    def _at_home(self) -> dict[str, SwitchId]:
        plan = self._engine().planned
        if plan is not self._plan:
            self._plan, self._homes = plan, dict.fromkeys(self._others(), self._first)
            for person in plan.agents:
                at = SwitchId(person.switch)
                self._homes[person.device] = at
                if self._browsers:
                    self._homes[browser_device(person.id)] = at
        return self._homes

    def _moved(self, device: str, switch: SwitchId) -> None:
        for agent in self._engine().agents.values():
            if agent.device == device and agent.switch != switch:
                self._deliver(DeviceMoved(AgentId(agent.id), switch))

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Who logs in has perhaps another telephone now, which is somewhere else."""
        for event in events:
            if type(event) is AgentChanged and event.device:
                place = self.registrations.place(event.device)
                if place is not None:
                    self._moved(event.device, place)


def telephones_of(running: RunningCentre) -> Telephones:
    """The telephones of a running centre of several switches."""
    settings = running.centre.settings
    browsers = settings.softphone.ws_port > 0

    def others() -> list[str]:
        seats = [browser_device(each) for each in floor_seats(settings)] if browsers else []
        return [*directory_phones(running.engine.planned), *seats]

    deliver = running.controller.deliver
    return Telephones(lambda: running.engine, deliver, running.switch, others, browsers)


def music_of(running: RunningCentre) -> dict[SwitchId, Music]:
    """What watches the crowd, for each switch by its own limit."""
    return {
        SwitchId(node): Music(
            each.music_callers,
            lambda: sum(running.engine.state.waiting_in.values()),
            running.switches[SwitchId(node)].play_music,
        )
        for node, each in running.centre.settings.nodes.items()
    }


def node_watch_of(running: RunningCentre) -> NodeWatch:
    """What gives up the calls of a switch that is silent for too long. A single switch is waited
    for as long as it takes: there is nobody to call its operators instead."""
    nodes = running.centre.settings.nodes

    async def gone(switch: SwitchId) -> bool:
        done = True
        for other in running.switches:
            if other.up:
                try:
                    done = await other.let_go_of(switch) and done
                except SwitchError:
                    done = False
        return done

    return NodeWatch(
        running.switches.by_id if len(nodes) > 1 else {},
        {SwitchId(node): each.lost_after_s for node, each in nodes.items()},
        lambda: running.engine,
        running.controller.submit,
        gone,
        running.clock.now,
        lambda switch: running.switches.by_id[switch].link.actions is not None,
    )


def given_up(engine: Engine, seen: Sequence[ChannelSeen]) -> list[str]:
    """The channels of callers who wait although their calls were given up for lost."""
    past = engine.state.past_calls
    return [each.channel for each in seen if each.held and each.call in past]
