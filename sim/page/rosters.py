"""The page's rosters: the command line's, for the calls that the sliders mean."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from acd.errors import LimitExceeded
from acd.ports_studies import Assumed, Wanted
from sim.page.case import case_of
from sim.page.load import check_load
from sim.page.runs import LANGUAGES, SEED, Made, Runs, Tell
from sim.page.told import as_set
from sim.report.of_shifts import shifts_paper
from sim.scenario_file.study_file import StudyFile
from sim.staffing.absences import common_threshold_s, numbers_of, precise_days, roster_day
from sim.staffing.cover import cover
from sim.staffing.people import assign
from sim.staffing.plannable import check_plannable
from sim.staffing.roster import RosterPlan
from sim.staffing.roster_csv import roster_csv
from sim.staffing.roster_file import read_roster_text, roster_of
from sim.staffing.roster_plots import roster_plots
from sim.staffing.roster_sheets import cover_sheet, people_sheet
from sim.staffing.shift_sentences import sentences

NAME, EXAMPLE = "roster.toml", "city-b"
PEOPLE_MAX = 500
#: How much of the work is done once there is a roster, and once absences are simulated.
_ROSTER, _ABSENT = 0.2, 0.9


def roster_values(text: str, name: str) -> dict[str, Any]:
    """What a roster file plans: ``name``, ``groups``, how many ``people`` and ``days``."""
    plan = _plan(text, name)
    return {
        "name": plan.name,
        "groups": list(plan.required),
        "people": len(plan.people),
        "days": len(plan.days),
    }


def rostered(assumed: Assumed, wanted: Wanted, tell: Tell) -> Made:
    """The roster, and what callers meet with it: who is absent is drawn; the sliders' absent
    people and seats are not its own."""
    asked = replace(assumed, absent=0)
    case = case_of(asked)
    check_plannable(case.scenario)
    plan = _plan(wanted.roster, wanted.roster_name)
    numbers = numbers_of(plan)
    check_load([case.scenario] * (len(numbers) + 1), wanted.days)
    tell(0.0)
    found = cover(plan)
    assigned = assign(plan, found.duties)
    tell(_ROSTER)
    days = precise_days(
        case.scenario, plan, found.duties, numbers, days=wanted.days, precision=0.0, seed=SEED,
        tell=lambda share: tell(_ROSTER + (_ABSENT - _ROSTER) * share),
    )  # fmt: skip
    runs = Runs(wanted.days, 1, lambda share: tell(_ABSENT + (1 - _ABSENT) * share))
    day = runs.run(StudyFile(roster_day(case.scenario, plan, found.duties), case.targets))
    threshold_s = common_threshold_s(case.scenario)
    return Made(
        {
            lang: shifts_paper(
                plan.name,
                sentences(plan, found, assigned, days, threshold_s, lang == "ja"),
                roster_plots(plan, found, lang),
                (people_sheet(plan, assigned, lang), cover_sheet(plan, found, lang)),
                as_set(asked, day, lang),
                lang,
            )
            for lang in LANGUAGES
        },
        roster_csv(plan, assigned),
    )


def _plan(text: str, name: str) -> RosterPlan:
    if not text:
        return roster_of(EXAMPLE)
    plan = read_roster_text(text, name or NAME)
    most = max(len(plan.people), *(max(numbers) for numbers in plan.required.values()))
    if most > PEOPLE_MAX:
        raise LimitExceeded(
            f"this page plans rosters of at most {PEOPLE_MAX} people; `madoguchi plan shifts` "
            "takes larger ones",
            code="scenario_beyond_page",
            ja=f"この画面で扱える勤務表は{PEOPLE_MAX}人までです。もっと大きいものは "
            "`madoguchi plan shifts` で作れます。",
        )
    return plan
