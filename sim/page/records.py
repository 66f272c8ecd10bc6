"""The page's studies of the centre's own calls: the days to come, the rest of today, a scenario
fitted to what was. The command line's own code, in the same bounds as the other studies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from acd.errors import NotFound, Refused
from acd.ports_studies import Assumed, DayWanted, StudyKind, Wanted
from sim.calibrate.days import DayKind, grid
from sim.calibrate.fit import Asked, fit
from sim.forecast.coming import forecast
from sim.forecast.rest_of_day import Rest, rest_of_day
from sim.forecast.rest_seats import rest_seats
from sim.forecast.told_today import sentences
from sim.forecast.written import forecast_scenario
from sim.page.ledger import History, Ledger
from sim.page.runs import LANGUAGES, SEED, Made, Tell
from sim.report.of_fit import fit_paper, fit_scenario
from sim.report.of_forecast import forecast_paper
from sim.report.of_today import intraday_paper
from sim.report.words import say

#: How much of the work is done once the ledger is read.
_READ = 0.6
_FIRST_DAY = {"ja": "予測", "en": "forecast"}


def from_records(assumed: Assumed, wanted: Wanted, tell: Tell, ledger: Ledger | None) -> Made:
    """One of the studies of the ledger."""
    if ledger is None:
        raise NotFound(
            "there is no ledger here",
            code="no_ledger",
            ja="ここには通話記録がありません。",
        )
    return _KINDS[wanted.kind](assumed, wanted, tell, ledger)


def _forecast(_: Assumed, wanted: Wanted, tell: Tell, ledger: Ledger) -> Made:
    today = ledger.now().date()
    read = _history(wanted, tell, ledger, today - dt.timedelta(days=1))
    of = grid(read.past, wanted.period_s, read.kind_of, calendar=read.calendar)
    found = forecast(of, read.kind_of, today, wanted.ahead)
    if not any(day.total for day in found.days):
        return Made({lang: forecast_paper(found, lang) for lang in LANGUAGES})
    scenarios = {
        lang: forecast_scenario(
            found, read.past, read.kind_of, calendar=read.calendar, name=_FIRST_DAY[lang],
            lang=lang,
        )
        for lang in LANGUAGES
    }  # fmt: skip
    tell(1.0)
    return Made({lang: forecast_paper(found, lang) for lang in LANGUAGES}, scenarios=scenarios)


def _intraday(assumed: Assumed, wanted: Wanted, tell: Tell, ledger: Ledger) -> Made:
    if not 0 < assumed.sl_target < 1:
        raise Refused(
            "no service level is wanted: set one of more than 0 % and less than 100 %",
            code="no_target",
            ja="つながりやすさの目標がありません。0 %より大きく100 %より小さい目標を設定して"
            "ください。",
        )
    now = ledger.now()
    read = _history(wanted, tell, ledger, now.date())
    found = rest_of_day(
        read.past, read.kind_of, now.timestamp(), wanted.period_s, calendar=read.calendar,
        seats=wanted.seats or None, roster=ledger.roster,
    )  # fmt: skip
    seats = rest_seats(
        found.scenario, assumed.sl_target, SEED,
        lambda done, whole: tell(_READ + (1 - _READ) * done / whole),
    )  # fmt: skip
    papers = {}
    for lang in LANGUAGES:
        said = sentences(found.today, seats, ja=lang == "ja")
        papers[lang] = intraday_paper(
            found.today, seats, [*said, _seats(found, wanted, lang)], lang
        )
    return Made(papers)


def _seats(found: Rest, wanted: Wanted, lang: str) -> str:
    """Whose seats these are."""
    if wanted.seats:
        return say(
            lang, f"いまの人数は、設定した{wanted.seats}人です。",
            f"The seats are the {wanted.seats} that were set.",
        )  # fmt: skip
    if found.rostered:
        return say(
            lang,
            "人数は取り込み済みの勤務表のものです(時間帯ごとに画面の前にいる平均の人数。休憩中は"
            "数えません)。",
            "The seats are those of the roster that was taken in: the mean number at work in each "
            "interval, breaks left out.",
        )
    return say(
        lang, "勤務表がないため、人数は同じ曜日のいつもの人数です。",
        "There is no roster: the seats are those of such days so far.",
    )  # fmt: skip


def _fitted(_: Assumed, wanted: Wanted, tell: Tell, ledger: Ledger) -> Made:
    read = _history(wanted, tell, ledger, ledger.now().date() - dt.timedelta(days=1))
    asked = Asked(
        "fitted", wanted.period_s, _kind(wanted.day), wanted.day is DayWanted.BUSIEST,
        seats=wanted.seats or None,
    )  # fmt: skip
    found = fit(read.past, read.kind_of, asked, calendar=read.calendar)
    tell(1.0)
    return Made(
        {lang: fit_paper(found, read.past, lang) for lang in LANGUAGES},
        scenarios={lang: fit_scenario(found, lang) for lang in LANGUAGES},
    )


def _kind(day: DayWanted) -> DayKind | None:
    if day in (DayWanted.BUSIEST, DayWanted.ALL):
        return None
    return DayKind([each for each in DayWanted if each.value not in ("busiest", "all")].index(day))


def _history(wanted: Wanted, tell: Tell, ledger: Ledger, last: dt.date) -> History:
    first = last - dt.timedelta(weeks=wanted.weeks)
    return ledger.history(first, last, lambda done, whole: tell(_READ * done / max(1, whole)))


_KINDS: Mapping[StudyKind, Callable[[Assumed, Wanted, Tell, Ledger], Made]] = {
    StudyKind.FORECAST: _forecast,
    StudyKind.INTRADAY: _intraday,
    StudyKind.FIT: _fitted,
}
