"""How the trunks sound, by looking at a few talks again and again.

Asking about every call at its end would cost every call something. Instead some talks of each trunk
are asked about now and then: the cost is bounded by the number of trunks, whatever the traffic.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from statistics import fmean

import structlog
from msgspec import Struct

from acd.core.call import CallState
from acd.core.engine import Engine
from acd.core.ids import SwitchId
from acd.errors import SwitchError
from acd.ports_watch import LineProbe, LineSample
from metrics.buckets import Buckets
from metrics.line_quality import mos

WAYS = ("received", "sent")
#: Pause between two rounds, and talks asked about in each, by trunk.
EVERY_S, PER_TRUNK = 5.0, 2
#: Packets from which on a talk says something: six seconds, since losses are counted every five.
LEAST_PACKETS = 300
#: Scores that the present quality of a trunk is the mean of: how old, how many, from how many on.
RECENT_S, RECENT, LEAST = 600.0, 60, 5
JITTER_BOUNDS_S = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
LOSS_BOUNDS = (0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
MOS_BOUNDS = (1.5, 2.0, 2.6, 3.1, 3.6, 4.0, 4.3)

_log = structlog.get_logger("madoguchi.lines")


class Heard(Struct):
    """What was heard of one trunk in one direction since the start."""

    jitter: Buckets
    loss: Buckets
    mos: Buckets


def _nothing() -> Heard:
    return Heard(Buckets(JITTER_BOUNDS_S), Buckets(LOSS_BOUNDS), Buckets(MOS_BOUNDS))


class LineWatch:
    """``by_line`` holds what was heard by (trunk, ``received`` or ``sent``); of ``trunks`` from the
    start, since Prometheus misses the first of what was not there."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        probe: LineProbe,
        now: Callable[[], float],
        trunks: Sequence[str] = (),
    ) -> None:
        self._engine, self._probe, self._now = engine, probe, now
        self._last: dict[str, str] = {}
        self._recent: dict[str, deque[tuple[float, float]]] = {}
        self.by_line = {(trunk, way): _nothing() for trunk in trunks for way in WAYS}

    async def run(self, every_s: float = EVERY_S) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(every_s)
            try:
                await self.look()
            except SwitchError:
                # Told elsewhere: there is no switch to ask.
                continue
            except Exception as error:
                _log.warning("lines_not_heard", error=type(error).__name__)

    async def look(self) -> None:
        """One round over all trunks; raises a SwitchError."""
        for trunk, channels in self._chosen().items():
            for switch, channel in channels:
                sample = await self._probe.heard(channel, switch)
                if sample is not None and sample.received >= LEAST_PACKETS:
                    self.hear(trunk, sample)

    def _chosen(self) -> dict[str, list[tuple[SwitchId, str]]]:
        """By trunk, the talks that come next after those of the last round."""
        talks: dict[str, list[tuple[str, SwitchId, str]]] = {}
        for call in self._engine().calls.values():
            if call.state is CallState.TALKING and call.trunk:
                talks.setdefault(call.trunk, []).append((call.id, call.switch, call.channel))
        found = {}
        for trunk, calls in talks.items():
            last = self._last.get(trunk, "")
            inorder = sorted(calls, key=lambda each: (each[0] <= last, each[0]))[:PER_TRUNK]
            self._last[trunk] = inorder[-1][0]
            found[trunk] = [(switch, channel) for _, switch, channel in inorder]
        return found

    def hear(self, trunk: str, sample: LineSample) -> None:
        """Count one sample."""
        delay_ms = (sample.round_trip_s or 0.0) * 500
        loss = sample.lost / max(1, sample.received + sample.lost)
        score = mos(loss, sample.jitter_s * 1000, delay_ms)
        self._count(trunk, "received", sample.jitter_s, loss, score)
        recent = self._recent.setdefault(trunk, deque(maxlen=RECENT))
        recent.append((self._now(), score))
        if sample.far_lost is None or sample.far_jitter_s is None:
            return
        loss = min(1.0, sample.far_lost / max(1, sample.sent))
        score = mos(loss, sample.far_jitter_s * 1000, delay_ms)
        self._count(trunk, "sent", sample.far_jitter_s, loss, score)

    def _count(self, trunk: str, way: str, jitter_s: float, loss: float, score: float) -> None:
        heard = self.by_line.get((trunk, way))
        if heard is None:
            heard = self.by_line[trunk, way] = _nothing()
        heard.jitter.add(jitter_s)
        heard.loss.add(loss)
        heard.mos.add(score)

    def now_by_trunk(self) -> dict[str, float | None]:
        """The mean score of the last minutes by trunk; None when too little was heard."""
        since_s = self._now() - RECENT_S
        found: dict[str, float | None] = {}
        for trunk, scores in self._recent.items():
            fresh = [score for at_s, score in scores if at_s >= since_s]
            found[trunk] = fmean(fresh) if len(fresh) >= LEAST else None
        return found
