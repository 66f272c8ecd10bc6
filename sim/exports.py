"""Studies for programs: JSON and CSV. The same study gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sim.experiment.comparing import Comparison
from sim.report.told import most_seats
from sim.report.variants import Studied
from sim.results import Estimate, StudyResult

#: Grows when a field changes its meaning or goes.
SCHEMA = 1


def json_text(value: Any) -> str:
    """Two spaces, keys in their order, numbers in full."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def study_data(result: StudyResult) -> dict[str, Any]:
    """One study. Shares are of 1, times in seconds, counts per day. ``levels_apart``: by how much
    ``sl_excl_early_abandons`` is above ``sl_offered``."""
    return {
        "schema": SCHEMA,
        "scenario": result.scenario.name,
        "changes": list(result.changes),
        "stamp": asdict(result.stamp),
        "precise": result.precise,
        "threshold_s": result.threshold_s,
        "targets": asdict(result.targets),
        "figures": _estimates(result.figures),
        "levels_apart": _estimate(result.levels_apart),
        "worst_hour": {key: result.hours[n].name for key, n in result.worst.items()},
        "hours": [
            {
                "from": hour.name,
                "length_s": hour.length_s,
                "seats": hour.seats,
                "offered_90": [hour.offered_low, hour.offered_high],
                "figures": _estimates(hour.figures),
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
        "differences": _estimates(found.differences),
    }


def run_data(result: StudyResult, near: Studied) -> dict[str, Any]:
    """One study, and ``beside`` it those with a seat less, a seat more, and people missing: their
    figures of all day, and the differences to it, paired day by day."""
    seats = [({"seats": number}, each) for number, each in near.seats
             if number != most_seats(result.scenario)]  # fmt: skip
    missing = [({"missing": int(low[0].en)}, low[1]) for _, low, _ in near.sways if low]
    return study_data(result) | {
        "beside": [
            named
            | {"figures": _estimates(each.figures), "differences": _estimates(each.differences)}
            for named, each in (*seats, *missing)
        ]
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


def _estimates(of: Mapping[str, Estimate]) -> dict[str, Any]:
    return {key: _estimate(each) for key, each in of.items()}


def _estimate(of: Estimate) -> dict[str, float | None]:
    return {"mean": of.mean, "half_width_95": of.half}
