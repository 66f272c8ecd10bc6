"""A running centre: everything built, plugged together, started in order and stopped in stages.

Start: records, engine, controller, menu server, switch link, interface. Stop: no new requests, no
new inputs, the last batch journaled with a snapshot, what is left handed to the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from acd.adapters.asterisk.agi_session import AgiLimits
from acd.adapters.asterisk.fastagi import FastAgiServer, Script
from acd.adapters.asterisk.telephony import AsteriskTelephony
from acd.adapters.clock import SystemClock
from acd.adapters.secrets import Secrets
from acd.adapters.sql.fence import SqlFence
from acd.app.controller import Controller
from acd.app.drift_watch import DriftWatch
from acd.app.executor import Executor
from acd.app.reception import Reception
from acd.app.reconcile import corrections
from acd.app.refusals import Refusals
from acd.app.sums_keeper import SumsKeeper
from acd.bootstrap.draining import drain
from acd.bootstrap.fencing import fence_of, known_legs, note_recovered, store_fence
from acd.bootstrap.figures import LedgerSums, live_figures
from acd.bootstrap.housekeeping import keep_house
from acd.bootstrap.interface import interface
from acd.bootstrap.kept import KeptLine
from acd.bootstrap.menu_server import listen
from acd.bootstrap.nodes import AGI_KEY, further_keys, own_secret
from acd.bootstrap.people import Staff
from acd.bootstrap.recording import RecordingParts
from acd.bootstrap.records import Records
from acd.bootstrap.reports import ReportParts
from acd.bootstrap.softphones import phone_secrets, softphones_of
from acd.bootstrap.switch import ami_address, paths_of
from acd.bootstrap.switches import Switches, given_up, music_of, node_watch_of, telephones_of
from acd.bootstrap.trunks import line_groups
from acd.bootstrap.unseen import talked_unseen
from acd.bootstrap.watching import service_watch_of, watching_of
from acd.config import Centre, Settings
from acd.core.engine import Engine
from acd.core.ids import AgentId, SwitchId, TimerToken
from acd.core.inputs import CallerHungUp, DeviceMoved, Input, PlanChanged, SwitchDown, SwitchUp
from acd.errors import SwitchError
from acd.ports import CallInfo, ChannelSeen, Conversation
from acd.ports_cluster import Alone, Leadership
from ivr.flow import Flow
from web.wiring import nobody_stands_by

#: Calls leave little for the collector to find: it looks after so many new objects, not after 700.
YOUNG_OBJECTS = (20_000, 20, 20)
#: How long commands under way may take when the centre stops.
SETTLE_S = 2.0
#: How long screens wait for the switch when a controller takes over.
CALLS_FIRST_S = 1.0


def settle_memory() -> None:
    """What is there now stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*YOUNG_OBJECTS)


