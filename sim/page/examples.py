"""What the page can choose from: the shipped examples with the values of their sliders."""

from __future__ import annotations

from typing import Any

from sim.page.base import BOUNDS, is_steady, values_of
from sim.page.case import STEADY
from sim.scenario_file.find import example_names, study_of
from sim.scenario_file.study_file import StudyFile

_NAMES = {
    "city-a": {"ja": "代表電話の一日 (city-a)", "en": "A switchboard's day (city-a)"},
    "city-b": {"ja": "統合センターの一日 (city-b)", "en": "A combined centre's day (city-b)"},
}


def choices() -> dict[str, Any]:
    """``examples``: days, each with id, name, groups and values; ``hour``: one busy hour;
    ``bounds``: the largest values that may be set."""
    days = [
        {"id": name, "name": _NAMES.get(name, {"ja": name, "en": name}), **_shown(study_of(name))}
        for name in example_names()
        if not is_steady(study_of(name).scenario)
    ]
    # The combined centre is what most cities plan; it is what the page begins with.
    days.sort(key=lambda each: each["id"] != "city-b")
    return {
        "examples": days,
        "hour": _shown(study_of(STEADY)),
        "bounds": {name: most for name, (_, most) in BOUNDS.items()},
    }


def _shown(study: StudyFile) -> dict[str, Any]:
    return {
        "groups": [group.name for group in study.scenario.groups],
        "values": values_of(study),
    }
