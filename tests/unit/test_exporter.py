"""What is counted for Prometheus is what the rows say, and no label is without bounds."""

from __future__ import annotations

from prometheus_client.core import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from acd.core.events import CallOutcome, VisitOutcome
from metrics.exporter import OTHER, QUEUES_KEPT, ROWS_KEPT, Counted
from tests.ledger_rows import JST, Visit, a_call, drawn_day, ms

NINE = ms("2026-11-20T09:00", JST)
GONE = VisitOutcome.ABANDONED


def samples(counted: Counted) -> dict[str, float]:
    """Every sample as it is scraped: ``name{label=value}`` and its value."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(counted)
    found = {}
    for family in text_string_to_metric_families(generate_latest(registry).decode()):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def test_three_calls_are_counted_as_they_were() -> None:
    counted = Counted()
    counted.take(
        [
            *a_call(1, NINE, CallOutcome.ANSWERED, Visit("tax", 20.0, agent="abe", talk_s=100)),
            *a_call(
                2,
                NINE,
                CallOutcome.ANSWERED,
                Visit("tax", 20.5, agent="abe", talk_s=31, hold_s=10, wrap_up_s=20),
            ),
            *a_call(3, NINE, CallOutcome.ABANDONED, Visit("tax", 7.0, GONE)),
            *a_call(4, NINE, CallOutcome.CLOSED),
            *a_call(5, NINE, CallOutcome.ABANDONED, Visit("tax", 9.0, GONE), drill=True),
        ]
    )
    found = samples(counted)
    assert found["madoguchi_calls_ended_total{call_type=enquiry,outcome=answered}"] == 2
    assert found["madoguchi_calls_ended_total{call_type=enquiry,outcome=abandoned}"] == 1
    assert found["madoguchi_calls_ended_total{call_type=none,outcome=closed}"] == 1
    waits = "madoguchi_wait_seconds_bucket{le=%s,outcome=answered,queue=tax}"
    # A wait of exactly 20 s is within 20 s.
    assert [found[waits % le] for le in ("15.0", "20.0", "30.0", "+Inf")] == [0, 1, 2, 2]
    assert found["madoguchi_wait_seconds_sum{outcome=answered,queue=tax}"] == 40.5
    assert found["madoguchi_wait_seconds_count{outcome=abandoned,queue=tax}"] == 1
    assert found["madoguchi_talk_seconds_sum{queue=tax}"] == 131
    assert found["madoguchi_handling_seconds_sum{queue=tax}"] == 161


def test_counts_never_go_back_and_do_not_hang_on_when_somebody_scrapes() -> None:
    rows = drawn_day(7, 400, NINE, NINE + 8 * 3_600_000)
    assert len(rows) > 800
    often, once, before = Counted(), Counted(), dict[str, float]()
    for start in range(0, len(rows), 50):
        often.take(rows[start : start + 50])
        now = samples(often)
        assert all(now[name] >= value for name, value in before.items())
        before = now
    once.take(rows)
    whole = samples(once)
    assert before.keys() == whole.keys()
    assert all(abs(before[name] - value) < 1e-6 for name, value in whole.items())


def test_plans_that_come_and_go_do_not_make_labels_without_end() -> None:
    counted = Counted()
    for number in range(QUEUES_KEPT * 2):
        queue = f"q{number}"
        rows = a_call(number, NINE, CallOutcome.ANSWERED, Visit(queue, 1.0, agent="abe", talk_s=1))
        counted.take(rows)
    names = [name for name in samples(counted) if name.startswith("madoguchi_talk_seconds_count")]
    assert len(names) == QUEUES_KEPT + 1
    assert f"madoguchi_talk_seconds_count{{queue={OTHER}}}" in names


def test_nobody_scrapes_and_memory_stays_bounded() -> None:
    counted = Counted()
    for number in range(ROWS_KEPT):
        counted.take(a_call(number, NINE, CallOutcome.ABANDONED, Visit("tax", 7.0, GONE)))
        assert len(counted._rows) <= ROWS_KEPT
    assert (
        samples(counted)["madoguchi_wait_seconds_count{outcome=abandoned,queue=tax}"] == ROWS_KEPT
    )
