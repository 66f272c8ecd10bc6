"""The page's search for the least staff: the command line's, and a study of what it finds."""

from __future__ import annotations

from collections.abc import Callable

from acd.errors import Refused
from acd.ports_studies import Assumed, Wanted
from sim.page.case import case_of
from sim.page.load import check_load
from sim.page.runs import LANGUAGES, SEED, Made, Runs, Tell
from sim.page.told import as_set
from sim.report.of_staff import around_staff, found_people, staff_paper
from sim.report.variants import variants
from sim.staffing.answer import staff
from sim.staffing.targets import parse_costs, usual

#: How much of the work each step of the search is, in order; the rest is the study of its answer.
_STEPS = {"cuts": (0.0, 0.2), "search": (0.2, 0.4), "proof": (0.4, 0.6), "check": (0.6, 0.7)}
_SEARCH = 0.7


def least(assumed: Assumed, wanted: Wanted, tell: Tell) -> Made:
    """The least staff for what is set."""
    case = case_of(assumed)
    scenario = case.scenario
    check_load([scenario], wanted.days)
    targets = usual(case)
    if not targets:
        raise Refused(
            "no target is set: set one of more than 0 % and less than 100 %",
            code="no_target",
            ja="目標がありません。0 %より大きく100 %より小さい目標を設定してください。",
        )
    answer = staff(
        scenario, targets, parse_costs(wanted.costs, scenario), seed=SEED, tell=_told(tell)
    )
    whole = variants(found_people(answer))
    runs = Runs(wanted.days, whole, lambda share: tell(_SEARCH + (1 - _SEARCH) * share))
    result, around = around_staff(answer, case, runs.run)
    return Made(
        {
            lang: staff_paper(answer, as_set(assumed, result, lang), around, lang)
            for lang in LANGUAGES
        }
    )


def _told(tell: Tell) -> Callable[[str, float], None]:
    def steps(what: str, share: float) -> None:
        low, high = _STEPS[what]
        tell(low + (high - low) * share)

    return steps
