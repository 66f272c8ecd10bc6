"""Waits and handling times, in milliseconds; each wait by both clocks."""

from __future__ import annotations

from collections.abc import Callable

from metrics.measure import (
    Better,
    Family,
    Of,
    Params,
    Part,
    Unit,
    mean_of,
    measure,
    percentile_ms,
    together,
)
from metrics.tally import Sums, Waits


def _wait(key: str, ja: str, en: str, formula_ja: str, *, mean: bool = False) -> Callable[[Of], Of]:
    return measure(
        key, ja, en, Family.WAIT, Unit.MS, Better.LOWER, formula_ja, clocked=True, additive=mean
    )


def _handling(
    key: str, ja: str, en: str, formula_ja: str, unit: Unit = Unit.MS
) -> Callable[[Of], Of]:
    return measure(key, ja, en, Family.HANDLING, unit, Better.NEITHER, formula_ja)


def _answered(sums: Sums, params: Params) -> Waits:
    return sums.visits.answered_caller if params.from_answer else sums.visits.answered_waits


def _abandoned(sums: Sums, params: Params) -> Waits:
    return sums.visits.abandoned_caller if params.from_answer else sums.visits.abandoned_waits


@_wait(
    "asa",
    "平均応答時間(ASA)",
    "ASA",
    "応答した電話の待ち時間の合計 ÷ 応答数(待ち0秒も含む)",
    mean=True,
)
def asa(sums: Sums, params: Params) -> Part:
    """mean wait of the answered only, waits of zero included.

    >>> from metrics.sample import visits_of
    >>> asa(visits_of(answered=[0, 3], abandoned=[60]), Params()).value
    1500.0
    """
    return mean_of(_answered(sums, params))


def _rank(percent: int) -> None:
    def of_answered(sums: Sums, params: Params) -> Part:
        return Part(percentile_ms(_answered(sums, params), percent))

    of_answered.__doc__ = f"""the wait that {percent} % of the answered did not exceed.

    Nearest rank: always a wait that occurred.

    >>> from metrics.measures import MEASURES
    >>> from metrics.sample import visits_of
    >>> MEASURES["wait_p{percent}"].of(visits_of(answered=range(1, 101)), Params()).value
    {percent * 1000}
    """
    _wait(
        f"wait_p{percent}",
        f"待ち時間の{percent}%点",
        f"p{percent} wait",
        f"応答した電話の{percent}%が超えなかった待ち時間(順位法)",
    )(of_answered)


for _percent in (50, 90, 95):
    _rank(_percent)


@_wait(
    "wait_max",
    "最長の待ち時間(応答)",
    "longest wait of the answered",
    "応答した電話の待ち時間の最大",
)
def wait_max(sums: Sums, params: Params) -> Part:
    """the longest wait of the answered.

    >>> from metrics.sample import visits_of
    >>> wait_max(visits_of(answered=[9, 10], abandoned=[60]), Params()).value
    10000
    """
    return Part(max(_answered(sums, params), default=None))


@_wait(
    "wait_mean_all",
    "平均待ち時間(応答と放棄)",
    "mean wait of answered and abandoned",
    "応答・放棄した電話の待ち時間の合計 ÷ (応答数 + 放棄呼数)",
    mean=True,
)
def wait_mean_all(sums: Sums, params: Params) -> Part:
    """mean wait of all who were answered or gave up.

    Another figure than the ASA.

    >>> from metrics.sample import visits_of
    >>> wait_mean_all(visits_of(answered=[0, 3], abandoned=[60]), Params()).value
    21000.0
    """
    return mean_of(together(_answered(sums, params), _abandoned(sums, params)))


@_wait("wait_worst", "最長の待ち時間", "longest wait", "応答・放棄を問わず、待ち時間の最大")
def wait_worst(sums: Sums, params: Params) -> Part:
    """the longest wait of anybody who was answered or gave up.

    >>> from metrics.sample import visits_of
    >>> wait_worst(visits_of(answered=[9], abandoned=[60]), Params()).value
    60000
    """
    return Part(max(together(_answered(sums, params), _abandoned(sums, params)), default=None))


@_wait(
    "abandon_wait_mean",
    "放棄した方の平均待ち時間",
    "mean wait of the abandoned",
    "放棄した電話の待ち時間の合計 ÷ 放棄呼数",
    mean=True,
)
def abandon_wait_mean(sums: Sums, params: Params) -> Part:
    """mean wait of those who gave up.

    >>> from metrics.sample import visits_of
    >>> abandon_wait_mean(visits_of(answered=[9], abandoned=[10, 60]), Params()).value
    35000.0
    """
    return mean_of(_abandoned(sums, params))


