"""A running centre: everything built, plugged together, started in order and stopped in stages.

Start: records, engine, controller, menu server, switch link, interface. Stop: no new requests, no
new inputs, the last batch journaled with a snapshot, what is left handed to the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Callable, Mapping

from acd.adapters.asterisk.agi_session import AgiLimits
from acd.adapters.asterisk.fastagi import FastAgiServer, Script
from acd.adapters.asterisk.telephony import AsteriskTelephony
from acd.adapters.clock import SystemClock
from acd.adapters.secrets import Secrets
from acd.app.controller import Controller
from acd.app.drift_watch import DriftWatch
from acd.app.executor import Executor
from acd.app.music import Music
from acd.app.reception import Reception
from acd.app.reconcile import corrections
from acd.app.refusals import Refusals
from acd.app.sums_keeper import SumsKeeper
from acd.bootstrap.figures import LedgerSums, live_figures
from acd.bootstrap.housekeeping import keep_house
from acd.bootstrap.interface import interface
from acd.bootstrap.kept import KeptLine
from acd.bootstrap.people import Staff
from acd.bootstrap.recording import RecordingParts
from acd.bootstrap.records import Records
from acd.bootstrap.reports import ReportParts
from acd.bootstrap.softphones import softphones_of
from acd.bootstrap.switch import AGI_KEY, ami_address, paths_of
from acd.bootstrap.watching import watching_of
from acd.config import Centre
from acd.core.engine import Engine
from acd.core.ids import SwitchId
from acd.core.inputs import CallerHungUp, Input, PlanChanged, SwitchDown, SwitchUp
from acd.errors import SwitchError
from acd.ports import CallInfo, ChannelSeen, Conversation, Telephony
from ivr.flow import Flow

#: Calls leave little for the collector to find: it looks after so many new objects, not after 700.
YOUNG_OBJECTS = (20_000, 20, 20)
#: How long commands under way may take when the centre stops.
SETTLE_S = 2.0


class RunningCentre:
    """One centre at work. Built by :func:`running_centre`."""

    def __init__(self, centre: Centre, secrets: Secrets) -> None:
        settings = centre.settings
        self.centre = centre
        self.secrets = secrets
        self.switch = SwitchId(settings.switch.id)
        self.records = Records(settings)
        engine, restored = self.records.engine(centre.plan)
        self.restored = restored
        self.clock = SystemClock(restored.at_s)
        switches: dict[SwitchId, Telephony] = {}
        self.executor = Executor(switches, self._deliver)
        self.controller = Controller(
            engine,
            self.records.journal,
            self.clock,
            execute=self.executor,
            rebuild=self._rebuild,
            book=self._book,
        )
        self.staff = Staff(settings, lambda: self.controller.engine)
        self._switch_started = KeptLine(settings.state_dir / f"switch-{self.switch}.started")
        self.telephony = switches[self.switch] = self._telephony()
        self.reception = Reception(
            lambda: self.controller.engine,
            centre.flows,
            self.clock,
            self.controller.submit,
            self.controller.deliver,
            paths_of(settings).inside_sounds,
            lambda: self.music.quiet,
            lambda: self.recording.recorder.records,
        )
        self.music = Music(
            settings.switch.music_callers,
            lambda: sum(self.engine.state.waiting_in.values()),
            self.telephony.play_music,
        )
        self.agi = FastAgiServer(
            self._scripts(),
            self.switch,
            secrets.get(AGI_KEY),
            AgiLimits(max_sessions=settings.agi.max_sessions),
        )
        self.softphones = softphones_of(settings, secrets)
        self.recording = RecordingParts(
            settings, secrets, self.telephony, lambda: self.engine, self.clock.now
        )
        self.telephony.recording_of = self.recording.recorder.begin
        self.telephony.on_key = self.recording.recorder.digit
        self.controller.follow(self.recording.recorder)
        self.figures = live_figures(centre, self.records, lambda: self.engine.plan, self.clock.now)
        self.sums = SumsKeeper(
            LedgerSums(settings.database_url, lambda: self.engine.plan), self.clock.now
        )
        self.watching = watching_of(self)
        self.reports = ReportParts(self)
        self.refusals = Refusals()
        self.controller.follow(self.refusals)
        self.up = asyncio.Event()

    def _telephony(self) -> AsteriskTelephony:
        settings = self.centre.settings
        telephony = AsteriskTelephony(
            self.switch,
            ami_address(settings, self.secrets),
            deliver=self.controller.deliver,
            on_up=self._switch_up,
            on_waiting=self._waits,
            lag_alarm_s=settings.switch.lag_alarm_s,
            started=self._switch_started.read(),
        )
        telephony.spying.proven_on = settings.switch.whisper_proven_on
        return telephony

    @property
    def engine(self) -> Engine:
        """The engine at work (the controller may make it anew)."""
        return self.controller.engine

    def _deliver(self, happened: Input) -> None:
        self.controller.deliver(happened)

    def _rebuild(self) -> Engine:
        return self.records.engine(self.engine.planned)[0]

    def _book(self) -> bytes:
        return self.records.journal.book.snapshot()

    def _scripts(self) -> dict[str, Script]:
        def simply(talk: Callable[[Conversation], object]) -> Script:
            async def script(conversation: Conversation, _argument: str) -> None:
                self.telephony.in_menu(conversation.info.call)
                await talk(conversation)  # type: ignore[misc]

            return script

        return {
            "ivr": self._answer,
            "hold": simply(self.reception.hold),
            "after": simply(self.reception.after),
            "announce": self._announce,
        }

    async def _announce(self, conversation: Conversation, announcement: str) -> None:
        self.telephony.in_menu(conversation.info.call)
        await self.reception.announce(conversation, announcement)

    async def _answer(self, conversation: Conversation, _argument: str) -> None:
        """The menu; a hang-up that the switch told before the menu began counts as well."""
        call = conversation.info.call
        try:
            await self.reception.answer(conversation)
        finally:
            if self.telephony.was_hung_up(call):
                self.controller.deliver(CallerHungUp(call))

    def _waits(self, info: CallInfo) -> None:
        self.reception.waits(info)

    async def follow_flows(self, flows: Mapping[str, Flow]) -> None:
        """New flows: for the menu, and for the dialplan's short cuts."""
        self.reception.adopt(flows)
        await self.lead_straight()

    async def lead_straight(self) -> None:
        """Tell the dialplan which numbers need no menu under the plan in force."""
        with contextlib.suppress(SwitchError):
            await self.telephony.lead_straight(self.reception.straight_numbers())

    async def _switch_up(self, switch: SwitchId, seen: list[ChannelSeen]) -> None:
        """After each (re)connect: correct the engine, then let it offer calls again."""
        restarted = self.telephony.restarted
        for happened in corrections(self.engine, switch, seen, restarted=restarted):
            await self.controller.submit(happened)
        self._switch_started.write(self.telephony.started)
        self.music.forget()
        await self.telephony.lead_straight(self.reception.straight_numbers())
        await self.controller.submit(SwitchUp(switch))
        if self.softphones is not None:
            with contextlib.suppress(SwitchError):
                await self.softphones.tidy()
        self.up.set()

    async def start_under_plan(self) -> None:
        """What the engine must hear first: no switch is there yet, and the plan of the files.

        A journal without a snapshot begins with the plan, so that it can be restored by itself.
        """
        if self.restored.engine is None or self.engine.planned != self.centre.plan:
            await self.controller.submit(PlanChanged(self.centre.plan))
        await self.controller.submit(SwitchDown(self.switch))


