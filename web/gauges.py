"""``/metrics`` for Prometheus: levels and lags, read when scraped. No personal data; labels are
ids of the plan, states and switches, so their number is bounded by the plan."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CollectorRegistry, CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

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
        yield from _recording_levels(self._wiring)


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
        ("details_dropped", "Records without detail for want of room.", gauges.details_dropped),
        ("clock_drift_seconds", "Machine's clock ahead of engine time.", gauges.clock_drift_s),
    ):
        yield GaugeMetricFamily(f"madoguchi_{name}", text, value=value)
    for name, text, count in (
        ("engine_rebuilt", "Times the engine was made anew after a defect.", gauges.engine_rebuilt),
        ("journal_failures", "Writes that the local disk refused.", gauges.journal_failures),
        ("events_forged", "Switch events refused as a caller's forgery.", gauges.events_forged),
    ):
        yield CounterMetricFamily(f"madoguchi_{name}", text, value=count)
    refused = CounterMetricFamily(
        "madoguchi_calls_refused", "Callers for whom a trunk had no channel.", labels=["trunk"]
    )
    for trunk, count in gauges.trunk_refused.items():
        refused.add_metric([trunk], count)
    yield refused


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
    return generate_latest(registry)
