"""One time as leader: the centre at work, its stream to those that stand by, and handing over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from acd.adapters.replication.leader_side import LeaderSide
from acd.app.candidate import Candidate
from acd.app.tenure import Tenure
from acd.bootstrap.centre import RunningCentre, running_centre
from acd.bootstrap.cluster.parts import leaders_tls, stream_secret
from acd.bootstrap.fencing import fence_stores
from acd.bootstrap.taken_ports import patiently
from acd.config import Centre
from acd.core.events import SCHEMA
from acd.errors import MadoguchiError, Refused
from acd.ports import Snapshot

#: How long a standby may take to have everything, first while calls are led and then while nobody
#: decides.
CATCH_UP_S, PAUSE_S = 3.0, 1.0
#: So many steps it may lack while calls are led: in full work there is always a newer one, and
#: these are lived through in some milliseconds once nothing new is decided.
NEARLY = 300

_log = structlog.get_logger("madoguchi.cluster")


class CentreSource:
    """The port :class:`acd.ports_replica.Source` over a running centre."""

    def __init__(self, running: RunningCentre, token: int) -> None:
        self._running = running
        self.token = token

    @property
    def stored_seq(self) -> int:
        """The newest frame that the database has."""
        return self._running.records.spool.stored_seq

    def snapshot(self) -> Snapshot:
        """Engine and book as they are between two steps."""
        running = self._running
        journal = running.records.journal
        return Snapshot(
            running.records.spool.stream,
            journal.last_seq,
            running.clock.now(),
            SCHEMA,
            running.engine.snapshot(),
            journal.book.snapshot(),
        )


class Leading:
    """A centre that is led, and can be handed over."""

    def __init__(
        self, running: RunningCentre, tenure: Tenure, candidate: Candidate, side: LeaderSide
    ) -> None:
        self.running = running
        self.side = side
        self._tenure = tenure
        self._candidate = candidate
        self._handing_over = False
        #: Done when another controller was given the lead.
        self.given: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def hand_over(self) -> str:
        """Give the lead to the standby that has everything; returns its id. Raises Refused, and
        leads on, when none is ready.

        Nobody decides from the moment in which the last frame is written until the other one is
        told: one round trip, and what the other needs to begin.
        """
        if self._handing_over or self.given.done():
            raise Refused("the lead is being handed over already", code="handing_over")
        self._handing_over = True
        try:
            if not await self.side.caught_up(CATCH_UP_S, NEARLY):
                raise _nobody()
            await self.running.staff.last_words()
            self._tenure.close()
            try:
                heir = await self.side.caught_up(PAUSE_S)
                if not heir:
                    raise _nobody()
                await self.side.hand_over(heir)
            except MadoguchiError:
                self._tenure.open_again()
                raise
        finally:
            self._handing_over = False
        self._candidate.step_down(heir)
        await self._candidate.stopped()
        _log.info("handed_over", heir=heir)
        self.given.set_result(heir)
        return heir


def _nobody() -> Refused:
    return Refused(
        "no controller stands by that has everything: nothing was changed",
        code="no_standby",
        ja="すべてを受け取って待機しているコントローラーがありません。何も変えていません。",
    )


@contextlib.asynccontextmanager
async def leading(centre: Centre, candidate: Candidate) -> AsyncIterator[Leading]:
    """Lead the centre for as long as the context lasts."""
    settings, tenure = centre.settings, Tenure(candidate)
    cluster = settings.cluster
    async with running_centre(centre, tenure) as running:
        tail = running.records.tail
        assert tail is not None, "a controller of a cluster streams"
        source = CentreSource(running, tenure.token)
        tls = leaders_tls(settings)
        side = LeaderSide(
            cluster.node, stream_secret(settings), tail, source, tls.context, tls.binding
        )
        await patiently(settings, lambda: side.listen(cluster.bind, cluster.port))
        fencing = asyncio.create_task(fence_stores(running.records.store), name="database's fence")
        led = Leading(running, tenure, candidate, side)
        running.hand_over = led.hand_over
        try:
            yield led
        finally:
            tenure.close()
            fencing.cancel()
            await side.close()
