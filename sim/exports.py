"""Studies for programs: JSON and CSV. The same study gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sim.experiment.comparing import Comparison
from sim.results import Estimate, StudyResult

#: Grows when a field changes its meaning or goes.
SCHEMA = 1


def json_text(value: Any) -> str:
    """Two spaces, keys in their order, numbers in full."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def study_data(result: StudyResult) -> dict[str, Any]:
    """One study. Shares are of 1, times in seconds, counts per day."""
    return {
        "schema": SCHEMA,
        "scenario": result.scenario.name,
        "changes": list(result.changes),
        "stamp": asdict(result.stamp),
        "precise": result.precise,
        "threshold_s": result.threshold_s,
        "targets": asdict(result.targets),
        "figures": {key: _estimate(each) for key, each in result.figures.items()},
        "worst_hour": {key: result.hours[n].name for key, n in result.worst.items()},
        "hours": [
            {
                "from": hour.name,
                "length_s": hour.length_s,
                "seats": hour.seats,
                "offered_90": [hour.offered_low, hour.offered_high],
                "figures": {key: _estimate(each) for key, each in hour.figures.items()},
            }
            for hour in result.hours
        ],
        "lines": {
            "have": result.lines.have,
            "busiest_hour": result.hours[result.lines.hour].name,
            "share_of_time_busiest": list(result.lines.busiest),
            "share_of_time_day": list(result.lines.day),
        },
    }


def comparison_data(found: Comparison) -> dict[str, Any]:
    """Two studies and their differences, paired day by day."""
    return {
        "schema": SCHEMA,
        "base": study_data(found.base),
        "other": study_data(found.other),
        "differences": {key: _estimate(each) for key, each in found.differences.items()},
    }


def study_csv(results: Sequence[tuple[str, StudyResult]]) -> str:
    """A line a figure: which study, from which hour (empty: all day), key, mean, half-width."""
    return _csv(
        ("study", "from", "figure", "mean", "half_width_95"),
        (line for name, result in results for line in _lines(name, result)),
    )


def comparison_csv(found: Comparison) -> str:
    """A line a figure of all day: before, after and the paired difference."""
    head = ("figure", "base", "base_half_width_95", "other", "other_half_width_95",
            "difference", "difference_half_width_95")  # fmt: skip
    rows = (
        (key, *_pair(found.base.figure(key)), *_pair(found.other.figure(key)), *_pair(each))
        for key, each in found.differences.items()
    )
    return _csv(head, rows)


def _lines(name: str, result: StudyResult) -> Iterable[tuple[str, ...]]:
    for key, each in result.figures.items():
        yield name, "", key, *_pair(each)
    for hour in result.hours:
        for key, each in hour.figures.items():
            yield name, hour.name, key, *_pair(each)


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_plain(each) for each in row] for row in rows)
    return out.getvalue()


def _plain(text: str) -> str:
    """A spreadsheet must not take a name for a formula; numbers stay as they are."""
    risky = text[:1] in ("=", "+", "@", "\t", "\r") or (text[:1] == "-" and not _number(text))
    return f"'{text}" if risky else text


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _pair(of: Estimate) -> tuple[str, str]:
    return tuple("" if each is None else repr(each) for each in (of.mean, of.half))  # type: ignore[return-value]


def _estimate(of: Estimate) -> dict[str, float | None]:
    return {"mean": of.mean, "half_width_95": of.half}
