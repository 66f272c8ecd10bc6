"""What the sliders mean, as a scenario file: the same study anywhere else."""

from __future__ import annotations

from acd.ports_studies import Assumed
from sim.page.case import case_of
from sim.page.told import beside
from sim.scenario_file.write import written


def as_file(assumed: Assumed, lang: str) -> dict[str, str]:
    """``name`` and ``text``; what was set besides the sliders' values stands above it."""
    case = case_of(assumed)
    first = (
        "計画の画面で作ったシナリオ。使い方: madoguchi plan run このファイル"
        if lang == "ja"
        else "Made on the planner's page. To use it: madoguchi plan run THIS-FILE"
    )
    lines = [first, *beside(assumed, case.absence, lang)]
    head = "".join(f"# {line}\n" for line in lines)
    return {"name": "scenario.toml", "text": f"{head}\n{written(case)}"}
