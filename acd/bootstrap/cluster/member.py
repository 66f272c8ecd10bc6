"""One controller of a cluster from its start to its end: stand by, lead, stand by again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import structlog

from acd.adapters.replication.standby_side import StandbySide
from acd.app.candidate import Candidate
from acd.app.standby import Warm
from acd.bootstrap.centre import settle_memory
from acd.bootstrap.cluster.folders import Folders
from acd.bootstrap.cluster.leading import Leading, leading
from acd.bootstrap.cluster.left_over import store_left
from acd.bootstrap.cluster.newer import live_newer
from acd.bootstrap.cluster.parts import candidate_of, lease_store, standbys_tls, stream_secret
from acd.bootstrap.cluster.unmet import Unmet
from acd.bootstrap.cluster.waiting_room import Waiting, waiting_room
from acd.config import Centre
from acd.errors import MadoguchiError, StoreError

#: After a time as leader that could not begin (an address is taken, a disk is full): let others.
STEP_BACK_S = 3.0
#: How often a controller without room for another log looks whether there is some by now.
ROOM_EVERY_S = 2.0

_log = structlog.get_logger("madoguchi.cluster")

#: Told when this controller's role changes, in words for its log.
OnRole = Callable[[str], None]


class Member:
    """Run it until ``stop`` is done; the lead is then handed over where somebody stands by."""

    def __init__(self, centre: Centre, stop: asyncio.Future[None], on_role: OnRole) -> None:
        self._centre = centre
        self._settings = centre.settings
        self._stop = stop
        self._on_role = on_role
        self._folders = Folders(centre.settings)
        self._unmet = Unmet(centre.settings, self._folders)
        self._store = lease_store(centre.settings)
        self._candidate: Candidate = candidate_of(centre.settings, self._store)
        self._can_lead = True

    async def run(self) -> None:
        """Stand by and lead, over and over."""
        asking = asyncio.create_task(self._candidate.run(), name="lease")
        try:
            while not self._stop.done():
                warm = await self._stand_by()
                if warm is not None:
                    await self._lead(warm)
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            await self._store.close()

    # -- standing by ---------------------------------------------------------------------------

    async def _stand_by(self) -> Warm | None:
        """Follow whoever leads until this controller is to lead; None when it is to stop."""
        warm = Warm(self._folders.make_copy, ZoneInfo(self._centre.plan.timezone))
        self._folders.newest(warm, self._centre.plan)
        self._has_room(told=False)
        settle_memory()
        self._on_role("standing_by")
        side = StandbySide(
            self._settings.cluster.node,
            stream_secret(self._settings),
            self._settings.cluster.others,
            warm,
            context=standbys_tls(self._settings),
        )
        try:
            async with self._beside(side, warm):
                if not await self._first(self._candidate.elected()):
                    return None
        finally:
            self._folders.close_copy()
        return warm

    @contextlib.asynccontextmanager
    async def _beside(self, side: StandbySide, warm: Warm) -> AsyncIterator[None]:
        """What a standby does besides waiting for the lease."""

        def now() -> Waiting:
            reached = self._candidate.reached
            node = self._settings.cluster.node
            return Waiting(node, side.leader, warm.reached.seq, reached, self._can_lead)

        making_room = asyncio.create_task(self._wait_for_room(), name="room")
        following = asyncio.create_task(side.run(), name="stream")
        late = asyncio.create_task(
            store_left(self._settings, self._folders, None), name="streams left over"
        )
        try:
            async with waiting_room(self._settings, now):
                yield
        finally:
            for task in (making_room, following, late):
                task.cancel()
            await asyncio.gather(making_room, following, late, return_exceptions=True)

    def _has_room(self, *, told: bool) -> bool:
        """Whether there is the log that leading begins with; without room for it others lead."""
        try:
            self._folders.prepare()
        except StoreError as error:
            if not told:
                _log.error("cannot_lead", code=error.code, why=error.message)
            self._candidate.stand_aside()
            self._can_lead = False
        else:
            if not self._can_lead:
                _log.warning("can_lead_again")
                self._candidate.stand_aside(False)
            self._can_lead = True
        return self._can_lead

    async def _wait_for_room(self) -> None:
        while not self._has_room(told=True):  # noqa: ASYNC110
            await asyncio.sleep(ROOM_EVERY_S)

    async def _first(self, what: object) -> bool:
        """Wait for it, or for the stop; whether it was not the stop."""
        waiting = asyncio.ensure_future(what)  # type: ignore[call-overload]
        await asyncio.wait((waiting, self._stop), return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            waiting.result()
            return True
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return False

    # -- leading -------------------------------------------------------------------------------

    async def _lead(self, warm: Warm) -> None:
        token = self._candidate.token
        centre, since_s = self._centre, 0.0
        if warm.ready and warm.engine is not None:
            await live_newer(self._settings, warm)
            since_s = warm.at_s
            # The plan in force goes on, whatever this machine's files say by now.
            centre = replace(centre, plan=warm.engine.planned)
        begun = False
        try:
            self._folders.begin_own(warm, token)
            async with leading(centre, self._candidate) as led:
                begun = True
                self._on_role("leading")
                await self._while_leading(led, since_s)
        except MadoguchiError as error:
            _log.error("not_led", code=error.code, why=error.message)
        finally:
            if self._candidate.token == token and self._candidate.state != "standing_by":
                # Who is to stop leaves the lease to others, or to nobody.
                self._candidate.stand_aside(self._stop.done())
                self._candidate.step_down()
                await self._candidate.stopped()
        if not begun:
            self._candidate.stand_aside()
            await self._first(asyncio.sleep(STEP_BACK_S))
            self._candidate.stand_aside(False)

    async def _while_leading(self, led: Leading, since_s: float) -> None:
        """Until the lead is lost, given away, or the process is to stop. ``since_s``: when whoever
        led before was last heard of; 0 when nobody was."""
        late = asyncio.create_task(
            store_left(self._settings, self._folders, led.running.records.store),
            name="streams left over",
        )
        unmet = asyncio.create_task(self._unmet.record(led.running, since_s), name="unmet calls")
        over = asyncio.ensure_future(self._candidate.over())
        try:
            await asyncio.wait((over, led.given, self._stop), return_when=asyncio.FIRST_COMPLETED)
            if self._stop.done() and not over.done() and not led.given.done():
                with contextlib.suppress(MadoguchiError):
                    await led.hand_over()
        finally:
            for task in (over, late, unmet):
                task.cancel()
            await asyncio.gather(over, late, unmet, return_exceptions=True)