def _abandoned_rank(percent: int, name: str, ja: str) -> None:
    def of_abandoned(sums: Sums, params: Params) -> Part:
        return Part(percentile_ms(_abandoned(sums, params), percent))

    of_abandoned.__doc__ = f"""the wait that {percent} % of those who gave up did not exceed.

    >>> from metrics.measures import MEASURES
    >>> from metrics.sample import visits_of
    >>> MEASURES["abandon_wait_{name}"].of(visits_of(abandoned=range(1, 101)), Params()).value
    {percent * 1000}
    """
    _wait(
        f"abandon_wait_{name}",
        f"放棄した方の待ち時間({ja})",
        f"{name} wait of the abandoned",
        f"放棄した電話の{percent}%が超えなかった待ち時間(順位法)",
    )(of_abandoned)


_abandoned_rank(50, "median", "中央値")
_abandoned_rank(90, "p90", "90%点")


@_wait(
    "abandon_wait_max",
    "放棄した方の最長待ち時間",
    "longest wait of the abandoned",
    "放棄した電話の待ち時間の最大",
)
def abandon_wait_max(sums: Sums, params: Params) -> Part:
    """the longest wait of those who gave up.

    >>> from metrics.sample import visits_of
    >>> abandon_wait_max(visits_of(answered=[90], abandoned=[10, 60]), Params()).value
    60000
    """
    return Part(max(_abandoned(sums, params), default=None))


# -- handling: by talk, a transferred call is one for each operator ---------------------------


@_handling(
    "handled", "対応件数", "handled", "オペレーターの通話の数(転送は人ごとに1件)", Unit.COUNT
)
def handled(sums: Sums, _: Params) -> Part:
    """talks of operators; a transferred call is one for each.

    >>> from metrics.sample import legs_of
    >>> handled(legs_of(2), Params()).value
    2
    """
    return Part(sums.legs.talks)


@_handling("transfers", "転送件数", "transfers", "オペレーターがほかへ回した通話の数", Unit.COUNT)
def transfers(sums: Sums, _: Params) -> Part:
    """talks whose caller the operator sent on, wherever to.

    >>> from metrics.tally import LegTally
    >>> transfers(Sums(legs=LegTally(talks=9, transfers=2)), Params()).value
    2
    """
    return Part(sums.legs.transfers)


@_handling("ring_mean", "平均呼び出し時間", "mean ring", "呼び出し時間の合計 ÷ 呼び出しの数")
def ring_mean(sums: Sums, _: Params) -> Part:
    """ring ÷ offers to operators, those that nobody took included.

    >>> from metrics.tally import LegTally
    >>> ring_mean(Sums(legs=LegTally(offers=2, talks=1, ring_ms=18_000)), Params()).value
    9000.0
    """
    return Part(sums.legs.ring_ms, sums.legs.offers)


@_handling("att", "平均通話時間(ATT)", "ATT", "通話時間 ÷ 対応件数(保留を除く)")
def att(sums: Sums, _: Params) -> Part:
    """talk ÷ handled (hold not included).

    >>> from metrics.sample import legs_of
    >>> att(legs_of(2, talk_s=240, hold_s=60), Params()).value
    120000.0
    """
    return Part(sums.legs.talk_ms, sums.legs.talks)


@_handling("hold_mean", "平均保留時間", "mean hold", "保留時間 ÷ 対応件数")
def hold_mean(sums: Sums, _: Params) -> Part:
    """hold ÷ handled.

    >>> from metrics.sample import legs_of
    >>> hold_mean(legs_of(2, talk_s=240, hold_s=60), Params()).value
    30000.0
    """
    return Part(sums.legs.hold_ms, sums.legs.talks)


@_handling("wrap_up_mean", "平均後処理時間", "mean wrap-up", "後処理時間 ÷ 対応件数")
def wrap_up_mean(sums: Sums, _: Params) -> Part:
    """wrap-up ÷ handled.

    >>> from metrics.sample import legs_of
    >>> wrap_up_mean(legs_of(2, wrap_up_s=20), Params()).value
    10000.0
    """
    return Part(sums.legs.wrap_up_ms, sums.legs.talks)


@_handling("aht", "平均処理時間(AHT)", "AHT", "(通話 + 保留 + 後処理) ÷ 対応件数")
def aht(sums: Sums, _: Params) -> Part:
    """(talk + hold + wrap-up) ÷ handled.

    >>> from metrics.sample import legs_of
    >>> aht(legs_of(2, talk_s=200, hold_s=20, wrap_up_s=20), Params()).value
    120000.0
    """
    legs = sums.legs
    return Part(legs.talk_ms + legs.hold_ms + legs.wrap_up_ms, legs.talks)
