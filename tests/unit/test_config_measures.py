"""``measures.toml``: the contract as data, and every fault of it by its place."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from acd.config import load_centre
from acd.config.faults import Faults
from acd.config.measures_file import read_contract
from acd.errors import ConfigError
from metrics.contract import Contract
from tests.fakes.centre import CENTRE


def read(text: str) -> tuple[Contract, list[str]]:
    faults = Faults()
    contract = read_contract(tomllib.loads(text), faults)
    try:
        faults.raise_if_any()
    except ConfigError as error:
        return contract, [fault.path for fault in error.faults]
    return contract, []


@pytest.mark.requirement("M12")
def test_the_example_says_what_counts_without_it() -> None:
    assert load_centre(CENTRE).contract == Contract()
    assert read("") == (Contract(), [])


def test_another_contract() -> None:
    contract, faults = read(
        """
        answer_rate = "answer_rate_c"
        service_level = "sl_excl_short"
        threshold_s = 15
        [targets]
        answer_rate_c = { contract = 0.7, promise = 0.8 }
        asa = { contract = 30, promise = 20 }
        """
    )
    assert faults == []
    assert contract.headline()[:2] == ("answer_rate_c", "sl_excl_short")
    assert contract.params().threshold_ms == 15_000
    asa = contract.targets["asa"]
    assert (asa.contract, asa.promise, asa.at_least) == (30_000, 20_000, False)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('answer_rate = "asa"', "measures.toml:answer_rate"),
        ('abandonment = "answer_rate_a"', "measures.toml:abandonment"),
        ('service_level = "sl_ofered"', "measures.toml:service_level"),
        ("threshold_s = 0", "measures.toml:threshold_s"),
        ("treshold_s = 20", "measures.toml:treshold_s"),
        ("[targets]\nnonsense = { contract = 1, promise = 1 }", "measures.toml:targets.nonsense"),
        ("[targets]\nanswer_rate_a = { contract = 90, promise = 95 }",
         "measures.toml:targets.answer_rate_a"),
        ("[targets]\naht = { contract = 90, promise = 95 }", "measures.toml:targets.aht"),
        ("[targets]\nasa = { contract = nan, promise = 9 }", "measures.toml:targets.asa.contract"),
    ],
)  # fmt: skip
def test_faults_have_their_place(text: str, place: str) -> None:
    assert read(text)[1] == [place]


def test_a_new_contract_is_no_new_plan_and_a_faulty_one_refuses_the_centre(tmp_path: Path) -> None:
    centre = tmp_path / "centre"
    shutil.copytree(CENTRE, centre)
    before = load_centre(centre)
    (centre / "measures.toml").write_text("threshold_s = 10\n", encoding="utf-8")
    after = load_centre(centre)
    assert after.plan.version == before.plan.version
    assert after.contract.threshold_s == 10
    (centre / "measures.toml").unlink()
    assert load_centre(centre).contract == Contract()
    (centre / "measures.toml").write_text("threshold_s = -1\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        load_centre(centre)
