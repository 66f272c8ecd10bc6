"""A planner's own scenario file on the page: read whole, and held against the page's bounds."""

from __future__ import annotations

from typing import Any

from acd.errors import LimitExceeded
from sim.page.base import BOUNDS, is_steady, values_of
from sim.page.words import called, said
from sim.scenario_file.read import read_text
from sim.scenario_file.study_file import StudyFile

NAME = "scenario.toml"
#: A day by quarters of an hour; the answer by formula must follow the sliders.
PERIODS_MAX = 96


def own_study(text: str, name: str) -> StudyFile:
    """The study of a file's text; ``name`` is what its faults call it.

    Raises:
        ConfigError: everything that is wrong with it.
        LimitExceeded: it is too large for the page, or too small for anything.
    """
    study = read_text(text, name or NAME)
    beyond = [
        tuple(_beyond(key, value, lang) for lang in ("ja", "en"))
        for key, value in values_of(study).items()
        if not BOUNDS[key][0] <= value <= BOUNDS[key][1]
    ]
    if study.scenario.periods > PERIODS_MAX:
        number = study.scenario.periods
        beyond.append(
            (
                f"時間帯の数 {number}(1から{PERIODS_MAX}まで)",
                f"{number} periods (1 to {PERIODS_MAX})",
            )
        )
    if beyond:
        ja, en = zip(*beyond, strict=True)
        raise LimitExceeded(
            f"this page does not plan so much or so little: {', '.join(en)}; `madoguchi plan run` "
            "takes any scenario",
            code="scenario_beyond_page",
            ja=f"この画面で扱える範囲の外です: {'、'.join(ja)}。`madoguchi plan run` なら、どの"
            "シナリオも計算できます。",
        )
    return study


def _beyond(key: str, value: float, lang: str) -> str:
    low, high = (said(key, each, lang) for each in BOUNDS[key])
    told = f"{called(key, lang)} {said(key, value, lang)}"
    return f"{told}({low}から{high}まで)" if lang == "ja" else f"{told} ({low} to {high})"


def own_values(text: str, name: str) -> dict[str, Any]:
    """What the sliders show of it: ``name`` of the scenario, ``steady``, ``groups``, ``values``."""
    study = own_study(text, name)
    scenario = study.at_seats
    return {
        "name": scenario.name,
        "steady": is_steady(scenario),
        "groups": [group.name for group in scenario.groups],
        "values": values_of(study),
    }
