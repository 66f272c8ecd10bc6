"""``/metrics`` for Prometheus: levels and lags read when scraped, and what was counted since the
start (:mod:`metrics.exporter`). No personal data; labels are ids of the plan and of the settings,
and members of enumerations, so their number is bounded."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import ProcessCollector
from prometheus_client.core import (
    CollectorRegistry,
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from acd.app.day_targets import standings
from acd.app.figures import LiveFigures
from acd.app.watching import Watching
from acd.core.engine import Engine
from metrics.realtime import now_of
from web.views import agents_by_state, queue_views
from web.wiring import Wiring

__all__ = ["CONTENT_TYPE_LATEST", "scrape"]


class _Levels(Collector):
    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def collect(self) -> Iterable[Metric]:
        """The levels now."""
        yield from _engine_levels(self._wiring)
        yield from _adapter_levels(self._wiring)
        yield from _trunk_levels(self._wiring)
        yield from _recording_levels(self._wiring)
        yield from _today(self._wiring.wallboard.figures)
        if self._wiring.watching is not None:
            yield from _watched(self._wiring.watching, self._wiring.engine())


def _engine_levels(wiring: Wiring) -> Iterable[Metric]:
    engine, now_s = wiring.engine(), wiring.now()
    waiting = GaugeMetricFamily("madoguchi_calls_waiting", "Callers waiting.", labels=["queue"])
    longest = GaugeMetricFamily(
        "madoguchi_longest_wait_seconds", "How long the longest waits.", labels=["queue"]
    )
    usual = {queue: view for queue, view in queue_views(engine).items() if not view["drill"]}
    for queue, view in usual.items():
        waiting.add_metric([queue], view["waiting"])
        since = view["longest_wait_from_s"]
        longest.add_metric([queue], 0.0 if since is None else max(0.0, now_s - since))
    yield waiting
    yield longest
    agents = GaugeMetricFamily("madoguchi_agents", "Operators by state.", labels=["state"])
    for state, count in agents_by_state(engine).items():
        agents.add_metric([state], count)
    yield agents
    live = sum(1 for call in engine.calls.values() if not call.drill)
    yield GaugeMetricFamily("madoguchi_calls", "Calls that are live.", value=live)


def _adapter_levels(wiring: Wiring) -> Iterable[Metric]:
    gauges, health = wiring.gauges(), wiring.health()
    for name, text, value in (
        ("switch_up", "1 when the switch is connected.", float(health.switch)),
        ("journal_up", "1 when the journal can be written.", float(health.journal)),
        ("ami_lag_seconds", "How late events of the switch are.", gauges.ami_lag_s),
        ("journal_lag_steps", "Steps not in the database yet.", gauges.journal_lag),
        ("spool_used_bytes", "Room taken in the local spool.", gauges.spool_used_bytes),
        ("spool_limit_bytes", "Room in the local spool.", gauges.spool_limit_bytes),
        ("clock_drift_seconds", "Machine's clock ahead of engine time.", gauges.clock_drift_s),
        ("database_up", "1 when the database takes records.", float(gauges.database_up)),
        ("database_failing_seconds", "How long it has not.", gauges.database_failing_s),
        ("menus_up", "1 when the menu server listens.", float(health.menus)),
        ("event_loop_lag_seconds", "Longest delay of half a minute.", gauges.loop_lag_s),
    ):
        yield GaugeMetricFamily(f"madoguchi_{name}", text, value=value)
    if gauges.tunnels_end_s is not None:
        yield GaugeMetricFamily(
            "madoguchi_tunnel_certificate_end_seconds",
            "When the first certificate ends that a tunnel of menus showed last, in Unix time.",
            value=gauges.tunnels_end_s,
        )
    for name, text, count in (
        ("details_dropped", "Records without detail for want of room.", gauges.details_dropped),
        ("engine_rebuilt", "Times the engine was made anew after a defect.", gauges.engine_rebuilt),
        ("journal_failures", "Writes that the local disk refused.", gauges.journal_failures),
        ("events_forged", "Switch events refused as a caller's forgery.", gauges.events_forged),
    ):
        yield CounterMetricFamily(f"madoguchi_{name}", text, value=count)
    there = GaugeMetricFamily("madoguchi_node_up", "1 when connected.", labels=["node"])
    late = GaugeMetricFamily("madoguchi_node_ami_lag_seconds", "Likewise.", labels=["node"])
    for node, level in gauges.nodes.items():
        there.add_metric([node], float(level.up))
        late.add_metric([node], level.ami_lag_s)
    yield there
    yield late
    refused = CounterMetricFamily(
        "madoguchi_calls_refused", "Callers for whom a trunk had no channel.", labels=["trunk"]
    )
    for trunk in sorted({*gauges.trunk_limits, *gauges.trunk_refused}):
        refused.add_metric([trunk], gauges.trunk_refused.get(trunk, 0))
    yield refused


def _trunk_levels(wiring: Wiring) -> Iterable[Metric]:
    limits = wiring.gauges().trunk_limits
    used = GaugeMetricFamily("madoguchi_trunk_calls", "Calls in progress.", labels=["trunk"])
    limit = GaugeMetricFamily(
        "madoguchi_trunk_limit", "Calls that a trunk may bring at once.", labels=["trunk"]
    )
    lines = now_of(wiring.engine().state, wiring.now()).lines
    for trunk, most in limits.items():
        used.add_metric([trunk], lines.get(trunk, 0))
        if most > 0:
            limit.add_metric([trunk], most)
    yield used
    yield limit


def _carriers(watching: Watching) -> Iterable[Metric]:
    up = GaugeMetricFamily(
        "madoguchi_trunk_up", "1 when a trunk's host answers OPTIONS.", labels=["trunk"]
    )
    for trunk, is_up in sorted(watching.trunks.up.items()):
        up.add_metric([trunk], float(is_up))
    yield up
    channels = GaugeMetricFamily(
        "madoguchi_trunk_channels", "Calls in both directions, of limited trunks.", labels=["trunk"]
    )
    for trunk, count in sorted(watching.trunks.in_use.items()):
        channels.add_metric([trunk], count)
    yield channels
    taken = CounterMetricFamily(
        "madoguchi_trunk_outgoing", "Calls to the outside that a trunk was given.", labels=["trunk"]
    )
    for trunk, count in sorted(watching.taken.taken.items()):
        taken.add_metric([trunk], count)
    yield taken
    passed = CounterMetricFamily(
        "madoguchi_trunk_passed_over",
        "Calls to the outside that a trunk did not get, and why.",
        labels=["trunk", "reason"],
    )
    for (trunk, reason), count in sorted(watching.taken.passed.items()):
        passed.add_metric([trunk, reason], count)
    yield passed


def _watched(watching: Watching, engine: Engine) -> Iterable[Metric]:
    yield from _carriers(watching)
    yield from _recent(watching)
    watching.counted.know([queue.id for queue in engine.planned.queues])
    yield from watching.counted.collect()
    lines = sorted(watching.lines.by_line.items())
    for name, text, held in (
        ("jitter_seconds", "Jitter of talks looked at.", [each.jitter for _, each in lines]),
        ("loss_ratio", "Share of packets lost, likewise.", [each.loss for _, each in lines]),
        ("mos_score", "Mean opinion score estimated from both.", [each.mos for _, each in lines]),
    ):
        family = HistogramMetricFamily(
            f"madoguchi_line_{name}", text, labels=["trunk", "direction"]
        )
        for (line, _), buckets in zip(lines, held, strict=True):
            family.add_metric(line, buckets.cumulative(), buckets.total)
        yield family
    active = GaugeMetricFamily("madoguchi_alarms", "Alarms that last.", labels=["severity"])
    for severity, number in watching.alarms.counts().items():
        active.add_metric([severity], number)
    yield active


def _recent(watching: Watching) -> Iterable[Metric]:
    """What alarms of the service level judge. Without the label ``queue``: of the whole centre."""
    ratio = GaugeMetricFamily(
        "madoguchi_service_level_ratio",
        "The contract's service level, T of the queue, over the last 15 minutes.",
    )
    calls = GaugeMetricFamily("madoguchi_service_level_calls", "Calls that it is a share of.")
    for queue, now in watching.facts.recent().items():
        if now.value is not None:
            ratio.add_sample(ratio.name, _of_queue(queue), now.value)
            calls.add_sample(calls.name, _of_queue(queue), now.whole or 0)
    yield ratio
    yield calls


def _today(figures: LiveFigures | None) -> Iterable[Metric]:
    """Without the label ``queue``: of the whole centre."""
    found = standings(figures) if figures is not None else {}
    ratio = GaugeMetricFamily("madoguchi_today_ratio", "The contract's figures of the day so far.")
    calls = GaugeMetricFamily("madoguchi_today_calls", "Calls that they are shares of.")
    target = GaugeMetricFamily("madoguchi_target_ratio", "What was agreed for them.")
    available = GaugeMetricFamily(
        "madoguchi_availability_ratio",
        "Share of today's service hours so far in which callers could be served.",
    )
    hours = GaugeMetricFamily(
        "madoguchi_service_today_seconds", "Today's service hours so far, as far as is known."
    )
    for (name, queue), (now, agreed) in found.items():
        labels = {"figure": name} | _of_queue(queue)
        if agreed is not None:
            for column, wanted in (("contract", agreed.contract), ("promise", agreed.promise)):
                target.add_sample(target.name, labels | {"column": column}, wanted)
        of_time = name == "availability"
        if of_time:
            hours.add_metric([], (now.whole or 0) / 1000)
        else:
            calls.add_sample(calls.name, labels, now.whole or 0)
        if now.value is not None and of_time:
            available.add_metric([], now.value)
        elif now.value is not None:
            ratio.add_sample(ratio.name, labels, now.value)
    yield from (ratio, calls, target, available, hours)


def _of_queue(queue: str) -> dict[str, str]:
    return {"queue": queue} if queue else {}


def _recording_levels(wiring: Wiring) -> Iterable[Metric]:
    if wiring.recorder is None:
        return
    status = wiring.recorder.status
    for name, text, value in (
        ("disk_full", "1 when there is no room for new recordings.", float(status.disk_full)),
        ("free_bytes", "Room on the fuller of the recordings' disks.", status.free_bytes),
        ("under_way", "Talks that are being recorded or rung for.", status.under_way),
        ("waiting", "Recordings that are not put away yet.", status.waiting),
    ):
        yield GaugeMetricFamily(f"madoguchi_recording_{name}", text, value=value)
    for name, text, count in (
        ("failures", "Times that a recording could not be put away.", status.failures),
        ("left_out", "Talks not recorded for want of room.", status.left_out),
    ):
        yield CounterMetricFamily(f"madoguchi_recording_{name}", text, value=count)


def scrape(wiring: Wiring) -> bytes:
    """The text that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Levels(wiring))
    ProcessCollector(registry=registry)
    return generate_latest(registry)
