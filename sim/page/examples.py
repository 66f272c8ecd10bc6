"""What the page can choose from: the shipped examples with the values of their sliders."""

from __future__ import annotations

from typing import Any

from sim.page.case import STEADY, base_of, is_steady, targets_text
from sim.scenario_file.find import example_names, study_of

#: The largest values that may be set, as the interface bounds them.
BOUNDS = {
    "calls": 50_000,
    "aht_s": 3_600,
    "patience_s": 3_600,
    "seats": 500,
    "absent": 499,
    "surge": 5,
    "lines": 2_000,
    "threshold_s": 600,
    "sl_target": 1,
    "rate_target": 1,
}
_NAMES = {
    "city-a": {"ja": "代表電話の一日 (city-a)", "en": "A switchboard's day (city-a)"},
    "city-b": {"ja": "統合センターの一日 (city-b)", "en": "A combined centre's day (city-b)"},
}


def choices() -> dict[str, Any]:
    """``examples``: days, each with id, name and values; ``hour``: one busy hour; ``bounds``."""
    days = [
        {"id": name, "name": _NAMES.get(name, {"ja": name, "en": name}), "values": _values(name)}
        for name in example_names()
        if not is_steady(study_of(name).scenario)
    ]
    # The combined centre is what most cities plan; it is what the page begins with.
    days.sort(key=lambda each: each["id"] != "city-b")
    return {"examples": days, "hour": {"values": _values(STEADY)}, "bounds": BOUNDS}


def _values(name: str) -> dict[str, float]:
    study = study_of(name)
    base = base_of(study)
    return {
        "calls": round(base.calls, 1),
        "aht_s": round(base.aht_s, 1),
        "patience_s": round(base.patience_s, 1),
        "seats": base.seats,
        "lines": base.lines,
        "threshold_s": base.threshold_s,
        **targets_text(study.targets),
    }
