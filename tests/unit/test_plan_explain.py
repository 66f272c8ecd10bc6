"""What ``plan explain`` says of a scenario and of a kept result, and what it refuses."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.cli import app
from acd.errors import Refused
from sim.experiment.days import Engine
from sim.experiment.study import Asked, Studies
from sim.experiment.workers import Here
from sim.explain.explained import explained
from sim.explain.kept import read_kept
from sim.explain.traps import traps
from sim.exports import json_text, study_data
from sim.report.exact import exact_study
from sim.scenario_file.find import study_of
from sim.what_if import WhatIf


def told(name: str, lang: str = "en", **changes: str) -> dict[str, str]:
    """Each chapter's text."""
    parts = explained(WhatIf(**changes).applied(study_of(name)), lang)
    return {part.key: " ".join(part.sentences) + str(part.pairs) for part in parts}


@pytest.mark.requirement("M14")
def test_a_scenario_is_explained_from_what_it_assumes_to_what_would_mislead() -> None:
    said = told("city-b")
    assert "1,190 in 10 h" in said["assumed"]
    assert "from 10:00 binds (answer rate 95.6 %, within the threshold 87.5 %)" in said["why"]
    assert "13.0 erlangs" in said["why"]
    assert "Seat number 16 adds" in said["why"]
    assert "two separate halves" in said["why"]
    assert "A_T ÷ O" in said["figures"]
    assert "each hour by itself" in said["traps"]
    assert set(told("city-b", "ja")) == set(said)


def test_only_traps_that_apply_are_named() -> None:
    roomy = exact_study(WhatIf(seats="40", lines="60").applied(study_of("city-b")))
    tight = exact_study(WhatIf(seats="12").applied(study_of("city-b")))
    assert not any("hides the waiting" in each or "worst" in each for each in traps(roomy, "en"))
    assert not any("Lines are assumed" in each for each in traps(roomy, "en"))
    named = " ".join(traps(tight, "en"))
    assert "hides the waiting" in named
    assert "more work than people" in named
    assert "Nobody calls again" in named
    assert len(traps(tight, "ja")) == len(traps(tight, "en"))


def test_callers_who_never_give_up_are_said_to_be_so() -> None:
    study = study_of("city-b")
    classes = tuple(replace(of, patience=(None,) * 10) for of in study.scenario.classes)
    patient = replace(study, scenario=replace(study.scenario, classes=classes))
    said = {part.key: " ".join(part.sentences) for part in explained(patient, "en")}
    assert "Nobody gives up here" in said["why"]


def kept(tmp_path: Path, *, changes: tuple[str, ...] = (), **changed: str) -> Path:
    study = WhatIf(**changed).applied(study_of("city-b"))
    result = Studies(Here()).run(study, Asked(seed=3, days=20), changes=changes)
    path = tmp_path / "kept.json"
    path.write_text(json_text(study_data(result)), "utf-8")
    return path


def test_a_kept_result_is_explained_with_its_own_figures(tmp_path: Path) -> None:
    path = kept(tmp_path, changes=("--absent 2",), absent="2")
    study, result = read_kept(path)
    assert (result.stamp.seed, result.stamp.days) == (3, 20)
    assert study.scenario.groups[0].agents == (14,) * 10
    parts = {part.key: " ".join(part.sentences) for part in explained(study, "en", result)}
    assert parts["result"].startswith("14 seats: answer rate 9")
    assert "±" in parts["result"]
    assert "20 days were simulated (engine: kernel, seed 3)" in parts["method"]


@pytest.mark.parametrize(("engine", "seats"), [(Engine.KERNEL, 13), (Engine.TWIN, 16)])
def test_a_kept_result_has_the_seats_that_its_engine_counted(
    tmp_path: Path, engine: Engine, seats: int
) -> None:
    text = """
        name = "resting"
        period = "1h"
        [calls.a]
        arrivals = "180/h"
        talk = "240s"
        patience = "120s"
        [groups.ops]
        seats = 16
        skills = ["a"]
        [people]
        break_every = "50m"
        break_length = "10m"
    """
    file, path = tmp_path / "resting.toml", tmp_path / "kept.json"
    file.write_text(text, "utf-8")
    result = Studies(Here()).run(study_of(str(file)), Asked(seed=3, days=4, engine=engine))
    path.write_text(json_text(study_data(result)), "utf-8")
    study, again = read_kept(path, str(file))
    parts = {part.key: " ".join(part.sentences) for part in explained(study, "en", again)}
    assert parts["result"].startswith(f"{seats} seats: ")
    assert "13 of the 16 planned are at their seats" in parts["why"]


def test_a_result_of_another_scenario_is_refused(tmp_path: Path) -> None:
    path = kept(tmp_path)
    with pytest.raises(Refused, match="is another one now") as other:
        read_kept(path, "city-a")
    assert other.value.code == "other_scenario"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": 1}', '{"schema": "x"}', "\x00"])
def test_what_is_no_result_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text)
    with pytest.raises(Refused) as wrong:
        read_kept(path)
    assert wrong.value.code == "no_result"
    with pytest.raises(Refused):
        read_kept(tmp_path / "none.json")


def test_an_explanation_makes_a_report_of_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_LANG", "en")
    path, result = tmp_path / "why.html", kept(tmp_path)
    for what, plots in (("city-b", True), (str(result), False)):
        done = CliRunner().invoke(app, ["plan", "explain", what, "--html", str(path)])
        assert done.exit_code == 0, done.output
        page = path.read_text("utf-8")
        assert "Seat number 16 adds" in page
        assert page.index("What is easily misread") < page.index("What is assumed")
        assert ("If an assumption is wrong" in page) is plots
        assert not re.search(r"<script|(src|href)=", page)


def test_the_command_prints_chapters_and_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    plain = CliRunner().invoke(app, ["plan", "explain", "city-b", "--seats", "12"])
    assert plain.exit_code == 0
    assert "なぜこの席数か" in plain.output
    assert "12席なら" in plain.output
    data = CliRunner().invoke(app, ["plan", "explain", "city-a", "--json"])
    assert [part["key"] for part in json.loads(data.output)][:2] == ["result", "assumed"]
