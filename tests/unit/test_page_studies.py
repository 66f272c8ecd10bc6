"""The studies of the planner's page: what is set becomes the scenario that is meant, and each kind
of study says what the command line's would."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from acd.errors import ConfigError, LimitExceeded, Refused
from acd.ports_studies import Assumed, StudyKind, Swept, Wanted
from sim.experiment.comparing import compared
from sim.experiment.days import Engine
from sim.experiment.study import Asked, Studies
from sim.experiment.workers import Here
from sim.page.as_file import as_file
from sim.page.case import case_of
from sim.page.exact import exact_paper
from sim.page.own import own_study, own_values
from sim.page.rosters import roster_values
from sim.page.runs import SEED
from sim.page.simulated import simulated
from sim.scenario_file.read import read_text

TWO = """
name = "two"
period = "30m"
threshold = "20s"
[calls.tax]
arrivals = ["60/h", "90/h"]
talk = "60s"
wrap_up = "10s"
patience = "90s"
[calls.other]
arrivals = "20/h"
talk = { kind = "lognormal", mean = "50s", scv = 0.7 }
threshold = "5s"
patience = "never"
[groups.a]
seats = [2, 3]
skills = ["tax"]
[groups.b]
seats = 2
skills = ["tax", "other"]
[targets]
service_level = "60%"
answer_rate = "none"
[people]
absence = "5%"
"""


ROSTER = """
name = "tiny"
opens_at = "09:00"
absence = "10%"
[required]
a = [2, 2]
b = [1, 2]
[shifts.short]
starts = ["09:00"]
length = "2h"
[week]
begins = 2026-11-30
days = ["mon"]
"""


def opened(text: str = TWO, **changes: object) -> Assumed:
    values = own_values(text, "two.toml")["values"]
    return Assumed("", **{**values, **changes}, own=text, own_name="two.toml")


def told(assumed: Assumed, wanted: Wanted) -> tuple[dict[str, object], list[float]]:
    """The English paper, and the shares of the work that were said to be done."""
    heard: list[float] = []
    made = simulated(assumed, wanted, heard.append)
    assert set(made["files"]) == set(made["papers"]) == {"ja", "en"}
    return made["papers"]["en"], heard


def test_what_is_not_moved_stays_as_the_file_has_it() -> None:
    given, case = read_text(TWO), case_of(opened())
    assert case.scenario == given.scenario
    assert (case.absence, case.targets) == (given.absence, given.targets)
    moved = case_of(opened(patience_s=60, aht_s=120, threshold_s=10, rate_target=0.8)).scenario
    assert [kind and kind.mean_s for each in moved.classes for kind in each.patience] == [60] * 4
    assert {each.threshold_s for each in moved.classes} == {10}


@pytest.mark.requirement("M14")
def test_what_is_taken_along_means_what_the_sliders_meant() -> None:
    assumed = opened(seats=8, absent=1, surge=1.2, aht_s=80)
    text = as_file(assumed, "ja")["text"]
    assert "# 8席のうち1人が欠けた場合" in text
    again = opened(text)
    assert (again.seats, again.absent) == (7, 0)
    assert case_of(again) == case_of(assumed)
    assert exact_paper(again, "en").answer == exact_paper(assumed, "en").answer


def test_all_that_is_too_large_for_the_page_is_said_at_once() -> None:
    large = TWO.replace('"60s"', '"9000s"').replace("seats = 2\n", "seats = 600\n")
    with pytest.raises(LimitExceeded) as wrong:
        own_study(large, "two.toml")
    assert "time per call 7,123.7 s (5 s to 3,600 s), seats 603 (1 to 500);" in wrong.value.message
    assert "席数 603席(1席から500席まで)" in wrong.value.ja
    long = TWO.replace('"two"', '"two"\nday = "744h"').replace('period = "30m"', 'period = "15m"')
    long = long.replace('["60/h", "90/h"]', '"60/h"').replace("[2, 3]", "2")
    with pytest.raises(LimitExceeded, match=r"2976 periods \(1 to 96\)"):
        own_study(long, "")


@pytest.mark.requirement("M14")
def test_a_comparison_says_what_was_changed_and_what_it_does() -> None:
    before, after = opened(), opened(seats=3, surge=1.1)
    paper, heard = told(after, Wanted(StudyKind.COMPARE, 10, before=before))
    assert paper["answer"][0].startswith(  # type: ignore[index]
        "seats 5 → 3, more or fewer calls 100 % → 110 %: the answer rate falls from"
    )
    assert [plot["title"].partition(":")[0] for plot in paper["plots"]][:2] == [  # type: ignore[attr-defined]
        "Before", "After"]  # fmt: skip
    assert heard == sorted(heard)
    assert heard[-1] == 1
    with pytest.raises(Refused, match="nothing to compare"):
        told(before, Wanted(StudyKind.COMPARE, 10, before=opened()))
    many = opened(calls=50_000)
    with pytest.raises(LimitExceeded):
        told(many, Wanted(StudyKind.COMPARE, 400, before=before))


@pytest.mark.requirement("M14")
@pytest.mark.parametrize(
    ("swept", "values", "rows"),
    [
        (Swept.SEATS, (6, 3.0), ["3", "6"]),
        (Swept.SURGE, (1, 1.25), ["100 %", "125 %"]),
        (Swept.LINES, (0, 9), ["enough", "9"]),
    ],
)
def test_one_assumption_goes_through_a_range(
    swept: Swept, values: tuple[float, ...], rows: list[str]
) -> None:
    paper, heard = told(opened(), Wanted(StudyKind.SWEEP, 10, swept=swept, values=values))
    sheet = paper["sheets"][0]  # type: ignore[index]
    assert [row[0] for row in sheet["rows"]] == rows
    assert "--" not in str(paper["answer"])
    assert len(paper["plots"]) == 1  # type: ignore[arg-type]
    assert heard[-1] == 1


@pytest.mark.requirement("M14")
def test_the_least_staff_is_found_at_the_costs_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.staffing.answer._USUAL_CALLS", 2_000)
    wanted = Wanted(StudyKind.STAFF, 10, costs="a=1,b=1.5")
    paper, heard = told(opened(), wanted)
    assert any("Meeting the targets in every interval costs" in each for each in paper["answer"])  # type: ignore[attr-defined]
    sheet = paper["sheets"][0]  # type: ignore[index]
    assert (sheet["title"], sheet["head"]) == ("People by group", ("From", "a", "b"))
    assert heard == sorted(heard)
    with pytest.raises(Refused, match='no group "c"'):
        told(opened(), replace(wanted, costs="c=1"))
    with pytest.raises(Refused) as none:
        told(opened(sl_target=0.0), wanted)
    assert none.value.code == "no_target"


@pytest.mark.requirement("M14")
def test_a_roster_is_made_for_the_calls_that_the_sliders_mean() -> None:
    assert roster_values(ROSTER, "tiny.toml") == {
        "name": "tiny", "groups": ["a", "b"], "people": 0, "days": 1}  # fmt: skip
    day = opened(TWO.replace('name = "two"', 'name = "two"\nopens_at = "09:00"'), absent=1)
    wanted = Wanted(StudyKind.SHIFTS, 10, roster=ROSTER, roster_name="tiny.toml")
    made = simulated(day, wanted, lambda share: None)
    paper = made["papers"]["en"]
    assert "people a day: short" in paper["answer"][0]
    assert sum("absent" in each for each in paper["answer"]) >= 3
    assert paper["sheets"][0]["title"] == "A day's duties"
    assert [plot["title"] for plot in paper["plots"]][:3] == [
        "Seats needed and people at the screen: a", "Seats needed and people at the screen: b",
        "A day's duties and breaks"]  # fmt: skip
    assert "missing" not in str(paper["assumptions"]), "the roster has its own absent people"
    assert made["csv"].startswith("date,operator,from,to,kind\n2026-11-30,")
    with pytest.raises(ConfigError, match="has the groups a, b, and the scenario has operators"):
        told(replace(day, own="", example="city-b", calls=100, seats=5), wanted)
    with pytest.raises(LimitExceeded, match="at most 500 people"):
        roster_values(ROSTER.replace("[2, 2]", "[501, 2]"), "")


LIVELY = (
    TWO
    + """
