"""Every reference value, by every engine that takes it; what is said to files that are wrong."""

from __future__ import annotations

import csv
import doctest
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.cli import app
from acd.errors import ConfigError, MadoguchiError
from sim.oracles import closed
from sim.oracles.closed import CLOSED, formula
from sim.oracles.rows import SHIPPED, Row, read
from sim.oracles.verify import Engine, simple_msk, verify

ROWS = [*read(SHIPPED), simple_msk()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
@pytest.mark.requirement("M14")
def test_reference_values(row: Row) -> None:
    verdicts = list(verify([row], days=200))
    engines = {each.engine for each in verdicts}
    if row.model in CLOSED:
        assert engines == {Engine.ERLANG}
    elif row.id in ("MS1", "MS3", "MS4"):
        assert engines == {Engine.CHAIN, Engine.KERNEL}
    else:
        assert engines == {Engine.KERNEL}
    for each in verdicts:
        assert each.fault is None
        off = [one for one in each.deviations if not one.good]
        assert off == []
        assert {one.key for one in each.deviations} == set(row.expect)


def test_every_model_of_the_file_is_known() -> None:
    assert {row.model for row in ROWS} >= set(CLOSED)
    assert len(ROWS) > 60


def shown(tmp_path: Path, rows: object, *words: str) -> tuple[int, str]:
    path = tmp_path / "own.json"
    path.write_text(rows if isinstance(rows, str) else json.dumps(rows), "utf-8")
    result = CliRunner().invoke(
        app, ["plan", "verify", "--oracles", str(path), *words], catch_exceptions=False,
        env={"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    return result.exit_code, result.stdout


ERLANG_B = {
    "id": "mine",
    "model": "erlang_b",
    "params": {"erlangs": 1, "lines": 2},
    "expect": {"p_block": {"value": 0.2, "rtol": 1e-9}},
    "source": "by hand",
}
MS1 = next(row for row in ROWS if row.id == "MS1").params
NOBODY = {"agents": 0, "skills": ["A"]}


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    assert shown(tmp_path, [ERLANG_B]) == (0, shown(tmp_path, [ERLANG_B])[1])
    assert "1 reference rows (1 values): all within tolerance" in shown(tmp_path, [ERLANG_B])[1]


def test_a_value_that_is_off_fails_and_is_named(tmp_path: Path) -> None:
    off = ERLANG_B | {"expect": {"p_block": {"value": 0.21, "rtol": 1e-9}}}
    code, told = shown(tmp_path, [ERLANG_B, off])
    assert code == 1
    assert "1 off" in told
    assert "p_block" in told
    assert "OFF" in told


def test_an_unknown_model_is_reported_and_does_not_fail(tmp_path: Path) -> None:
    code, told = shown(tmp_path, [ERLANG_B, ERLANG_B | {"model": "erlang_z"}])
    assert code == 0
    assert "1 of a model that is not known" in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"params": {"erlangs": 1, "line": 2}}, '"lines" is missing'),
        ({"params": {"erlangs": 1, "lines": 2, "extra": 3}}, '"extra"'),
        ({"params": {"erlangs": -1, "lines": 2}}, "more than 0"),
        ({"params": {"erlangs": "many", "lines": 2}}, "finite number"),
        ({"params": {"erlangs": 1, "lines": 2.5}}, "whole number"),
        ({"expect": {"p_lost": {"value": 1, "rtol": 1}}}, "no figure"),
        ({"model": "skills", "params": {"skills": [], "groups": {}}}, "call_prefers"),
        ({"model": "skills", "params": MS1 | {"skills": {"A": []}}}, "must be a table"),
        ({"model": "skills", "params": MS1 | {"groups": {"A": NOBODY}}}, "agents must be"),
        ({"model": "skills", "params": MS1 | {"agent_takes": {"rule": "random"}}}, "one of"),
        ({"model": "skills", "params": MS1 | {"call_prefers": {"A": ["Z"], "B": []}}}, "not there"),
        ({"model": "mt_m_inf", "params": {"rate_per_h": "__import__('os')", "aht_s": 60},
          "expect": {"busy_mean_at_6h": {"value": 1, "rtol": 1}}}, "a rate is written"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_computed_fails_and_says_why(
    tmp_path: Path, change: dict[str, object], told: str
) -> None:
    code, text = shown(tmp_path, [ERLANG_B | change])
    assert code == 1
    assert told in " ".join(text.split())


@pytest.mark.parametrize(
    "rows",
    [
        "{",
        "[" * 100_000,
        "{}",
        "[1]",
        '[{"id": "x"}]',
        [ERLANG_B | {"expects": {}}],
        [ERLANG_B | {"expect": {"p_block": 0.2}}],
        [ERLANG_B | {"expect": {"p_block": {"value": 0.2, "rtol": -1}}}],
        [ERLANG_B | {"expect": {"p_block": {"value": True, "rtol": 0}}}],
        '[{"id": "x", "model": "y", "params": {}, "expect": {"a": {"value": NaN, "rtol": 1}}}]',
        [ERLANG_B] * 10_001,
    ],
    ids=range(11),
)
def test_a_hostile_file_is_refused_whole(tmp_path: Path, rows: object) -> None:
    with pytest.raises(ConfigError) as refused:
        shown(tmp_path, rows)
    assert all(fault.ja for fault in refused.value.faults)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path / "none.json")


def test_data(tmp_path: Path) -> None:
    code, text = shown(tmp_path, [ERLANG_B], "--json")
    assert code == 0
    assert json.loads(text)[0]["values"][0]["good"] is True
    rows = list(csv.DictReader(io.StringIO(shown(tmp_path, [ERLANG_B], "--csv")[1])))
    assert rows[0]["key"] == "p_block"


def test_the_verdict_makes_a_report_of_one_file(tmp_path: Path) -> None:
    path = tmp_path / "verified.html"
    off = ERLANG_B | {"id": "other", "expect": {"p_block": {"value": 0.21, "rtol": 1e-9}}}
    broken = ERLANG_B | {"id": "<b>", "params": {"erlangs": 1}}
    code, _ = shown(tmp_path, [ERLANG_B, off, broken], "--html", str(path))
    assert code == 1
    page = path.read_text("utf-8")
    assert "3 reference rows (2 values): 2 off." in page
    assert "by hand" in page
    assert "&lt;b&gt;: " in page
    assert "<b>:" not in page


def test_a_formula_is_no_program() -> None:
    assert doctest.testmod(closed).failed == 0
    for text in ("t_h.real", "open('x')", "1/0", "9**9**9", "(" * 150, "lambda: 1", "sin(1,2)"):
        with pytest.raises(MadoguchiError, match="a rate is written"):
            formula(text)(1.0)


@pytest.mark.requirement("M14")
@pytest.mark.parametrize(
    ("peer", "rows"),
    [
        ("ContactCenters (Montreal)", 4),
        ("Callcenter Simulator 6.2", 9),
        ("pyworkforce", 2),
    ],
)
def test_what_peers_published_is_held_against(peer: str, rows: int) -> None:
    found = [row for row in ROWS if peer in row.source and "published" in row.source]
    assert len(found) >= rows
