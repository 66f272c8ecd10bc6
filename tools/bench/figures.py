"""The figures of the bench: what each has to reach, and how they follow from the samples."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tools.bench.sides import Sample, Side


@dataclass(frozen=True, slots=True)
class Target:
    """A figure's key, what it means, and the bound: ``at_most`` or else at least."""

    key: str
    meaning: str
    bound: float
    at_most: bool = True
    digits: int = 2

    def met(self, value: float) -> bool:
        """Whether a value reaches the target."""
        compare: Callable[[float, float], bool] = operator.le if self.at_most else operator.ge
        return compare(value, self.bound)

    @property
    def text(self) -> str:
        """The bound as a person writes it."""
        return f"{'≤' if self.at_most else '≥'} {self.bound:,.{self.digits}f}"


TARGETS = (
    Target("cpu_vs_app_queue", "CPU per call ÷ app_queue", 0.90),
    Target("cpu_vs_dial", "CPU per call ÷ bare Dial()", 1.5),
    Target("connect_p50_ms", "Originate → both in the bridge, median", 12, digits=1),
    Target("connect_p99_ms", "Originate → both in the bridge, p99", 40, digits=1),
    Target("connect_p99_waiting_ratio", "p99 with 500 more waiting ÷ without", 1.3),
    Target("max_calls_per_s", "highest rate held, nothing lost", 80, at_most=False, digits=0),
    Target("controller_calls_per_s", "controller alone", 400, at_most=False, digits=0),
    Target(
        "capacity_calls_per_s",
        "one controller, 2,000 operators, 5,000 waiting",
        400,
        at_most=False,
        digits=0,
    ),
    Target("capacity_cpu_ms", "its CPU per call, ms", 2.0),
    Target("engine_calls_per_s", "engine alone", 60_000, at_most=False, digits=0),
    Target("answer_audio_p95_ms", "browser: click → heard both ways, p95", 400, digits=0),
    Target("screen_pop_p95_ms", "telephone rings → screen pop drawn, p95", 1_000, digits=0),
    Target("panel_load_kb", "panel: first load, kB on the wire", 300, digits=0),
    Target("panel_load_ms", "panel: first load until it can be used, median", 1_000, digits=0),
    Target("cut_noticed_p95_ms", "line silently cut → the panel says so, p95", 5_000, digits=0),
    Target("panel_back_p95_ms", "line mended → panel right again, p95", 3_000, digits=0),
    Target("panel_after_death_p95_ms", "controller back → panel right again, p95", 3_000, digits=0),
    Target("floor_seen_p95_ms", "state change → seen on the floor, p95", 200, digits=0),
    Target("panels_cpu_percent", "controller, 200 panels, 20 calls/s: % of a core", 40, digits=0),
    Target("wallboard_p95_ms", "state change → seen on the wallboard, p95", 500, digits=0),
    Target("wallboard_cpu_percent", "controller, 300 walls, 20 calls/s: % of a core", 50, digits=0),
    Target("lease_takeover_p50_ms", "kill -9 → another has the lease", 1_500, digits=0),
    Target("lease_takeover_p99_ms", "the same, p99", 1_700, digits=0),
    Target("takeover_p50_ms", "kill -9 of the leader → next caller connected", 1_800, digits=0),
    Target("takeover_p99_ms", "the same, p99", 2_000, digits=0),
    Target("month_report_s", "report of a month of 1,000,000 calls", 5),
    Target("month_report_mib", "its memory, MiB", 512, digits=0),
    Target("day_page_ms", "report of one of its days", 300, digits=0),
    Target("journal_events_per_s", "journal: steps/s into PostgreSQL", 5_000, False, 0),
    Target("routing_delay_ratio", "routing with Redis + PostgreSQL ÷ embedded, median", 1.3),
    Target("restore_s", "restore of 1,000,000 calls into PostgreSQL, s", 1_800, digits=0),
    Target("engine_large_ratio", "engine: large case ÷ small case, per call", 3),
    Target("kernel_vs_c", "planner: kernel ÷ C, two skills", 0.8, at_most=False),
    Target("kernel_fifo_vs_c", "planner: kernel ÷ C, one pool", 0.8, at_most=False),
    Target("kernel_vs_simpy", "planner: kernel ÷ SimPy", 100, at_most=False, digits=0),
    Target("kernel_vs_ciw", "planner: kernel ÷ Ciw", 400, at_most=False, digits=0),
    Target(
        "kernel_plain_vs_simpy",
        "planner: kernel without numba ÷ SimPy",
        10,
        at_most=False,
        digits=1,
    ),
    Target("twin_calls_per_s", "planner: twin, calls per second", 50_000, at_most=False, digits=0),
    Target("week_s", "planner: 1,000 weeks of city-B, two cores", 5, digits=1),
    Target("staff_s", "plan staff: two skills, least cost found and proven, s", 3),
    Target("staff_cost", "plan staff: that cost (pyworkforce: 15.4, missing the targets)", 23.7),
)


def best(samples: Sequence[Sample], side: Side, waiting: int = 0) -> Sample | None:
    """The run of a side with the least CPU per call among those that lost nothing."""
    clean = _clean(samples, side, waiting)
    return min(clean, key=lambda sample: sample.cpu_ms) if clean else None


def figures(samples: Sequence[Sample]) -> dict[str, float]:
    """The figures that follow from samples; those that cannot be said are left out.

    CPU: the best run of each side. Connecting: the best run of three by p99, with and without
    others waiting.
    """
    found: dict[str, float] = {}
    ours = best(samples, Side.MADOGUCHI)
    if ours is None:
        return found
    for key, side in (("cpu_vs_app_queue", Side.APP_QUEUE), ("cpu_vs_dial", Side.DIAL)):
        other = best(samples, side)
        if other is not None:
            found[key] = ours.cpu_ms / other.cpu_ms
    quick = min(_clean(samples, Side.MADOGUCHI, 0), key=_p99)
    found["connect_p50_ms"] = quick.connect_percentile_ms(50)
    found["connect_p99_ms"] = _p99(quick)
    crowded = [s for s in samples if s.trial.waiting and not s.lost]
    if crowded:
        found["connect_p99_waiting_ratio"] = min(map(_p99, crowded)) / _p99(quick)
    return found


def missed(found: Mapping[str, float]) -> list[str]:
    """Keys of targets that were measured and not reached."""
    return [t.key for t in TARGETS if t.key in found and not t.met(found[t.key])]


def _clean(samples: Sequence[Sample], side: Side, waiting: int) -> list[Sample]:
    return [
        sample
        for sample in samples
        if sample.side is side and sample.trial.waiting == waiting and not sample.lost
    ]


def _p99(sample: Sample) -> float:
    return sample.connect_percentile_ms(99)