[menu]
length = "20s"
leaves = "5%"
[ringing]
length = "4s"
"""
)


@pytest.mark.requirement("M14")
def test_menus_and_ringing_are_played_by_the_products_own_engine() -> None:
    assumed = opened(LIVELY)
    paper, heard = told(assumed, Wanted(StudyKind.DAY, 4))
    assert any("engine: twin" in each for each in paper["method"])  # type: ignore[attr-defined]
    asked = Asked(seed=SEED, days=4, engine=Engine.TWIN)
    alone = Studies(Here()).run(case_of(assumed), asked).figure("answer_rate_a").mean
    assert alone is not None
    assert f"answer rate {100 * alone:.1f} %" in paper["answer"][0]  # type: ignore[index]
    assert heard[-1] == 1
    plain, _ = told(opened(), Wanted(StudyKind.DAY, 4))
    assert any("engine: kernel" in each for each in plain["method"])  # type: ignore[attr-defined]
    paper, _ = told(replace(assumed, seats=6), Wanted(StudyKind.COMPARE, 4, before=assumed))
    assert any("engine: twin" in each for each in paper["method"])  # type: ignore[attr-defined]
    paper, _ = told(assumed, Wanted(StudyKind.SWEEP, 4, swept=Swept.SEATS, values=(5, 6)))
    assert len(paper["sheets"][0]["rows"]) == 2  # type: ignore[index]


def test_what_a_seat_less_costs_has_the_half_width_of_the_pair() -> None:
    assumed = replace(opened(), seats=6)
    paper, _ = told(assumed, Wanted(StudyKind.DAY, 30))
    answer = [str(each) for each in paper["answer"]]  # type: ignore[attr-defined]
    said = next(each for each in answer if "seat less" in each)
    change = re.search(r"\((\d+\.\d) ± (\d+\.\d) points less\)", said)
    assert change is not None
    missing = next(each for each in answer if "more missing" in each)
    assert re.search(r"\d+\.\d % ± \d.* \(\d+\.\d ± \d+\.\d points less\)", missing)
    cases = (case_of(assumed), case_of(replace(assumed, seats=5)))
    fewer = compared(Studies(Here()), *cases, Asked(seed=SEED, days=30)).differences["sl_offered"]
    assert fewer.mean is not None
    assert fewer.half is not None
    assert change.groups() == (f"{-100 * fewer.mean:.1f}", f"{100 * fewer.half:.1f}")


@pytest.mark.parametrize("kind", [StudyKind.STAFF, StudyKind.SHIFTS])
def test_what_a_search_cannot_play_is_refused_with_a_way_on(kind: StudyKind) -> None:
    day = opened(LIVELY.replace('name = "two"', 'name = "two"\nopens_at = "09:00"'))
    with pytest.raises(Refused) as refused:
        told(day, Wanted(kind, 10, roster=ROSTER, roster_name="tiny.toml"))
    assert refused.value.code == "habits_not_planned"
    assert "[menu] and [ringing]" in refused.value.message
    assert "[menu]" in refused.value.ja


def test_the_formula_says_that_it_leaves_menus_and_ringing_out() -> None:
    assert not any("menu" in each.lower() for each in exact_paper(opened(), "en").warnings)
    paper = exact_paper(opened(LIVELY), "en")
    assert any("menu" in each and "ringing" in each for each in paper.warnings)
    assert any("Add those of the menu" in each for each in paper.answer), "nobody is in it here"
    assert any("案内" in each for each in exact_paper(opened(LIVELY), "ja").warnings)


def test_the_own_engine_takes_fewer_days_and_says_how_many() -> None:
    busy = opened(LIVELY, calls=3_000)
    with pytest.raises(LimitExceeded, match=r"product's own engine.* at most \d+ days"):
        told(busy, Wanted(StudyKind.DAY, 200))
