"""Grafana's dashboards as files: whole, and where the provisioning says that things are."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

GRAFANA = Path(__file__).parents[2] / "docker" / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
#: Columns of Grafana's grid.
COLUMNS = 24


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    return all(
        one[at] < other[at] + other[size] and other[at] < one[at] + one[size]
        for at, size in (("x", "w"), ("y", "h"))
    )


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_no_panel_hides_another_and_each_has_its_own_id(path: Path) -> None:
    panels = read(path)["panels"]
    assert len({each["id"] for each in panels}) == len(panels)
    for one, other in itertools.combinations(panels, 2):
        assert not overlap(one["gridPos"], other["gridPos"]), (one["title"], other["title"])
    assert all(each["gridPos"]["x"] + each["gridPos"]["w"] <= COLUMNS for each in panels)


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_every_query_goes_to_the_source_that_is_provisioned(path: Path) -> None:
    (sources,) = (GRAFANA / "provisioning" / "datasources").glob("*.yml")
    assert "uid: madoguchi\n" in sources.read_text(encoding="utf-8")
    for panel in read(path)["panels"]:
        targets = panel["targets"]
        assert len({each["refId"] for each in targets}) == len(targets) > 0
        for each in (panel, *targets):
            assert each["datasource"] == {"type": "prometheus", "uid": "madoguchi"}
        # Several lines in one panel are told apart by their names.
        assert len(targets) == 1 or all(each["legendFormat"] for each in targets)


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_titles_are_in_both_languages(path: Path) -> None:
    for panel in read(path)["panels"]:
        title = panel["title"]
        assert any(char >= "\u3040" for char in title), title
        assert any("a" <= char <= "z" for char in title), title


def test_no_two_dashboards_are_one() -> None:
    assert len({read(path)["uid"] for path in DASHBOARDS}) == len(DASHBOARDS) == 2
