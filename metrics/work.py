"""Operators' time and callers' satisfaction. Time counts where it was spent, not by call."""

from __future__ import annotations

from collections.abc import Callable

from agents.state import AgentState
from metrics.measure import Better, Family, Of, Params, Part, Unit, measure
from metrics.tally import Sums

_HANDLING = (AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP)


def _share(
    key: str, ja: str, en: str, formula_ja: str, better: Better = Better.NEITHER
) -> Callable[[Of], Of]:
    return measure(key, ja, en, Family.WORK, Unit.SHARE, better, formula_ja)


def _survey(
    key: str, ja: str, en: str, unit: Unit, formula_ja: str, better: Better = Better.HIGHER
) -> Callable[[Of], Of]:
    return measure(key, ja, en, Family.SURVEY, unit, better, formula_ja)


@measure(
    "logged_in",
    "勤務時間(ログイン中)",
    "time logged in",
    Family.WORK,
    Unit.MS,
    Better.NEITHER,
    "ログインしていた時間の合計",
)
def logged_in(sums: Sums, _: Params) -> Part:
    """time in every state but logged out.

    >>> from metrics.sample import time_of
    >>> logged_in(time_of(ready=10, talking=20), Params()).value
    1800000
    """
    return Part(sums.time.logged_in_ms)


@_share(
    "occupancy",
    "稼働率(対応 ÷ 対応と待機)",
    "occupancy",
    "(通話 + 保留 + 後処理) ÷ (通話 + 保留 + 後処理 + 受付可)",
)
def occupancy(sums: Sums, _: Params) -> Part:
    """(talk + hold + wrap-up) ÷ (talk + hold + wrap-up + ready).

    >>> from metrics.sample import time_of
    >>> occupancy(time_of(talking=40, wrap_up=20, ready=20), Params()).value
    0.75
    """
    handled = sums.time.in_state(*_HANDLING)
    return Part(handled, handled + sums.time.in_state(AgentState.READY))


@_share(
    "occupancy_of_paid",
    "稼働率(対応 ÷ 有償時間)",
    "occupancy of paid time",
    "(通話 + 保留 + 後処理) ÷ 勤務予定の時間",
)
def occupancy_of_paid(sums: Sums, _: Params) -> Part:
    """(talk + hold + wrap-up) ÷ paid time of the roster.

    The other use of the Japanese word.

    >>> from metrics.sample import time_of
    >>> occupancy_of_paid(time_of(planned=100, talking=40, wrap_up=20), Params()).value
    0.6
    """
    return Part(sums.time.in_state(*_HANDLING), sums.time.planned_ms)


@_share("utilisation", "利用率", "utilisation", "(通話 + 保留 + 後処理) ÷ ログインしていた時間")
def utilisation(sums: Sums, _: Params) -> Part:
    """(talk + hold + wrap-up) ÷ time logged in.

    >>> from metrics.sample import time_of
    >>> utilisation(time_of(talking=40, wrap_up=20, ready=20, not_ready=20), Params()).value
    0.6
    """
    return Part(sums.time.in_state(*_HANDLING), sums.time.logged_in_ms)


@_share(
    "adherence",
    "予定どおりの割合",
    "adherence",
    "予定どおりに過ごした時間 ÷ 勤務予定の時間",
    Better.HIGHER,
)
def adherence(sums: Sums, _: Params) -> Part:
    """planned time in which the operator did as planned ÷ planned time.

    >>> from metrics.sample import time_of
    >>> adherence(time_of(planned=480, kept=456), Params()).value
    0.95
    """
    return Part(sums.time.kept_ms, sums.time.planned_ms)


@_share(
    "shrinkage",
    "シュリンケージ(受けられない時間の割合)",
    "shrinkage",
    "(勤務予定の時間 − そのうち電話を受けられた時間) ÷ 勤務予定の時間",
    Better.LOWER,
)
def shrinkage(sums: Sums, _: Params) -> Part:
    """paid time in which no call could be taken or was handled ÷ paid time.

    >>> from metrics.sample import time_of
    >>> shrinkage(time_of(planned=480, available=360), Params()).value
    0.25
    """
    return Part(sums.time.planned_ms - sums.time.available_ms, sums.time.planned_ms)


# -- the question after the talk ---------------------------------------------------------------


@_survey("satisfaction", "満足度(5段階の平均)", "satisfaction", Unit.SCORE, "回答の合計 ÷ 回答数")
def satisfaction(sums: Sums, _: Params) -> Part:
    """sum of the answers (1 to 5) ÷ answers.

    >>> from metrics.tally import CallTally
    >>> satisfaction(Sums(CallTally(survey={5: 2, 4: 1, 2: 1})), Params()).value
    4.0
    """
    survey = sums.calls.survey
    return Part(sum(answer * n for answer, n in survey.items()), sum(survey.values()))


@_survey(
    "satisfaction_good",
    "満足の割合(4以上)",
    "share of answers 4 and 5",
    Unit.SHARE,
    "4と5の回答 ÷ 回答数",
)
def satisfaction_good(sums: Sums, _: Params) -> Part:
    """answers of 4 and 5 ÷ answers.

    >>> from metrics.tally import CallTally
    >>> satisfaction_good(Sums(CallTally(survey={5: 2, 4: 1, 2: 1})), Params()).value
    0.75
    """
    survey = sums.calls.survey
    return Part(survey.get(4, 0) + survey.get(5, 0), sum(survey.values()))


@_survey(
    "survey_answers", "回答数", "survey answers", Unit.COUNT, "質問に答えた電話の数", Better.NEITHER
)
def survey_answers(sums: Sums, _: Params) -> Part:
    """calls whose caller pressed a key after the question.

    >>> from metrics.tally import CallTally
    >>> survey_answers(Sums(CallTally(survey={5: 2, 2: 1})), Params()).value
    3
    """
    return Part(sum(sums.calls.survey.values()))


@_survey(
    "survey_rate",
    "回答率",
    "response rate",
    Unit.SHARE,
    "回答数 ÷ 質問した電話の数",
    Better.NEITHER,
)
def survey_rate(sums: Sums, _: Params) -> Part:
    """answers ÷ calls whose caller heard the question.

    >>> from metrics.tally import CallTally
    >>> survey_rate(Sums(CallTally(survey_asked=40, survey={5: 3, 2: 1})), Params()).value
    0.1
    """
    return Part(sum(sums.calls.survey.values()), sums.calls.survey_asked)