@contextlib.asynccontextmanager
async def running_centre(centre: Centre) -> AsyncIterator[RunningCentre]:
    """Run a centre's controller against its switch for as long as the context lasts."""
    running = RunningCentre(centre, Secrets(centre.settings.state_dir))
    settings = centre.settings
    try:
        if running.restored.engine is None:
            running.controller.snapshot()
        await running.agi.listen(settings.agi.bind, settings.agi.port)
        async with asyncio.TaskGroup() as group:
            deciding = group.create_task(running.controller.run(), name="controller")
            await running.start_under_plan()
            outer = [
                group.create_task(running.agi.run(), name="menus"),
                group.create_task(running.telephony.run(), name="switch"),
                group.create_task(running.music.run(), name="music"),
                group.create_task(running.records.drainer.run(), name="drainer"),
                group.create_task(running.recording.recorder.run(), name="recorder"),
                group.create_task(running.figures.run(), name="figures"),
                group.create_task(running.sums.run(), name="kept sums"),
                group.create_task(running.watching.run(), name="watching"),
                group.create_task(keep_house(settings), name="housekeeping"),
                group.create_task(running.reports.schedule.run(), name="reports"),
                group.create_task(DriftWatch(running.clock.drift_s).run(), name="clock watch"),
            ]
            try:
                async with interface(running):
                    # What is there now stays: the collector need not look at it again and again.
                    gc.collect()
                    gc.freeze()
                    gc.set_threshold(*YOUNG_OBJECTS)
                    yield running
            finally:
                for task in outer:
                    task.cancel()
                await running.executor.settle(SETTLE_S)
                deciding.cancel()
    finally:
        await running.recording.close()
        await running.records.close()