class RunningCentre:
    """One centre at work. Built by :func:`running_centre`."""

    def __init__(
        self, centre: Centre, secrets: Secrets, leadership: Leadership | None = None
    ) -> None:
        settings = centre.settings
        self.leadership: Leadership = leadership or Alone()
        self.centre = centre
        self.secrets = secrets
        self.switch = SwitchId(settings.switch.id)
        stores = store_fence(settings, self.leadership)
        self.records = Records(settings, stores)
        engine, restored = self.records.engine(centre.plan)
        self.restored = restored
        self.clock = SystemClock(restored.at_s)
        self.switches = Switches(lambda: self.engine)
        self.executor = Executor(self.switches.by_id, self._deliver)
        self.controller = Controller(
            engine,
            self.records.journal,
            self.clock,
            execute=self.executor,
            rebuild=self._rebuild,
            book=self._book,
            leadership=self.leadership,
        )
        self.staff = Staff(settings, lambda: self.controller.engine, self.leadership.holds, stores)
        self.telephones = telephones_of(self) if settings.switches else None
        self._started: dict[SwitchId, KeptLine] = {}
        for node in settings.nodes:
            self.switches.by_id[SwitchId(node)] = self._telephony(settings.at(node))
        self.telephony = self.switches[self.switch]
        self.controller.timers.first = self._heard
        self.reception = Reception(
            lambda: self.controller.engine,
            centre.flows,
            self.clock,
            self.controller.submit,
            self.controller.deliver,
            paths_of(settings).inside_sounds,
            lambda: any(music.quiet for music in self.music.values()),
            lambda: self.recording.recorder.records,
            {SwitchId(node): paths_of(settings.at(node)).inside_sounds for node in settings.nodes},
        )
        self.music = music_of(self)
        self.agi = FastAgiServer(
            self._scripts(),
            self.switch,
            secrets.get(AGI_KEY),
            AgiLimits(max_sessions=settings.agi.max_sessions),
            further_keys(settings, secrets),
        )
        self._build_rest(settings, secrets, stores)

    def _build_rest(self, settings: Settings, secrets: Secrets, stores: SqlFence | None) -> None:
        """What stands around the calls: telephones of browsers, recording, figures, watching."""
        centre = self.centre
        self.phone_secrets = phone_secrets(settings, secrets)
        self.softphones = softphones_of(settings, self.phone_secrets)
        self.recording = RecordingParts(
            settings, secrets, self.switches, lambda: self.engine, self.clock.now, stores
        )
        self.switches.record_by(self.recording.recorder)
        if self.telephones is not None:
            self.controller.follow(self.telephones)
        self.node_watch = node_watch_of(self)
        self.controller.follow(self.recording.recorder)
        self.unattended = self.recording.unattended(self)
        self.controller.follow(self.unattended)
        # Figures are by what was planned: a disaster or a drill changes no skill and no hour of it.
        self.figures = live_figures(
            centre, self.records, lambda: self.engine.planned, self.clock.now
        )
        self.sums = SumsKeeper(
            LedgerSums(settings.database_url, lambda: self.engine.planned), self.clock.now
        )
        self.watching = watching_of(self, stores)
        self.service = service_watch_of(self, stores)
        self.reports = ReportParts(self)
        self.refusals = Refusals()
        self.controller.follow(self.refusals)
        self.up = asyncio.Event()  # set when every switch has been there once
        #: Gives the lead to a controller that stands by; returns its id, or raises Refused.
        self.hand_over: Callable[[], Awaitable[str]] = nobody_stands_by
        self._have_been_up: set[SwitchId] = set()

    def _telephony(self, settings: Settings) -> AsteriskTelephony:
        switch = SwitchId(settings.switch.id)
        started = self._started[switch] = KeptLine(settings.state_dir / f"switch-{switch}.started")
        secret = self.secrets.get(own_secret(AGI_KEY, settings.switch))
        telephony = AsteriskTelephony(
            switch,
            ami_address(settings, self.secrets),
            deliver=self.controller.deliver,
            on_up=self._switch_up,
            on_waiting=self._waits,
            lag_alarm_s=settings.switch.lag_alarm_s,
            # Who takes over does not know since when the switch ran when the one before looked.
            started="" if settings.cluster.on else started.read(),
            registrations=self.telephones.registrations if self.telephones else None,
            fence=fence_of(settings, self.secrets, self.leadership, secret),
        )
        telephony.spying.proven_on = settings.switch.whisper_proven_on
        telephony.lines_out.groups = line_groups(settings)
        return telephony

    @property
    def engine(self) -> Engine:
        """The engine at work (the controller may make it anew)."""
        return self.controller.engine

    def _deliver(self, happened: Input) -> None:
        self.controller.deliver(happened)

    def _heard(self, token: TimerToken) -> Awaitable[object] | None:
        """Before a ring ends by its time its switch is asked: what it said before is told first."""
        switch = self.engine.rung_at(token)
        telephony = self.switches.by_id.get(switch) if switch is not None else None
        return telephony.link.caught_up() if telephony is not None and telephony.up else None

    def _rebuild(self) -> Engine:
        return self.records.engine(self.engine.planned)[0]

    def _book(self) -> bytes:
        return self.records.journal.book.snapshot()

    def _scripts(self) -> dict[str, Script]:
        def seen(talk: Script) -> Script:
            async def script(conversation: Conversation, argument: str) -> None:
                self.switches[conversation.info.switch].in_menu(conversation.info.call)
                await talk(conversation, argument)

            return script

        return {
            "ivr": self._answer,
            "hold": seen(lambda conversation, _: self.reception.hold(conversation)),
            "after": seen(self.reception.after),
            "announce": seen(self.reception.announce),
            "check": self._check,
        }

    async def _check(self, conversation: Conversation, _argument: str) -> None:
        """Somebody tries whether the menus can be reached; it is nobody's call."""
        await conversation.set_next("checked")

    async def _answer(self, conversation: Conversation, _argument: str) -> None:
        """The menu; a hang-up that the switch told before the menu began counts as well."""
        call = conversation.info.call
        try:
            await self.reception.answer(conversation)
        finally:
            if self.switches[conversation.info.switch].was_hung_up(call):
                self.controller.deliver(CallerHungUp(call))

    def _waits(self, info: CallInfo) -> None:
        self.reception.waits(info)

    async def follow_flows(self, flows: Mapping[str, Flow]) -> None:
        """New flows: for the menu, and for the dialplan's short cuts."""
        self.reception.adopt(flows)
        self.unattended.flows = flows
        await self.tell_dialplan()

    async def tell_dialplan(self) -> None:
        """Which numbers need no menu under the plan in force, and which are not recorded."""
        await self.switches.lead_straight(self.reception.straight_numbers())
        await self.unattended.tell()

    async def _switch_up(self, switch: SwitchId, seen: list[ChannelSeen]) -> None:
        """After each (re)connect: correct the engine, then let it offer calls again."""
        telephony = self.switches[switch]
        if self.centre.settings.cluster.on:
            await telephony.take_over_legs(seen, known_legs(self.engine))
        await telephony.leave_to_itself(given_up(self.engine, seen))
        talked = await talked_unseen(self.centre.settings, self.engine, switch, seen)
        lost = telephony.release.was_lost
        wanted = corrections(self.engine, switch, seen, lost=lost, talked=talked)
        note_recovered(switch, wanted)
        for happened in wanted:
            await self.controller.submit(happened)
        self._started[switch].write(telephony.release.started)
        self.music[switch].forget()
        await telephony.lead_straight(self.reception.straight_numbers())
        await self.unattended.tell()
        telephony.hear()
        await self.controller.submit(SwitchUp(switch))
        if self.softphones is not None:
            with contextlib.suppress(SwitchError):
                await self.phone_secrets.catch_up()
                await self.softphones.tidy()
        self._have_been_up.add(switch)
        if len(self._have_been_up) == len(self.switches.by_id):
            self.up.set()

    async def calls_first(self) -> None:
        """Callers before screens: return when the switch is there, or after a moment."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CALLS_FIRST_S):
                await self.up.wait()

    async def start_under_plan(self) -> None:
        """What the engine must hear first: no switch is there yet, and the plan of the files.

        A journal without a snapshot begins with the plan, so that it can be restored by itself.
        Where rings may be under way it hears of the switches first: they end by no timer then.
        """
        heard: list[Input] = [SwitchDown(switch) for switch in self.switches.by_id]
        if self.restored.engine is None:
            heard.insert(0, PlanChanged(self.centre.plan))
        # All at once: a ring that is overdue ends in between otherwise, and with it the talk that
        # it has become.
        for answer in [self.controller.submit(each) for each in heard]:
            await answer
        if self.engine.planned != self.centre.plan:
            await self.controller.submit(PlanChanged(self.centre.plan))
        for agent in list(self.engine.agents.values()):
            if agent.switch not in self.switches.by_id:
                # It was at a switch that the settings no longer name.
                await self.controller.submit(DeviceMoved(AgentId(agent.id), self.switch))


@contextlib.asynccontextmanager
async def running_centre(
    centre: Centre, leadership: Leadership | None = None
) -> AsyncIterator[RunningCentre]:
    """Run a centre's controller against its switch for as long as the context lasts.

    When ``leadership`` does not hold at its end somebody else leads by then: nothing more is
    decided, sent or written.
    """
    running = RunningCentre(centre, Secrets(centre.settings.secrets_dir), leadership)
    settings = centre.settings
    try:
        if running.restored.engine is None:
            running.controller.snapshot()
        await listen(running.agi, settings, running.secrets)
        async with asyncio.TaskGroup() as group:
            deciding = group.create_task(running.controller.run(), name="controller")
            await running.start_under_plan()
            outer = [
                group.create_task(running.agi.run(), name="menus"),
                *(group.create_task(each.run(), name="switch") for each in running.switches),
                *(group.create_task(each.run(), name="music") for each in running.music.values()),
                group.create_task(running.node_watch.run(), name="node watch"),
                group.create_task(running.records.drainer.run(), name="drainer"),
                group.create_task(running.recording.recorder.run(), name="recorder"),
                group.create_task(running.unattended.run(), name="unattended recording"),
                group.create_task(running.figures.run(), name="figures"),
                group.create_task(running.sums.run(), name="kept sums"),
                group.create_task(running.watching.run(), name="watching"),
                group.create_task(running.service.run(), name="service watch"),
                group.create_task(keep_house(settings), name="housekeeping"),
                group.create_task(running.reports.schedule.run(), name="reports"),
                group.create_task(DriftWatch(running.clock.drift_s).run(), name="clock watch"),
            ]
            try:
                if settings.cluster.on:
                    await running.calls_first()
                async with interface(running):
                    if not settings.cluster.on:  # Who stood by did it while there was time.
                        settle_memory()
                    yield running
                    if running.leadership.holds():
                        await drain(running)
            finally:
                for task in outer:
                    task.cancel()
                await running.executor.settle(SETTLE_S)
                deciding.cancel()
    finally:
        await running.recording.close()
        await running.records.close(deposed=not running.leadership.holds())
