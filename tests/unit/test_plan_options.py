"""Every verb of the planner takes what its row in the one table says, and the documents show it."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from acd.cli.lazy import Verb
from acd.cli.plan import VERBS, app
from acd.cli.plan.takes import REASONS, TAKES, Common, Why
from acd.errors import Refused
from sim.assertions import unborne
from sim.results import Estimate
from tools.planner_options import PAGES, with_table


def test_the_table_has_every_verb_in_its_order() -> None:
    assert list(TAKES) == [verb.name for verb in VERBS]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_a_verb_takes_what_its_row_says(verb: Verb) -> None:
    taken = {name: each for each in verb.load().params for name in each.opts}
    row = TAKES[verb.name]
    assert {each for each in Common if each in taken} == {
        each for each in Common if row.takes(each)
    }
    if row.takes(Common.PRECISION):
        assert taken[Common.PRECISION].default == row.precision


def test_what_a_verb_does_without_has_a_reason_in_both_languages() -> None:
    used = {why for row in TAKES.values() for why in row.without.values()}
    assert used == set(Why) == set(REASONS)
    assert all(ja and en for ja, en in REASONS.values())


@pytest.mark.parametrize("lang", PAGES)
def test_the_documents_show_the_table(lang: str) -> None:
    text = PAGES[lang].read_text("utf-8")
    assert text == with_table(text, lang), "run `python -m tools.planner_options`"
    assert "| `rehearse` | ✓ |" in text


SIZE = ("size", "--calls", "194/h", "--aht", "240s", "--seats", "16")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def test_one_form_at_a_time_and_claims_are_read_before_the_work() -> None:
    for asked, said in ((("--json", "--csv"), "exclude each other"),
                        (("--assert", "nothing"), "is no claim")):  # fmt: skip
        for verb in (SIZE, ("run", "city-a"), ("fit", "/nowhere.csv"), ("staff", "city-a")):
            with pytest.raises(Refused, match=said):
                CliRunner().invoke(app, [*verb, *asked], catch_exceptions=False)


def test_claims_about_named_figures_hold_or_say_why() -> None:
    figures = {"税.talk_mean_s": Estimate(180.0, 6.0), "none": Estimate(None)}
    assert not unborne(["税.talk_mean_s<=3m"], figures)
    said = [each.message for each in unborne(["税.talk_mean_s > 200", "none>=0"], figures)]
    assert said == [
        "税.talk_mean_s > 200 does not hold: 180 ± 6",
        "none>=0 does not hold: no figure",
    ]
    with pytest.raises(Refused, match='did you mean "none"'):
        unborne(["nome>=1"], figures)
